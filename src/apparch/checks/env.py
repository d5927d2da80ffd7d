"""The judges of the family ENV: which variables an app lists, how, and whether its files agree."""

from __future__ import annotations

import re
from collections.abc import Iterator

from apparch.app.dependencies import uses
from apparch.app.repo import AppRepo
from apparch.app.variables import EXAMPLE, SCHEMA, examples_of, reads
from apparch.catalogue.model import Text
from apparch.checks._logging import env007
from apparch.checks._shared import finding
from apparch.finding import Answer, Edit, Finding, Related
from apparch.repository import Node, Place, Problem
from apparch.repository.dotenv import Entry, parse_dotenv
from apparch.repository.json_file import parse_json
from apparch.repository.places import spot

_SECRET_NAME = re.compile(
    r"(?:.*_)?(?:PASSWORD|PASSWD|SECRET|SECRET_KEY|TOKEN|API_KEY|APIKEY|PRIVATE_KEY|ACCESS_KEY|SECRET_ACCESS_KEY|CREDENTIALS)"
)
_CREDENTIALS = re.compile(r"[a-z][\w+.-]*://[^/\s:@]*:[^/@\s$<{]+@")
_BESIDE = re.compile(
    r"^(?P<entry>[ \t]*(?:export\s+)?[A-Za-z_]\w*=(?:[^\s'\"#]\S*)?)[ \t]+(?P<comment>#.*)$", re.MULTILINE
)
_REDIS = frozenset(
    {"redis", "aioredis", "valkey", "ioredis", "hiredis", "redis-rb", "predis/predis", "StackExchange.Redis", "bullmq"}
    | {
        "github.com/redis/go-redis/v9",
        "github.com/go-redis/redis/v8",
        "github.com/gomodule/redigo",
        "jedis",
        "lettuce-core",
    }
)


def env002(app: AppRepo) -> Iterator[Answer]:
    """Every variable that is read is listed, in one file."""
    files = examples_of(app)
    for path in files[1:]:
        if files[0].removeprefix(app.repository.prefix) == EXAMPLE:
            yield finding("ENV002", Place(path), f"{EXAMPLE} 말고 {path}도 있다", f"there is {path} beside {EXAMPLE}")
    if not files:
        yield from _unlisted(app)
        return
    entries = app.root.parsed(files[0], parse_dotenv)
    if isinstance(entries, Problem):
        return
    listed = {each.name.upper() for each in entries} | {each.upper() for each in _commented(app, files[0])}
    for read in reads(app):
        if read.name.upper() not in listed:
            told, file = read.name, files[0].removeprefix(app.repository.prefix)
            yield finding("ENV002", read.place, f"{told}이(가) {file}에 없다", f"{told} is not in {file}")


def _unlisted(app: AppRepo) -> Iterator[Answer]:
    """The keys of an app that has no list at all, told once, where the first is read."""
    found = reads(app)
    if found:
        names = [each.name for each in found]
        told = ", ".join(names[:5]) + (f" (+{len(names) - 5})" if len(names) > 5 else "")
        ko, en = f"{EXAMPLE}이 없어 {told}이(가) 어디에도 없다", f"there is no {EXAMPLE} to list {told}"
        yield finding("ENV002", found[0].place, ko, en)


def env003(app: AppRepo) -> Iterator[Answer]:
    """No comment stands behind a value."""
    for path in examples_of(app)[:1]:
        text = app.root.text(path)
        for match in _BESIDE.finditer(text) if isinstance(text, str) else ():
            place = spot(path, str(text), match.start("comment"), match.end("comment"))
            edit = Edit(path, match[0], f"{match['comment'].strip()}\n{match['entry']}")
            key = match["entry"].partition("=")[0].strip()
            once = (edit,) if str(text).count(match[0]) == 1 else ()
            yield finding(
                "ENV003", place, f"{key}의 값 뒤에 주석이 있다", f"a comment stands behind the value of {key}", *once
            )


def env004(app: AppRepo) -> Iterator[Answer]:
    """Required and secret variables have no value."""
    schema = _schema(app)
    for entry in _entries(app):
        value = entry.value.strip()
        if not value or value.startswith("#"):
            continue
        described = schema.at("properties", entry.name)
        words = set(re.findall(r"[a-z]+", entry.comment.lower()))
        required = entry.name in [each.text for each in schema.at("required").elements()]
        required = required or (not described.present and "required" in words and "optional" not in words)
        if _is_secret(entry, described, words):
            told = entry.name
            yield finding(
                "ENV004", entry.place, f"비밀 키 {told}에 값이 있다", f"the secret key {told} has a value", secret=True
            )
        elif required:
            told = entry.name
            yield finding("ENV004", entry.place, f"필수 키 {told}에 값이 있다", f"the required key {told} has a value")


def env009(app: AppRepo) -> Iterator[Answer]:
    """The list and the schema agree."""
    schema, entries = _schema(app), {each.name: each for each in _entries(app)}
    properties = schema.at("properties")
    if not properties.present or not entries or not app.has(EXAMPLE):
        return
    for name, entry in entries.items():
        described = properties.at(name)
        if not described.present:
            yield finding("ENV009", entry.place, f"{name}이(가) {SCHEMA}에 없다", f"{name} is not in {SCHEMA}")
        elif described.at("default").present and entry.value and not _same(entry.value, described.at("default")):
            message = Text(
                ko=f"{name}의 기본값이 여기서는 {entry.value}, 스키마에서는 {described.at('default')}다",
                en=f"the default of {name} is {entry.value} here and {described.at('default')} in the schema",
            )
            there = Related(described.at("default").place, Text(ko="스키마의 기본값", en="the default in the schema"))
            yield Finding("ENV009", entry.place, message, related=(there,))
    for name, _ in properties.items():
        if name not in entries:
            yield finding(
                "ENV009", properties.key(name), f"{name}이(가) {EXAMPLE}에 없다", f"{name} is not in {EXAMPLE}"
            )


def env010(app: AppRepo) -> Iterator[Answer]:
    """The schema has the port, and Redis where it is used, and no image tag."""
    schema = _schema(app)
    properties = schema.at("properties")
    for entry in _entries(app):
        if entry.name == "IMAGE_TAG" and not properties.at("IMAGE_TAG").present:
            yield finding("ENV010", entry.place, "IMAGE_TAG를 앱이 선언한다", "the app declares IMAGE_TAG")
    if not properties.present:
        return
    if properties.at("IMAGE_TAG").present:
        yield finding("ENV010", properties.key("IMAGE_TAG"), "스키마에 IMAGE_TAG가 있다", "the schema has IMAGE_TAG")
    wanted = ["SERVICE_PORT", *(["REDIS_URL"] if uses(app, _REDIS) else [])]
    for name in wanted:
        if not properties.at(name).present:
            yield finding(
                "ENV010", schema.key("properties"), f"스키마에 {name}이(가) 없다", f"the schema has no {name}"
            )


def _schema(app: AppRepo) -> Node:
    parsed = app.repository.parsed(SCHEMA, parse_json) if app.has(SCHEMA) else None
    return parsed if isinstance(parsed, Node) else Node({}, app.home, present=False)


def _entries(app: AppRepo) -> tuple[Entry, ...]:
    files = examples_of(app)
    entries = app.root.parsed(files[0], parse_dotenv) if files else ()
    return () if isinstance(entries, Problem) else entries


def _commented(app: AppRepo, path: str) -> list[str]:
    """The names that a list holds as comments: `# LOG_FILE=`."""
    text = app.root.text(path)
    return re.findall(r"^[ \t]*#\s*(?:export\s+)?([A-Za-z_]\w*)=", text, re.MULTILINE) if isinstance(text, str) else []


def _is_secret(entry: Entry, described: Node, words: set[str]) -> bool:
    if _CREDENTIALS.search(entry.value):
        return True
    if described.present and (described.at("writeOnly").present or described.at("format").text == "password"):
        return described.at("writeOnly").value is True or described.at("format").text == "password"
    if "secret" in words and "plain" not in words:
        return True
    is_plain = (
        "plain" in words
        or re.fullmatch(r"[0-9]{1,6}", entry.value.strip())
        or entry.value.strip().lower() in ("true", "false", "none", "null")
    )
    return not is_plain and bool(_SECRET_NAME.fullmatch(entry.name.upper()))


def _same(value: str, default: Node) -> bool:
    value = re.sub(r"\s+#.*", "", value)  # what ENV003 tells
    try:
        return float(value) == float(str(default))
    except ValueError:
        return value == str(default)


__all__ = ["env007"]
