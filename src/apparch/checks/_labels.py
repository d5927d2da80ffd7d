"""The judge of the labels of metrics: MET005."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from apparch.app.python_source import Module
from apparch.app.repo import AppRepo
from apparch.app.survey import File, answers, of_code, of_python
from apparch.checks._shared import finding
from apparch.finding import Answer
from apparch.repository import Place

_METRICS = frozenset(f"prometheus_client.{each}" for each in ("Counter", "Gauge", "Histogram", "Summary"))
_PATHS = frozenset(
    {"request.url.path", "request.path", "req.path", "request.url", "req.url", "request.full_path", "request.path_info"}
    | {"self.request.path", "request.scope['path']", "scope['path']", "str(request.url)", "str(request.url.path)"}
)
_UNBOUNDED = frozenset(
    {"user_id", "userid", "user", "username", "email", "ip", "client_ip", "remote_addr", "session_id", "request_id"}
    | {"trace_id", "order_id", "url", "query", "token", "uuid", "timestamp", "error_message"}
)
_ELSEWHERE = re.compile(
    r"\bWithLabelValues\([^)\n]*?\b(?P<go>(?:r|req|request|c\.Request)\.(?:URL\.Path|RequestURI))\b"
    r"|\.(?:inc|observe|labels|startTimer)\([^)\n]*?\b(?P<js>req(?:uest)?\.(?:path|url|originalUrl))\b"
)


def met005(app: AppRepo) -> Iterator[Answer]:
    """No label takes what a client writes, or what grows with use."""
    yield from answers(app, _in_python)
    yield from answers(app, _elsewhere)


@of_python(b"labels", b"prometheus_client")
def _in_python(module: Module) -> Iterator[Answer]:
    for node in module.of(ast.Call):
        if isinstance(node.func, ast.Attribute) and node.func.attr == "labels":
            for each in (*node.args, *(keyword.value for keyword in node.keywords)):
                if ast.unparse(each) in _PATHS:
                    yield _unbounded(module.place(each), ast.unparse(each))
        elif module.meant(node.func) in _METRICS:
            named = [each.value for each in node.keywords if each.arg == "labelnames"]
            names = [*node.args[2:3], *named, None][0]
            for each in names.elts if isinstance(names, ast.List | ast.Tuple) else ():
                if module.text(each) in _UNBOUNDED:
                    yield _unbounded(module.place(each), module.text(each) or "")


@of_code(b"WithLabelValues", b"prom-client", (b"labels", b"req"), (b"inc(", b"req"), (b"observe(", b"req"))
def _elsewhere(file: File) -> Iterator[Answer]:
    for match in _ELSEWHERE.finditer(file.code):
        key = "go" if match["go"] else "js"
        yield _unbounded(file.spot(match.start(key), match.end(key)), match[key])


def _unbounded(place: Place, said: str) -> Answer:
    return finding(
        "MET005",
        place,
        f"지표의 레이블 {said}에 값이 한없이 많다",
        f"a label of a metric takes values without bound: {said}",
    )
