"""The forking server seen from outside: start it in a workspace, ask it to run proofs, read what turned red."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

APPS = ("snippets/app/", "snippets/observer/")
"""Tests below these folders have a root and settings of their own."""

LIMIT = 180.0
"""Seconds until a run is given up; longer than the time that any single proof takes."""


@dataclass(frozen=True)
class Red:
    """A test that failed."""

    test: str
    """Its node id from the project's root."""
    rules: tuple[str, ...]
    message: str


@dataclass(frozen=True)
class Ran:
    """What came of one run of proofs."""

    red: tuple[Red, ...] = ()
    passed: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    marks: Mapping[str, tuple[str, ...]] | None = None
    """Every test that was collected, with the rules that it is marked with."""
    broken: str = ""
    """Why nothing was judged: a collection error, a wrong call, the end of time; empty where all went well."""
    seconds: float = 0.0


class Proofs:
    """A server in a workspace, to be used in a `with` statement."""

    def __init__(self, root: Path) -> None:
        self.root = root
        # What the tests' own options and the caller's settings would change must not reach a proof.
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "COV_", "GIT_"))}
        self._process = subprocess.Popen(
            [sys.executable, "-P", str(Path(__file__).with_name("server.py"))],
            cwd=root,
            env={
                **kept,
                "PYTHONPATH": str(root / "src"),
                # Only what is run without an edit may leave bytecode, and never in the tree that is judged.
                "PYTHONDONTWRITEBYTECODE": "1",
                "PYTHONPYCACHEPREFIX": f"{root}-bytecode",
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self._read()

    def __enter__(self) -> Proofs:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(timeout=30)

    def run(self, tests: Iterable[str], *, first: bool = True, edited: bool, confirm: bool = False) -> Ran:
        """Run tests of one root, by default until the first that fails; with `confirm`, translations are compared."""
        return self._pytest(list(tests), ["-x"] if first else [], edited=edited, confirm=confirm)

    def collect(self, folder: str, ignored: Sequence[str] = ()) -> Ran:
        """Every test below a folder, with its marks; nothing is run."""
        return self._pytest([folder], ["--collect-only", *(f"--ignore={each}" for each in ignored)], edited=False)

    def imports(self, modules: Sequence[str], path: Sequence[str]) -> Ran:
        """Import modules, and nothing more."""
        return self._ask({"folder": str(self.root), "modules": modules, "path": path, "limit": 60.0}, "")

    def _pytest(self, tests: Sequence[str], options: Sequence[str], *, edited: bool, confirm: bool = False) -> Ran:
        prefix = next((app for app in APPS if tests[0].startswith(app)), "")
        arguments = [*options, "--rootdir", ".", *(test.removeprefix(prefix) for test in tests)]
        if prefix:
            arguments = ["-p", "apparch.pages.proved.pytest_plugin", *arguments]
        question = {"arguments": arguments, "limit": LIMIT, "confirm": confirm, "keep_bytecode": not edited}
        return self._ask({**question, "folder": str(self.root / prefix)}, prefix)

    def _ask(self, question: Mapping[str, Any], prefix: str) -> Ran:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        answer = self._read()
        red = tuple(Red(prefix + each["id"], tuple(each["rules"]), each["message"]) for each in answer.get("red", []))
        return Ran(
            red=red,
            passed=tuple(prefix + test for test in answer.get("passed", []) if isinstance(test, str)),
            skipped=tuple(prefix + test for test in answer.get("skipped", [])),
            marks={prefix + test: tuple(rules) for test, rules in answer.get("items", {}).items()},
            broken=answer.get("broken", ""),
            seconds=answer["seconds"],
        )

    def _read(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the server of proofs died with {self._process.wait()}")
        answer: dict[str, Any] = json.loads(line)
        return answer
