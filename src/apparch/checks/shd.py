"""The judges of the family SHD: how an app ends."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from apparch.app.python_source import Module
from apparch.app.repo import AppRepo
from apparch.app.survey import answers, of_python
from apparch.checks._pods import shd011
from apparch.checks._shared import finding
from apparch.finding import Answer

_OTHERS = frozenset(
    {"SIGPIPE", "SIGUSR1", "SIGUSR2", "SIGALRM", "SIGCHLD", "SIGCLD", "SIGPROF", "SIGVTALRM", "SIGWINCH"}
)
"""Signals that end nothing."""


def shd006(app: AppRepo) -> Iterator[Answer]:
    """No handler replaces the server's for a signal that ends the process."""
    yield from answers(app, _handled)


@of_python(b"signal")
def _handled(module: Module) -> Iterator[Answer]:
    for node in module.of(ast.Call):
        if module.meant(node.func) != "signal.signal":
            continue
        sent = module.meant(node.args[0]) if node.args else ""
        if sent.rpartition(".")[2] not in _OTHERS:
            told = ast.unparse(node.args[0]) if node.args else "signal"
            yield finding(
                "SHD006", module.place(node), f"signal.signal로 {told}을(를) 받는다", f"signal.signal takes {told}"
            )


__all__ = ["shd011"]
