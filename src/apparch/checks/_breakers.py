"""The judges of circuit breakers: RES015 what opens one, RES016 its clock, RES017 how it stands to retries."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from apparch.app.python_source import Module, functions
from apparch.app.repo import AppRepo
from apparch.app.survey import File, answers, of_code, of_python
from apparch.checks._shared import finding
from apparch.finding import Answer

_IN_A_ROW = frozenset(
    {"pybreaker.CircuitBreaker", "aiobreaker.CircuitBreaker", "circuitbreaker.circuit", "circuitbreaker.CircuitBreaker"}
)
"""Breakers that count failures in a row and can count nothing else."""
_GO = re.compile(r"\bgobreaker\.Settings\{|\.ConsecutiveFailures\b")
_CLOCKS = frozenset({"time.time", "datetime.datetime.now", "datetime.datetime.utcnow", "time.time_ns"})
_RETRIES = frozenset({"tenacity.retry", "backoff.on_exception", "backoff.on_predicate", "stamina.retry", "retry.retry"})


def res015(app: AppRepo) -> Iterator[Answer]:
    """A breaker opens on the share of failures in a window."""
    yield from answers(app, _counting)
    yield from answers(app, _counting_in_go)


@of_python(b"pybreaker", b"aiobreaker", b"circuitbreaker")
def _counting(module: Module) -> Iterator[Answer]:
    found: list[tuple[ast.expr, str]] = [(node, module.meant(node.func)) for node in module.of(ast.Call)]
    for each in functions(module):
        found += [(node, module.meant(node)) for node in each.decorator_list if not isinstance(node, ast.Call)]
    for node, meant in found:
        if meant in _IN_A_ROW:
            yield finding(
                "RES015",
                module.place(node),
                f"{meant}는 실패율이 아니라 연이은 실패를 센다",
                f"{meant} counts failures in a row, not their share in a window",
            )


@of_code(b"gobreaker")
def _counting_in_go(file: File) -> Iterator[Answer]:
    for match in _GO.finditer(file.code):
        if match[0].endswith("{") and "ReadyToTrip" in file.code:
            continue
        yield finding(
            "RES015",
            file.spot(match.start(), match.end()),
            "gobreaker가 실패율이 아니라 연이은 실패를 센다",
            "gobreaker counts failures in a row here, not their share in a window",
        )


def res016(app: AppRepo) -> Iterator[Answer]:
    """A breaker asks no wall clock."""
    yield from answers(app, _wall_clocks)


@of_python(lowered=((re.compile(rb"class\s+\w*breaker"), b"time"),))
def _wall_clocks(module: Module) -> Iterator[Answer]:
    for each in module.of(ast.ClassDef):
        if not re.search(r"(circuit)?breaker", each.name, re.IGNORECASE):
            continue
        for node in ast.walk(each):
            if isinstance(node, ast.Call) and module.meant(node.func) in _CLOCKS:
                meant = module.meant(node.func)
                yield finding(
                    "RES016",
                    module.place(node),
                    f"{each.name}가 벽시계 {meant}로 시간을 잰다",
                    f"{each.name} measures time by the wall clock, {meant}",
                )


def res017(app: AppRepo) -> Iterator[Answer]:
    """A breaker stands inside of a retry, not around it."""
    yield from answers(app, _around)


@of_python(
    (b"breaker", frozenset({b"tenacity", b"on_exception", b"on_predicate", b"stamina"})),
    (b"breaker", re.compile(rb"retry(?<=\bretry)\b")),
)
def _around(module: Module) -> Iterator[Answer]:
    made = {
        target.id
        for each in module.of(ast.Assign)
        if isinstance(each.value, ast.Call) and module.meant(each.value.func).endswith("CircuitBreaker")
        for target in each.targets
        if isinstance(target, ast.Name)
    }
    for function in functions(module):
        outside = None
        for decorator in function.decorator_list:
            named = decorator.func if isinstance(decorator, ast.Call) else decorator
            meant = module.meant(named)
            if meant in _IN_A_ROW or meant in made:
                outside = decorator
            elif outside is not None and meant in _RETRIES:
                yield finding(
                    "RES017",
                    module.place(outside),
                    f"{function.name}: 차단기가 재시도를 감싼다",
                    f"the breaker of {function.name} stands around its retry",
                )
                break
