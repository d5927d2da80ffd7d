"""Each repair, carried out as its rule writes it, mends a breach of that rule and breaks no other."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import tests.release.script_judges
import tests.release.workflow_judges  # noqa: F401 - both enter their judges
import yaml
from tests.breaches.workspace import carry_out
from tests.contract.trees import APP, DEPLOY
from tests.release.judges import JUDGES, verdict
from tests.release.repository import app_files

from apparch.catalogue import load_catalogue
from apparch.contract import compare
from apparch.contract.model import LINKS
from apparch.pages.breaches import Breach, Change, read_breaches
from apparch.repository import Repository

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
ENTRIES = [entry for file in sorted(HERE.glob("*.yaml")) for entry in yaml.safe_load(file.read_text("utf-8"))]
RULES = sorted(entry["rule"] for entry in ENTRIES)
CONTRACT = {rule for rules in LINKS.values() for rule in rules}
LEFT_OUT = shutil.ignore_patterns("tests", ".*_cache", "__pycache__", ".hypothesis", "*.egg-info", ".coverage*")
LITERAL = re.compile(r"`([^`]+)`")
MOVE = re.compile(r"git mv (\S+) (\S+)")


@dataclass(frozen=True)
class Repair:
    """What is done to a repository that breaks a rule, as the rule's repair says."""

    rule: str
    bad: tuple[Change, ...]
    steps: tuple[Change, ...]
    instead_of: tuple[str, ...]
    """What the repair names as the wrong form: it is not in the App repository any more."""
    by_hand: Mapping[str, str]
    """What the repair names that stands in no file, with the reason."""


@cache
def repairs() -> dict[str, Repair]:
    """Every repair by its rule."""
    breaches = {breach.id: breach for breach in read_breaches(ROOT, load_catalogue().rules).all}
    return {entry["rule"]: _repair(entry, breaches) for entry in ENTRIES}


def test_every_rule_that_files_can_break_has_a_repair_that_is_tried() -> None:
    """None that a judge or the contract judges is left out, and none is listed twice."""
    assert sorted(JUDGES.keys() | CONTRACT) == RULES


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Both reference repositories, to be broken."""
    for source in (APP, DEPLOY):
        shutil.copytree(source, tmp_path / "snippets" / source.name, ignore=LEFT_OUT)
    return tmp_path


@pytest.mark.parametrize("rule", RULES)
def test_a_repair_mends_its_rule_and_breaks_no_other(tree: Path, rule: str) -> None:
    """Before it the rule is judged broken, after it every rule that files can break is judged good."""
    repair = repairs()[rule]
    for change in repair.bad:
        carry_out(change, tree)
    assert _broken(rule, tree)
    for change in repair.steps:
        carry_out(change, tree)
    assert {} == judged(tree)


@pytest.mark.parametrize("rule", RULES)
def test_a_repair_says_what_was_done(tree: Path, rule: str) -> None:
    """Each name and line that its text recommends is in the repaired repositories, in both languages."""
    repair = repairs()[rule]
    for change in (*repair.bad, *repair.steps):
        carry_out(change, tree)
    files = {file.relative_to(tree / "snippets").as_posix(): file for file in (tree / "snippets").rglob("*")}
    texts = [_flat(file.read_text("utf-8", "replace")) for file in files.values() if file.is_file()]
    app = [_flat(text) for text in app_files(tree / "snippets/app").values()]
    moved = {(_below(change.path), _below(change.to)) for change in repair.steps if change.to}
    missing = []
    for literal in {found for text in _texts(rule) for found in LITERAL.findall(text)}:
        if literal in repair.by_hand:
            continue
        if literal in repair.instead_of:
            missing += [f"{literal} is still there"] if any(_flat(literal) in text for text in app) else []
        elif move := MOVE.fullmatch(literal):
            missing += [] if (move[1], move[2]) in moved else [f"{literal} was not done"]
        elif not _stands(literal, list(files), texts):
            missing.append(f"{literal} is nowhere")
    assert [] == missing


def test_what_is_declared_is_needed() -> None:
    """A repair declares nothing that its text does not name."""
    unneeded = [
        f"{repair.rule}: {literal}"
        for repair in repairs().values()
        for literal in (*repair.instead_of, *repair.by_hand)
        if not any(literal in LITERAL.findall(text) for text in _texts(repair.rule))
    ]
    assert [] == unneeded


def judged(tree: Path) -> dict[str, list[str]]:
    """What the judges of both kinds have against the repositories, by rule."""
    found = {rule: verdict(rule, app_files(tree / "snippets/app")) for rule in JUDGES}
    snippets = tree / "snippets"
    for finding in compare(Repository(snippets / "app"), Repository(snippets / "deploy")).findings:
        found.setdefault(finding.rule, []).append(finding.wrong)
    return {rule: wrong for rule, wrong in found.items() if wrong}


def _broken(rule: str, tree: Path) -> bool:
    return bool(verdict(rule, app_files(tree / "snippets/app"))) if rule in JUDGES else rule in judged(tree)


def _repair(entry: Mapping[str, Any], breaches: Mapping[str, Breach]) -> Repair:
    bad = breaches[entry["breach"]].changes if "breach" in entry else _changes(entry["bad"])
    return Repair(
        entry["rule"],
        bad,
        _changes(entry["steps"]),
        tuple(entry.get("instead_of", ())),
        entry.get("by_hand", {}),
    )


def _changes(entries: list[Mapping[str, Any]]) -> tuple[Change, ...]:
    return tuple(Change(path=entry["in"], **{k: v for k, v in entry.items() if k != "in"}) for entry in entries)


def _texts(rule: str) -> Iterator[str]:
    repair = load_catalogue().rules[rule].repair
    yield from (repair.ko, repair.en)


def _stands(literal: str, names: list[str], texts: list[str]) -> bool:
    wanted = _flat(re.sub(r"\{(\w+)\}", r"\1", literal))
    if any(fnmatch(f"/{name}/", f"*/{wanted.strip('/')}/*") for name in names):
        return True
    if any(wanted in text for text in texts):
        return True
    # A path of keys, as `preStop.sleep.seconds`, or a setting at one, as `strategy.type: Recreate`.
    keys = re.fullmatch(r"(\w+(?:\.\w+)+)(: \S+)?", wanted)
    return keys is not None and any(all(f"{key}:" in text for key in keys[1].split(".")) for text in texts)


def _flat(text: str) -> str:
    return " ".join(text.split())


def _below(path: str | None) -> str:
    return re.sub(r"^snippets/\w+/", "", path or "")
