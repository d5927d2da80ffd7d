"""The judge of bounds on what a client can make large: RES025."""

from __future__ import annotations

import re
from collections.abc import Iterator

from apparch.app.repo import AppRepo
from apparch.app.survey import File, answers, of_code, of_files
from apparch.checks._shared import finding, inner, is_for_a_person, name
from apparch.checks._started import started
from apparch.finding import Answer
from apparch.repository.roles import is_product

_GO = re.compile(r"(?<![\w.])http\.(?:ListenAndServe(?:TLS)?|Serve(?:TLS)?)\(\s*(?!\"(?:localhost|127\.0\.0\.1):)")
_DEFAULT = re.compile(r"[^\n]*,\s*nil\)")
"""The rest of a call that serves whatever packages registered by themselves."""
_SERVER = re.compile(r"\bhttp\.Server\{(?P<body>[^{}]*(?:\{[^{}]*\}[^{}]*)*)\}")
_WAIT = re.compile(r"\bRead(Header)?Timeout\b")
_WAIT_SET = re.compile(r"\.Read(Header)?Timeout\s*=")
_NGINX = re.compile(r"^[ \t]*(?P<said>client_max_body_size[ \t]+0)[ \t]*;", re.MULTILINE)


def res025(app: AppRepo) -> Iterator[Answer]:
    """Bodies, headers, time and connections have a bound."""
    yield from answers(app, _of_go)
    yield from answers(app, _of_nginx)
    for each in started(app):
        if each.run.name == "gunicorn" and "0" in each.run.option("-t", "--timeout", "--limit-request-line"):
            ko, en = "gunicorn의 한도를 0, 곧 무한으로 둔다", "gunicorn is told a limit of 0, which is none"
            yield finding("RES025", each.place, ko, en)


@of_code(b"ListenAndServe", b"http.Serve")
def _of_go(file: File) -> Iterator[Answer]:
    if not file.path.endswith(".go") or is_for_a_person(file.path):
        return
    profiles = "net/http/pprof" in file.text
    for match in _GO.finditer(file.code):
        if profiles and _DEFAULT.match(file.code, match.end()):
            continue  # what imports the profiler serves it so, to those who run the app
        said = match[0].partition("(")[0]
        ko, en = f"{said}에는 시간 한도가 없다", f"{said} has no limit of time"
        yield finding("RES025", file.spot(match.start(), match.start() + len(said)), ko, en)
    for match in _SERVER.finditer(file.code):
        if not _WAIT.search(match["body"]) and not _WAIT_SET.search(file.code):
            ko, en = "헤더를 기다리는 시간에 한도가 없다", "the wait for headers has no limit: ReadHeaderTimeout"
            yield finding("RES025", file.spot(match.start(), match.start() + len("http.Server")), ko, en)


@of_files(
    b"client_max_body_size",
    among=lambda app, path: name(path).endswith((".conf", ".conf.template")) and is_product(inner(app, path)),
)
def _of_nginx(file: File) -> Iterator[Answer]:
    for match in _NGINX.finditer(file.text):
        ko, en = "본문의 크기에 한도가 없다", "the size of bodies has no limit"
        yield finding("RES025", file.spot(match.start("said"), match.end("said")), ko, en)
