"""What a breach's proof says of it: noticed, blind, broken, or not tested at all."""

from __future__ import annotations

import ast
import json
import subprocess
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import yaml
from tests.breaches.asking import Proofs, Ran
from tests.breaches.workspace import CannotEdit, Workspace

from apparch.pages.breaches import Breach

Outcome = Literal["noticed", "green", "broken", "not tested"]

APPS = ("snippets/app", "snippets/observer")
"""The reference App repositories, whose package must still be importable after an edit of its code."""


@dataclass(frozen=True)
class Verdict:
    """What a breach's proofs said."""

    outcome: Outcome
    """`green` is what a blind proof says of a breach, and a right one of what is allowed."""
    test: str = ""
    """The test that turned red."""
    message: str = ""
    """What it said, or why there is no verdict."""
    seconds: float = 0.0


class Judge:
    """Proofs, run in one workspace with and without a breach."""

    def __init__(self, workspace: Workspace, proofs: Proofs) -> None:
        self._workspace = workspace
        self._proofs = proofs
        self._controls: dict[str, Verdict] = {}

    def noticed(self, breach: Breach) -> Verdict:
        """Whether the breach's own proof turns red, and for the right reason."""
        assert breach.noticed_by is not None
        control = self.control(breach.noticed_by)
        if control.outcome != "green":
            return control
        return self.try_on(breach, [breach.noticed_by])

    def lets_pass(self, breach: Breach, tests: list[str]) -> Verdict:
        """Whether proofs that are green without an edit stay so with it."""
        ran = self._proofs.run(tests, edited=False)
        control = _control(ran, " ".join(tests))
        return self.try_on(breach, tests) if control.outcome == "green" else control

    def lets_all_pass(self, breach: Breach, tests: list[str]) -> Verdict:
        """The same for proofs of several roots, file by file; the first verdict that is not green, if any."""
        groups: dict[str, list[str]] = {}
        for test in tests:
            groups.setdefault(test.partition("::")[0], []).append(test)
        verdicts = (self.lets_pass(breach, group) for group in groups.values())
        return next((verdict for verdict in verdicts if verdict.outcome != "green"), Verdict("green"))

    def control(self, test: str) -> Verdict:
        """What a proof says of the project as it stands; asked once."""
        if test not in self._controls:
            self._controls[test] = _control(self._proofs.run([test], edited=False), test)
        return self._controls[test]

    def try_on(self, breach: Breach, tests: list[str]) -> Verdict:
        """Run proofs of one root on the broken project, until the first that turns red."""
        broken = self._broken_files(breach)
        if broken:
            return Verdict("broken", "", broken)
        with self._workspace.broken_by(breach):
            ran = self._importable(breach)
            if not ran.broken:
                ran = self._proofs.run(
                    _whole(tests) if breach.places else tests,
                    first=not breach.places,
                    edited=True,
                    confirm=breach.prose or any(change.path.startswith("docs/") for change in breach.changes),
                )
        return _verdict(breach, tests, ran)

    def _broken_files(self, breach: Breach) -> str:
        """What the edits make unreadable; a proof that fails for that reason has judged nothing."""
        readable = {change.path: _unreadable(self._workspace.root / change.path) == "" for change in breach.changes}
        try:
            with self._workspace.broken_by(breach):
                for change in breach.changes:
                    error = _unreadable(self._workspace.root / (change.to or change.path))
                    if error and readable[change.path]:
                        return f"{change.path} cannot be read any more: {error}"
        except CannotEdit as error:
            return str(error)
        return ""

    def _importable(self, breach: Breach) -> Ran:
        for app in APPS:
            edited = [change.to or change.path for change in breach.changes if change.path.startswith(f"{app}/src/")]
            source = self._workspace.root / app / "src"
            names = [_module(path.removeprefix(f"{app}/src/")) for path in edited if path.endswith(".py")
                     and (self._workspace.root / path).is_file() and not path.endswith("__main__.py")]  # fmt: skip
            if edited:
                packages = [folder.name for folder in source.iterdir() if (folder / "main.py").is_file()]
                ran = self._proofs.imports([*(f"{name}.main" for name in packages), *names], [str(source)])
                if ran.broken:
                    return ran
        return Ran()


def _control(ran: Ran, test: str) -> Verdict:
    if not (ran.broken or ran.red or ran.skipped) and ran.passed:
        return Verdict("green", test, "", ran.seconds)
    why = ran.broken or (ran.red and f"{ran.red[0].test}: {ran.red[0].message}") or "it was skipped"
    return Verdict("not tested", test, f"not green without the breach: {why}", ran.seconds)


def _verdict(breach: Breach, tests: list[str], ran: Ran) -> Verdict:
    subject = [red for red in ran.red if breach.prose or breach.subject in red.rules]
    if ran.broken and not subject:
        return Verdict("broken", "", ran.broken, ran.seconds)
    if not ran.red:
        return Verdict("green" if ran.passed else "not tested", "", "" if ran.passed else "skipped", ran.seconds)
    if not subject:
        return Verdict("broken", ran.red[0].test, f"it is not marked with {breach.subject}", ran.seconds)
    if breach.places:
        wanted = [red for red in subject if red.test in tests]
        missed = _places_missed(breach, wanted[0].message if wanted else "")
        others = [red.test for red in ran.red if red.test not in tests]
        if not wanted or missed or others:
            return Verdict("green", "", f"places not named: {missed}; red beside it: {others}", ran.seconds)
        subject = wanted
    return Verdict("noticed", subject[0].test, subject[0].message, ran.seconds)


def _places_missed(breach: Breach, message: str) -> list[str]:
    """The places that a message lacks; two of them must stand in one line, or the finding relates nothing."""
    missed = [place for place in breach.places if not _line_names(message, place)]
    together = any(sum(_line_names(line, place) for place in breach.places) >= 2 for line in message.splitlines())
    return missed if missed or together or len(breach.places) < 2 else ["no line names two of them"]


def _line_names(line: str, place: str) -> bool:
    where, _, text = place.partition(" | ")
    sides = [side.lstrip().partition(" | ") for side in line.replace("\n", " <> ").split(" <> ")]
    return any(side_where == where and text.strip() in side_text for side_where, _, side_text in sides)


def _whole(tests: list[str]) -> list[str]:
    """The test functions, with all their parameters."""
    return list(dict.fromkeys(test.partition("[")[0] for test in tests))


def _module(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _python(text: str) -> None:
    ast.parse(text)


def _yaml(text: str) -> None:
    for _ in yaml.parse(text, Loader=yaml.CSafeLoader):
        pass


def _shell(text: str) -> None:
    done = subprocess.run(["bash", "-n"], input=text, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ValueError(done.stderr.strip())


READERS: dict[str, Callable[[str], object]] = {
    ".py": _python, ".yaml": _yaml, ".yml": _yaml, ".json": json.loads, ".toml": tomllib.loads, ".sh": _shell,
}  # fmt: skip


def _unreadable(file: Path) -> str:
    reader = READERS.get(file.suffix)
    if not reader or not file.is_file():
        return ""
    try:
        reader(file.read_text("utf-8"))
    except (ValueError, SyntaxError, yaml.YAMLError) as error:
        return " ".join(str(error).split())
    return ""
