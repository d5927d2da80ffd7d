"""Which proof notices a breach: all proofs of its rule are tried, quick ones first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.breaches.asking import APPS, Proofs
from tests.breaches.judge import Judge, Verdict
from tests.breaches.places import runs

from apparch.pages.breaches import Breach

FOLDERS = ("tests", *(f"{app}tests" for app in APPS))
NOT_PROOFS = ("tests/breaches", "tests/site")
"""Tests of the runner itself, and tests that need the built site."""

READ_PROSE = (
    "tests/pages/promised/bound/",
    "tests/pages/written/test_terms.py",
    "tests/pages/promised/test_normative.py",
    "tests/pages/promised/test_parity.py",
    "tests/pages/put_out/test_readme_figures.py",
    "tests/pages/drawn/test_execution_page.py",
    "tests/pages/drawn/test_rule_pages.py",
    "tests/pages/written/test_snippets.py",
    "tests/pages/proved/test_walk.py",
    "tests/catalogue/test_rules.py",
    "tests/pages/drawn/test_contract_table.py",
    "tests/pages/drawn/test_release_flow.py",
)
"""What may notice that a sentence is untrue, what notices most first."""


@dataclass(frozen=True)
class Search:
    """What a search came to."""

    breach: Breach
    verdict: Verdict
    tried: tuple[tuple[str, int, str], ...] = ()
    """Each file that was run: its name, how many of its tests, what came of it."""
    seconds: float = field(default=0.0)


def marks_of(proofs: Proofs, folders: Iterable[str] = FOLDERS) -> dict[str, tuple[str, ...]]:
    """Every test of the project with the rules that it is marked with.

    Raises:
        RuntimeError: a test file cannot be collected.
    """
    found: dict[str, tuple[str, ...]] = {}
    for folder in folders:
        ran = proofs.collect(folder, NOT_PROOFS if folder == "tests" else copies(proofs.root, folder))
        if ran.broken:
            raise RuntimeError(f"{folder}: {ran.broken}")
        found |= ran.marks or {}
    return found


def copies(root: Path, folder: str) -> list[str]:
    """The test files of a further app that the first one has, too, and that prove there what they prove."""
    app, first = root / folder, root / APPS[0] / "tests"
    if app == first:
        return []
    own = {"test_docs.py", "test_env_example.py", "test_imports.py"}  # the same text, about the app's own files
    found = sorted(file for file in app.rglob("test_*.py") if file.name not in own)
    both = ((file, first / file.relative_to(app)) for file in found)
    return [f"tests/{one.relative_to(app)}" for one, other in both
            if other.is_file() and one.read_bytes() == other.read_bytes()]  # fmt: skip


def candidates(breach: Breach, marks: Mapping[str, tuple[str, ...]]) -> list[str]:
    """The tests that may notice a breach: the proofs of its rule, or what reads the pages."""
    if breach.prose:
        return [test for place in READ_PROSE for test in marks if test.startswith(place)]
    untouched = tuple(app for app in APPS if not any(change.path.startswith(app) for change in breach.changes))
    # An app's own tests see nothing of another one.
    elsewhere = untouched if len(untouched) < len(APPS) else ()
    return [test for test, rules in marks.items() if breach.subject in rules and not test.startswith(elsewhere)]


def search(breach: Breach, tests: Iterable[str], judge: Judge) -> Search:
    """Try tests on a breach until one turns red that is green without it: what reads files first, all at once."""
    groups: dict[tuple[bool, str], list[str]] = {}
    for test in tests:
        file = test.partition("::")[0]
        groups.setdefault((runs(test), file if runs(test) else file.partition("/")[0]), []).append(test)
    tried: list[tuple[str, int, str]] = []
    found = Verdict("green" if groups else "not tested", "", "" if groups else "no test is marked with it")
    waiting = [groups[key] for key in sorted(groups)]
    seconds = 0.0
    while waiting:
        group = waiting.pop(0)
        verdict = judge.try_on(breach, group)
        seconds += verdict.seconds
        files = sorted({test.partition("::")[0] for test in group})
        if verdict.outcome == "broken" and len(files) > 1:
            # One file that cannot be collected says nothing of the others.
            waiting[:0] = [[test for test in group if test.startswith(f"{file}::")] for file in files]
            continue
        if verdict.outcome == "noticed":
            red = verdict.test
            control = judge.control(red)
            verdict = verdict if control.outcome == "green" else control
            if control.outcome != "green" and len(group) > 1:
                # What is red anyway must not hide what is red for the breach.
                waiting.insert(0, [test for test in group if test != red])
                tried.append((red, 1, "red without the breach"))
                continue
        tried.append((" ".join(files), len(group), verdict.outcome))
        if verdict.outcome == "noticed":
            return Search(breach, verdict, tuple(tried), seconds)
        if found.outcome == "green":
            found = verdict
    return Search(breach, found, tuple(tried), seconds)
