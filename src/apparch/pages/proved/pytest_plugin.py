"""The pytest plugin that records what a run proved: each rule's tests, each code block's judge."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from apparch.catalogue import load_catalogue
from apparch.pages.errors import PageError
from apparch.pages.proofs import STRENGTH, BlockProof, BreachProof, Proofs, RuleProof, write
from apparch.pages.proved.run_of_now import run_of_now
from apparch.pages.proved.what_ran import Observer

BLOCK, RULES, RAN, BREACH = "apparch-block", "apparch-rules", "apparch-ran", "apparch-breach"
UNKNOWN = pytest.StashKey[str]()
OBSERVER = pytest.StashKey[Observer]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that names the record's file."""
    parser.addoption("--proofs", type=Path, help="write what this run proved to this file")
    parser.addoption("--quick", action="store_true", help="leave out what is marked long, and say so in the record")


def pytest_configure(config: pytest.Config) -> None:
    """Register the recorder where a record is asked for."""
    config.addinivalue_line("markers", "rule(*ids): the rules of the catalogue that this test proves")
    config.addinivalue_line("markers", "long: what --quick leaves out")
    config.addinivalue_line("markers", "xdist_group(name): tests that one worker runs")
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(_Recorder(config), "apparch-recorder")
    if config.getoption("--proofs"):
        config.stash[OBSERVER] = Observer()
        config.stash[OBSERVER].start()
        config.pluginmanager.register(config.stash[OBSERVER], "apparch-observer")


@pytest.hookimpl(tryfirst=True)  # xdist puts the groups into the tests' ids, and later marks come too late for it.
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Attach to each item what it will prove; a rule that does not exist ends the run."""
    catalogue = load_catalogue()
    for item in items:
        block = _block(item)
        if block:
            item.user_properties.append((BLOCK, asdict(block)))
            # One worker judges all that stands in one file, so that what its blocks share is done once.
            item.add_marker(pytest.mark.xdist_group(block.origin.partition(":")[0]))
            if block.kind == "walk":
                item.add_marker(pytest.mark.long)
        rules = [rule for marker in item.iter_markers("rule") for rule in marker.args]
        unknown = [rule for rule in rules if rule not in catalogue.rules]
        if unknown:
            message = f"{item.nodeid}: marked with {unknown[0]}, which is no rule of the catalogue"
            if not hasattr(config, "workerinput"):
                raise pytest.UsageError(message)
            item.stash[UNKNOWN] = message
        elif rules:
            # xdist lengthens the ids of grouped tests later on, so that the test's own id travels along.
            item.user_properties.append((RULES, [(item.nodeid, rule) for rule in dict.fromkeys(rules)]))
    if config.getoption("--quick"):
        config.hook.pytest_deselected(items=[item for item in items if item.get_closest_marker("long")])
        items[:] = [item for item in items if not item.get_closest_marker("long")]


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Fail a test that names no rule where the run could not be ended: a worker that ends takes its message along."""
    if UNKNOWN in item.stash:
        pytest.fail(item.stash[UNKNOWN], pytrace=False)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Note what a test ran, where a record is asked for."""
    observer = item.config.stash.get(OBSERVER, None)
    if observer is None or not any(key == RULES for key, _ in item.user_properties):
        return (yield)
    with observer.test(item) as kind:
        try:
            return (yield)
        finally:
            item.user_properties.append((RAN, kind))


def _block(item: pytest.Item) -> BlockProof | None:
    example = getattr(item, "example", None)
    parsed = getattr(example, "parsed", None)
    from apparch.pages.written.blocks import Block

    if not isinstance(parsed, Block):
        return None
    from apparch.pages.proved.judges.choice import judge_of

    try:
        judge = judge_of(parsed, item.config.rootpath)
        name, kind = judge.name, judge.kind
    except PageError:
        name, kind = "", parsed.language
    return BlockProof(parsed.page, parsed.page_language, kind, parsed.digest, parsed.origin, name, "")


class _Recorder:
    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._blocks: dict[str, dict[str, Any]] = {}
        self._rules: dict[str, list[tuple[str, str]]] = {}
        self._ran: dict[str, str] = {}
        self._breaches: dict[str, list[str]] = {}
        self._outcomes: dict[str, str] = {}
        self._skips: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        for key, value in report.user_properties:
            if key == BLOCK and isinstance(value, dict):
                self._blocks[report.nodeid] = value
            elif key == RULES and isinstance(value, (list, tuple)):
                self._rules[report.nodeid] = [(str(test), str(rule)) for test, rule in value]
            elif key == RAN and isinstance(value, (list, tuple)):
                self._ran[report.nodeid] = str(value[0])
            elif key == BREACH and isinstance(value, (list, tuple)):
                self._breaches[report.nodeid] = [str(part) for part in value]
        if report.when == "call" or report.outcome != "passed":
            before = self._outcomes.get(report.nodeid)
            # An expected failure is reported as skipped: either way nothing was proved.
            self._outcomes[report.nodeid] = "failed" if "failed" in (before, report.outcome) else report.outcome
            if report.skipped:
                self._skips.append(report.nodeid)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        file: Path | None = self._config.getoption("--proofs")
        if file:
            write(self._record(), file)
        if os.environ.get("CI") and self._skips and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if os.environ.get("CI") and self._skips:
            terminalreporter.section("skipped, which CI does not accept", red=True)
            for nodeid in self._skips:
                terminalreporter.line(nodeid)

    def _record(self) -> Proofs:
        prefix = self._prefix()
        rules: dict[str, list[RuleProof]] = defaultdict(list)
        for nodeid, named in self._rules.items():
            kind = self._ran.get(nodeid, STRENGTH[-1])
            for test, rule in named:
                rules[rule].append(RuleProof(prefix + test, kind, self._outcomes.get(nodeid, "skipped")))
        blocks = [
            BlockProof(**{**block, "outcome": self._outcomes.get(nodeid, "skipped")})
            for nodeid, block in self._blocks.items()
        ]
        breaches = tuple(
            BreachProof(breach, rule, test, self._outcomes.get(nodeid, "skipped"))
            for nodeid, (breach, rule, test) in self._breaches.items()
        )
        proved = {rule: tuple(tests) for rule, tests in rules.items()}
        runs = (run_of_now(self._config.rootpath, quick=self._config.getoption("--quick")),)
        return Proofs(tuple(blocks), proved, recorded=True, breaches=breaches, runs=runs)

    def _prefix(self) -> str:
        """What stands before a test's id so that it reads from the repository's root."""
        root = self._config.rootpath
        above = next((parent for parent in root.parents if (parent / "mkdocs.yml").is_file()), None)
        return f"{root.relative_to(above).as_posix()}/" if above else ""
