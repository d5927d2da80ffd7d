"""The judges of how Python libraries are told to retry: RES009, RES010 and RES021."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple

from apparch.app.python_source import Module, functions
from apparch.app.repo import AppRepo
from apparch.app.survey import answers, of_python
from apparch.checks._shared import finding
from apparch.finding import Answer
from apparch.repository import Place

_TENACITY = frozenset({"tenacity.retry", "tenacity.Retrying", "tenacity.AsyncRetrying"})
_BACKOFF = frozenset({"backoff.on_exception"})
_URLLIB3 = frozenset(
    {"urllib3.Retry", "urllib3.util.Retry", "urllib3.util.retry.Retry", "requests.adapters.Retry"}
    | {"requests.packages.urllib3.util.retry.Retry", "requests.packages.urllib3.util.Retry"}
)
_ANY = frozenset({"Exception", "BaseException"})
_STEADY = frozenset({"wait_fixed", "wait_none", "wait_random", "wait_incrementing"})
_UNBOUNDED = ("시도 횟수에 한도가 없다", "its attempts have no bound")
_AT_ONCE = ("다시 시도하기 전에 기다리지 않는다", "it does not wait before it retries")
_POLLS = frozenset({"retry_if_result", "retry_if_not_result"})


class Retry(NamedTuple):
    """What is wrong with one retry."""

    rule: str
    place: Place
    ko: str
    en: str


def res009(app: AppRepo) -> Iterator[Answer]:
    """Only transient errors are retried, and only what may be done twice."""
    yield from _of(app, "RES009")


def res010(app: AppRepo) -> Iterator[Answer]:
    """Retries back off exponentially, with jitter."""
    yield from _of(app, "RES010")


def res021(app: AppRepo) -> Iterator[Answer]:
    """A call has a bounded number of attempts."""
    yield from _of(app, "RES021")


def _of(app: AppRepo, rule: str) -> Iterator[Answer]:
    for each in answers(app, _retries):
        if each.rule == rule:
            yield finding(rule, each.place, each.ko, each.en)


@of_python(b"tenacity", (b"backoff", b"on_exception"), (b"Retry", frozenset({b"urllib3", b"requests"})))
def _retries(module: Module) -> Iterator[Retry]:
    for node in functions(module):
        for each in node.decorator_list:
            if not isinstance(each, ast.Call) and module.meant(each) == "tenacity.retry":
                yield from _tenacity(module, each, {})
    for call in module.of(ast.Call):
        if any(each.arg is None for each in call.keywords):
            continue
        meant = module.meant(call.func)
        given = {each.arg: each.value for each in call.keywords if each.arg}
        if meant in _TENACITY:
            yield from _tenacity(module, call, given)
        elif meant in _BACKOFF:
            yield from _backoff(module, call, given)
        elif meant in _URLLIB3:
            yield from _urllib3(module, call, given)


def _tenacity(module: Module, node: ast.expr, given: dict[str, ast.expr]) -> Iterator[Retry]:
    place = module.place(node)
    if "stop" not in given:
        yield Retry("RES021", place, *_UNBOUNDED)
    condition = given.get("retry")
    if _last(module, condition) in _POLLS:
        return  # it asks again until there is a result, which is no retry of an error
    if condition is None or _is_any(module, condition):
        yield Retry("RES009", place, "어떤 예외든 다시 시도한다", "it retries whatever exception there is")
    wait = given.get("wait")
    names = {_last(module, each) for each in _terms(wait)}
    if wait is None or names <= _STEADY:
        yield Retry("RES010", place, "기다리는 시간이 늘어나지 않는다", "its waits do not grow")
    elif names == {"wait_exponential"}:
        yield Retry("RES010", place, "기다리는 시간에 지터가 없다", "its waits have no jitter")


def _terms(wait: ast.expr | None) -> list[ast.expr]:
    """The parts of a sum of waits."""
    if isinstance(wait, ast.BinOp):
        return [*_terms(wait.left), *_terms(wait.right)]
    return [] if wait is None else [wait]


def _last(module: Module, expression: ast.expr | None) -> str:
    named = expression.func if isinstance(expression, ast.Call) else expression
    return module.meant(named).rpartition(".")[2]


def _is_any(module: Module, condition: ast.expr) -> bool:
    if not isinstance(condition, ast.Call) or _last(module, condition) != "retry_if_exception_type":
        return False
    return not condition.args or module.meant(condition.args[0]) in _ANY


def _backoff(module: Module, node: ast.Call, given: dict[str, ast.expr]) -> Iterator[Retry]:
    place = module.place(node)
    if not {"max_tries", "max_time"} & set(given):
        yield Retry("RES021", place, *_UNBOUNDED)
    errors = node.args[1] if len(node.args) > 1 else given.get("exception")
    if module.meant(errors) in _ANY and "giveup" not in given:
        yield Retry("RES009", place, "어떤 예외든 다시 시도한다", "it retries whatever exception there is")
    jitter = given.get("jitter")
    if node.args and module.meant(node.args[0]) == "backoff.constant":
        yield Retry("RES010", place, "기다리는 시간이 늘어나지 않는다", "its waits do not grow")
    elif isinstance(jitter, ast.Constant) and jitter.value is None:
        yield Retry("RES010", place, "기다리는 시간에 지터가 없다", "its waits have no jitter")


def _urllib3(module: Module, node: ast.Call, given: dict[str, ast.expr]) -> Iterator[Retry]:
    total = node.args[0] if node.args else given.get("total")
    if isinstance(total, ast.Constant) and total.value in (0, False):
        return
    factor = given.get("backoff_factor")
    if factor is None or (isinstance(factor, ast.Constant) and not factor.value):
        yield Retry("RES010", module.place(node), *_AT_ONCE)
    elif "backoff_jitter" not in given:
        yield Retry("RES010", module.place(node), "기다리는 시간에 지터가 없다", "its waits have no jitter")
    for key in ("allowed_methods", "method_whitelist"):
        methods = given.get(key)
        if isinstance(methods, ast.Constant) and methods.value in (None, False):
            yield Retry("RES009", module.place(node), "POST까지 다시 시도한다", "it retries every method, POST as well")
