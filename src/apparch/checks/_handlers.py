"""The judges of what answers a probe, as Python says it: PRB002 and PRB009."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from apparch.app.python_source import Function, Module, functions
from apparch.app.repo import AppRepo
from apparch.app.survey import answers, of_python
from apparch.checks._shared import finding
from apparch.finding import Answer
from apparch.repository import Place

_PROBE = re.compile(r"(/\w+)*/(live|ready|startup|livez|readyz|startupz|healthz|liveness|readiness)")
_LIVE = re.compile(r"(/\w+)*/(live|livez|liveness)")
_ASYNC = frozenset({"FastAPI", "APIRouter", "Starlette", "Quart", "Litestar", "Sanic"})
_ROUTES = frozenset({"starlette.routing.Route", "fastapi.routing.APIRoute"})
_VERBS = frozenset({"get", "route", "api_route", "head"})
_ASKS = frozenset({"execute", "ping", "fetchval", "fetchrow", "fetch_one", "scalar", "admin_command"})


class Faulty(NamedTuple):
    """What is wrong with one handler of a probe."""

    rule: Literal["PRB002", "PRB009"]
    place: Place
    ko: str
    en: str


def prb002(app: AppRepo) -> Iterator[Answer]:
    """Liveness asks no dependency."""
    return _of(app, "PRB002")


def prb009(app: AppRepo) -> Iterator[Answer]:
    """Probes are answered by the event loop, not by a thread of a pool that work may fill."""
    return _of(app, "PRB009")


def _of(app: AppRepo, rule: str) -> Iterator[Answer]:
    for each in answers(app, _handlers):
        if each.rule == rule:
            yield finding(rule, each.place, each.ko, each.en)


@of_python(b"/live", b"/ready", b"/startup", b"/healthz", escaped=True)
def _handlers(module: Module) -> Iterator[Faulty]:
    for function, path, on_a_loop in _served(module):
        if on_a_loop and isinstance(function, ast.FunctionDef) and _PROBE.fullmatch(path):
            whole = module.place(function)
            ko = f"{path}에 답하는 {function.name}가 async가 아니다"
            en = f"{function.name}, which answers {path}, is not async"
            yield Faulty("PRB009", Place(whole.path, whole.line, whole.column), ko, en)
        if _LIVE.fullmatch(path):
            for node in ast.walk(function):
                match node:
                    case ast.Call(func=ast.Attribute(attr=attr)) if attr in _ASKS:
                        asked = ast.unparse(node.func)
                        ko, en = f"{path}가 의존 서비스에 묻는다: {asked}", f"{path} asks a dependency, by {asked}"
                        yield Faulty("PRB002", module.place(node), ko, en)


def _served(module: Module) -> Iterator[tuple[Function, str, bool]]:
    """The functions that answer a path, the path, and whether an event loop would run them."""
    known = {each.name: each for each in functions(module)}
    made = {
        target.id: module.meant(each.value.func).rpartition(".")[2]
        for each in module.of(ast.Assign)
        if isinstance(each.value, ast.Call)
        for target in each.targets
        if isinstance(target, ast.Name)
    }
    for function in known.values():
        for decorator in function.decorator_list:
            match decorator:
                case ast.Call(func=ast.Attribute(value=ast.Name(id=owner), attr=verb), args=[first, *_]):
                    if verb in _VERBS and (text := module.text(first)):
                        yield function, text, made.get(owner) in _ASYNC
    for call in module.of(ast.Call):
        match call:
            case ast.Call(func=named, args=[first, ast.Name(id=name), *_]) if module.meant(named) in _ROUTES:
                if name in known and (text := module.text(first)):
                    yield known[name], text, True
