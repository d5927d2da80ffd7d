"""What a test ran, observed while it ran: the kind of proof that it is."""

from __future__ import annotations

import inspect
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

import pytest

from apparch.pages.proofs import STRENGTH

JUDGING_PROGRAMS = frozenset(
    (
        *("actionlint", "amtool", "check-jsonschema", "hadolint", "kubeconform", "lychee", "mypy"),
        *("promtool", "ruff", "shellcheck", "shfmt", "uv", "zizmor"),
    )
)
JUDGING_LIBRARIES = ("apparch.pages.proved.judges", "detect_secrets", "jsonschema", "kubernetes_validate")
JUDGING_PACKAGES = {"apparch.checks": "check", "apparch.assess": "check", "apparch.contract": "contract"}
# They show what is in a repository, and say nothing about it.
SHOWING_PROGRAMS = frozenset({"git", "helm", "kubectl"})
PRODUCT_FOLDERS = {"src", "docker"}


class Observer:
    """Sees what tests and their fixtures start, from `start` on, for as long as the interpreter lives."""

    def __init__(self) -> None:
        self._watched: list[set[str]] = []
        self._by_fixture: dict[str, set[str]] = defaultdict(set)

    def start(self) -> None:
        """Begin to see; an audit hook cannot be taken away again."""
        sys.addaudithook(self._hear)

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: pytest.FixtureDef[Any]) -> Iterator[None]:
        """Keep what a fixture starts for every test that uses it, not only for the first."""
        with self._watch(self._by_fixture[f"{fixturedef.baseid}::{fixturedef.argname}"]):
            return (yield)

    @contextmanager
    def test(self, item: pytest.Item) -> Iterator[list[str]]:
        """Watch a test; the list holds its kind once it ended."""
        started: set[str] = set()
        kind: list[str] = []
        with self._watch(started):
            try:
                yield kind
            finally:
                for fixture in _fixtures(item):
                    started |= self._by_fixture[f"{fixture.baseid}::{fixture.argname}"]
                kind.append(strongest(started | set(_in_process(item))))

    @contextmanager
    def _watch(self, into: set[str]) -> Iterator[None]:
        self._watched.append(into)
        try:
            yield
        finally:
            self._watched.pop()

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self._watched and event == "subprocess.Popen":
            kind = kind_of_program(arguments[0], arguments[1])
            for into in self._watched:
                into.add(kind)


def strongest(kinds: Iterable[str]) -> str:
    """The kind that shows most among those that were seen."""
    return min((*kinds, STRENGTH[-1]), key=STRENGTH.index)


def kind_of_program(executable: object, arguments: object) -> str:
    """What starting a program proves: most run the product, a few judge it, and what only shows files is nothing."""
    words = [str(word) for word in arguments] if isinstance(arguments, (list, tuple)) else [str(arguments)]
    name = Path(str(executable or (words or [""])[0])).name
    if name.startswith("python") and words[1:2] == ["-m"]:
        name = words[2]
    if name in JUDGING_PROGRAMS or (name == "git" and "check-ignore" in words):
        return "tool"
    return "reference" if name in SHOWING_PROGRAMS else "run"


def _fixtures(item: pytest.Item) -> Iterator[pytest.FixtureDef[Any]]:
    known = getattr(getattr(item, "_fixtureinfo", None), "name2fixturedefs", {})
    for definitions in known.values():
        yield from definitions


def _in_process(item: pytest.Item) -> Iterator[str]:
    """The kinds of what the code of a test and of its fixtures names, helpers of the tests followed."""
    root = item.config.rootpath
    functions = [getattr(item, "function", None), *(fixture.func for fixture in _fixtures(item))]
    waiting: list[object] = [function for function in functions if function is not None]
    seen: set[int] = set()
    while waiting:
        value = waiting.pop()
        if id(value) in seen:
            continue
        seen.add(id(value))
        name = value.__name__ if isinstance(value, ModuleType) else getattr(value, "__module__", None)
        if isinstance(name, str):
            yield _kind_of_module(name, root)
            if _is_of_the_tests(name, root):
                waiting += _named_by(value)


def _is_of_the_tests(name: str, root: Path) -> bool:
    file = getattr(sys.modules.get(name), "__file__", None)
    if not file or not Path(file).is_relative_to(root):
        return False
    return not {"src", "site-packages"} & set(Path(file).relative_to(root).parts)


def _named_by(value: object) -> Iterator[object]:
    if isinstance(value, type):
        yield from vars(value).values()
    for attribute in ("func", "fget", "__func__", "__wrapped__"):
        yield getattr(value, attribute, None)
    function = inspect.unwrap(value) if inspect.isfunction(value) else None
    if function is not None:
        for code in _codes(function.__code__):
            for name in code.co_names:
                if name in function.__globals__:
                    yield function.__globals__[name]


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes(constant)


def _kind_of_module(name: str, root: Path) -> str:
    for package, kind in JUDGING_PACKAGES.items():
        if f"{name}.".startswith(f"{package}."):
            return kind
    if any(f"{name}.".startswith(f"{library}.") for library in JUDGING_LIBRARIES):
        return "tool"
    file = getattr(sys.modules.get(name), "__file__", None)
    if name.startswith("apparch.") or not file or not Path(file).is_relative_to(root):
        return "reference"
    folders = set(Path(file).relative_to(root).parts[:-1])
    return "run" if PRODUCT_FOLDERS & folders and "site-packages" not in folders else "reference"
