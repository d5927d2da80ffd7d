"""The judges of how an app calls others: RES007 for how long, RES008 what an error is, RES011 by which client."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from apparch.app.python_source import Module
from apparch.app.repo import AppRepo
from apparch.app.survey import File, answers, of_code, of_python
from apparch.catalogue.model import Text
from apparch.checks._calling_elsewhere import endless, limited
from apparch.checks._shared import finding, is_for_a_person
from apparch.finding import Answer, Finding, Related
from apparch.repository import Place

_VERBS = frozenset({"get", "post", "put", "patch", "delete", "head", "options", "request"})
_SESSIONS = frozenset({"requests.Session", "requests.session", "requests.sessions.Session"})
_ALONE = re.compile(r"(requests|httpx)\.(get|post|put|patch|delete|head|options|request)")
_GO = re.compile(r"(?<![\w.])http\.(?:Get|Post|PostForm|Head)\(")
_TOLD = 5
"""Further places that a finding for the whole app shows."""


class Called(NamedTuple):
    """One call of another service."""

    what: Literal["for ever", "as a result", "alone", "adapter"]
    place: Place
    name: str


def res007(app: AppRepo) -> Iterator[Answer]:
    """Every call that goes out has a time limit."""
    found = answers(app, _calls)
    adapted = any(each.what == "adapter" for each in found)
    for each in found:
        if each.what == "for ever" and not (adapted and not _ALONE.fullmatch(each.name)):
            yield finding("RES007", each.place, f"{each.name}에 시간 제한이 없다", f"{each.name} has no time limit")
    yield from answers(app, _of_go)
    if not answers(app, limited):
        yield from answers(app, endless)


def res008(app: AppRepo) -> Iterator[Answer]:
    """An answer is not used before its status is looked at."""
    for each in answers(app, _calls):
        if each.what == "as a result":
            yield finding(
                "RES008",
                each.place,
                f"{each.name}의 답을 상태를 보지 않고 쓴다",
                f"the answer of {each.name} is used whatever its status",
            )


def res011(app: AppRepo) -> Iterator[Answer]:
    """Calls share a client that keeps its connections."""
    alone = sorted((each for each in answers(app, _calls) if each.what == "alone"), key=lambda each: each.place)
    if alone:
        names = ", ".join(sorted({each.name for each in alone}))
        message = Text(
            ko=f"부를 때마다 연결을 새로 연다: {names} ({len(alone)}곳)",
            en=f"each call opens a connection of its own: {names} ({len(alone)} in all)",
        )
        here = Text(ko="여기서도", en="here as well")
        related = tuple(Related(each.place, here) for each in alone[1 : _TOLD + 1])
        yield Finding("RES011", alone[0].place, message, related)


@of_python(b"requests", b"httpx", b"urllib", b"HTTPAdapter")
def _calls(module: Module) -> Iterator[Called]:
    if is_for_a_person(module.path):
        return
    sessions = {name for each in module.of(ast.Assign) if _is_session(module, each.value) for name in _targets(each)}
    if any(module.meant(base).endswith("HTTPAdapter") for each in module.of(ast.ClassDef) for base in each.bases):
        yield Called("adapter", module.place(module.tree), "")
    for node in module.of(ast.Call):
        name = _called(module, node, sessions)
        if name and _is_endless(module, node, name):
            yield Called("for ever", module.place(node), name)
        if _ALONE.fullmatch(name):
            yield Called("alone", module.place(node.func), name)
        match node.func:
            case ast.Attribute(value=ast.Call() as inner, attr="json"):
                before = _called(module, inner, sessions)
                if before and before != "urllib.request.urlopen":
                    yield Called("as a result", module.place(node), before)


def _is_session(module: Module, value: ast.expr) -> bool:
    return isinstance(value, ast.Call) and module.meant(value.func) in _SESSIONS


def _targets(node: ast.Assign) -> Iterator[str]:
    for each in node.targets:
        if isinstance(each, ast.Name | ast.Attribute):
            yield ast.unparse(each)


def _called(module: Module, node: ast.Call, sessions: set[str]) -> str:
    """The name of what a call of another service is made with; empty for any other call."""
    meant = module.meant(node.func)
    if (_ALONE.fullmatch(meant) or meant == "urllib.request.urlopen") and module.imports_as(node.func):
        return meant
    match node.func:
        case ast.Attribute(value=ast.Name() | ast.Attribute() as owner, attr=verb) if verb in _VERBS:
            return f"{ast.unparse(owner)}.{verb}" if ast.unparse(owner) in sessions else ""
    return ""


def _is_endless(module: Module, node: ast.Call, name: str) -> bool:
    given = {each.arg: each.value for each in node.keywords}
    if None in given:
        return False
    limit = given.get("timeout")
    if name.startswith("httpx."):  # it has a limit of its own
        return isinstance(limit, ast.Constant) and limit.value is None
    if name == "urllib.request.urlopen" and len(node.args) > 2:
        return False
    return limit is None or (isinstance(limit, ast.Constant) and limit.value is None)


@of_code(b"http.")
def _of_go(file: File) -> Iterator[Answer]:
    if (
        is_for_a_person(file.path)
        or not file.path.endswith(".go")
        or "DefaultClient.Timeout" in file.code
        or "http.DefaultClient =" in file.code
    ):
        return
    for match in _GO.finditer(file.code):
        name = match[0].rstrip("(")
        yield finding(
            "RES007",
            file.spot(match.start(), match.end() - 1),
            f"{name}에 시간 제한이 없다",
            f"{name} has no time limit",
        )
