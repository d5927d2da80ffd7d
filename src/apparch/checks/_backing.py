"""The judges of what an app keeps its state in: TWF003 how that is reached, TWF005 that it is no file beside it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from apparch.app.python_source import Module
from apparch.app.repo import AppRepo
from apparch.app.survey import answers, of_python
from apparch.checks._shared import finding, is_for_a_person
from apparch.finding import Answer

_CLIENTS = re.compile(
    r"(redis|valkey|aioredis|asyncpg|psycopg2?|pymongo|motor|pymysql|aiomysql|MySQLdb|pika|aio_pika|aiokafka|kafka"
    r"|confluent_kafka|elasticsearch|opensearchpy|sqlalchemy|celery|nats|aiormq|memcache|pymemcache)([.].+)?"
)
_KEYS = frozenset(
    {"host", "hostname", "url", "dsn", "broker", "backend", "broker_url", "bootstrap_servers", "uri", "conninfo"}
)
_LOOPBACK = re.compile(
    r"(?:[a-z][a-z0-9+.-]*://(?:[^@/\s]*@)?)?(?:localhost|127\.0\.0\.1|\[?::1\]?)(?::\d+)?(?:[/?].*)?"
)
_SQLITE = re.compile(r"sqlite(\+\w+)?:///(?!:memory:)(?!/?tmp/)(?P<file>[^?\s]+)")
_STORES = frozenset({"shelve.open", "tinydb.TinyDB"})
_WRITES = re.compile(r"\s*(INSERT|UPDATE|DELETE|REPLACE|CREATE TABLE)\b", re.IGNORECASE)
_SQL_STORES = frozenset({"sqlite3.connect", "aiosqlite.connect"})


def twf003(app: AppRepo) -> Iterator[Answer]:
    """Databases, brokers and caches are named by variables, on this machine too."""
    yield from answers(app, _fixed)


@of_python(b"localhost", b"127.0.0.1", b"::1", escaped=True)
def _fixed(module: Module) -> Iterator[Answer]:
    if is_for_a_person(module.path):
        return
    for node in module.of(ast.Call):
        if not _CLIENTS.fullmatch(module.meant(node.func)):
            continue
        given = [*node.args[:1], *(each.value for each in node.keywords if each.arg in _KEYS)]
        for each in given:
            text = module.text(each)
            if text is not None and _LOOPBACK.fullmatch(text):
                what = module.meant(node.func)
                shown = re.sub(r"//[^@/]*@", "//", text)
                yield finding(
                    "TWF003",
                    module.place(each),
                    f"{what}의 주소 {shown}을(를) 환경변수로 바꿀 수 없다",
                    f"the address {shown} of {what} is fixed, no variable names it",
                )


def twf005(app: AppRepo) -> Iterator[Answer]:
    """No state that survives is kept in a file beside the process."""
    yield from answers(app, _kept)


@of_python(b"sqlite", b"shelve", b"tinydb")
def _kept(module: Module) -> Iterator[Answer]:
    if is_for_a_person(module.path):
        return
    writes = any(_WRITES.match(text) for _, text in module.texts)
    for node in module.of(ast.Call):
        meant, text = module.meant(node.func), module.text(node.args[0]) if node.args else None
        if not text:
            continue
        made = meant.rpartition(".")[2] in ("create_engine", "create_async_engine") and meant.startswith("sqlalchemy")
        file = _SQLITE.fullmatch(text) if made else None
        local = meant in _SQL_STORES and writes and not re.search(r":memory:|mode=(ro|memory)|^/?tmp/", text)
        if file or local or meant in _STORES:
            said = file["file"] if file else text
            yield finding(
                "TWF005",
                module.place(node),
                f"상태를 프로세스 옆의 파일 {said}에 둔다",
                f"it keeps state in the file {said} beside the process",
            )
