"""The template's versions: what a repository of one of them lacks, and what a wrong file is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from apparch.catalogue import load_catalogue
from apparch.template import TemplateError, home
from apparch.template.versions import Change, Versions, read_versions

THREE = """
versions:
  - version: 3.10.0
    date: 2027-03-01
    changes:
      - {id: c, level: must, kind: deploy, rules: [MAN001], files: [k8s/a.yaml], what: {ko: 다, en: c}}
  - version: 3.2.0
    date: 2027-02-01
    changes:
      - {id: b, level: may, kind: both, rules: [], files: [README.md], what: {ko: 나, en: b}}
      - {id: a, level: must, kind: app, rules: [IMG002], files: [docker/Dockerfile], what: {ko: 가, en: a}}
  - version: 3.1.0
    date: 2027-01-01
"""


@pytest.fixture
def three(tmp_path: Path) -> Versions:
    """A template of three versions."""
    (tmp_path / "versions.yaml").write_text(THREE)
    return read_versions(tmp_path)


@pytest.mark.parametrize(
    ("version", "to", "kind", "lacks"),
    [
        ("3.1.0", "", "both", ["b", "a", "c"]),
        ("v3.1.0", "v3.2.0", "both", ["b", "a"]),
        ("3.1.0", "", "app", ["b", "a"]),
        ("3.2.0", "", "deploy", ["c"]),
        ("3.10.0", "", "both", []),
        ("3.10.0", "3.1.0", "both", []),
    ],
)
def test_what_a_repository_lacks_is_what_came_after_its_version(
    three: Versions, version: str, to: str, kind: str, lacks: list[str]
) -> None:
    """Oldest first, of its own kind, up to the version that is asked for; nothing where it is newer."""
    assert [change.id for change in three.behind(version, to, kind)] == lacks


def test_a_version_that_is_not_known_is_told(three: Versions) -> None:
    """With those that are."""
    with pytest.raises(TemplateError, match=r"no version 9\.9\.9; there are 3\.10\.0, 3\.2\.0, 3\.1\.0"):
        three.behind("9.9.9")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("versions:", "version:", "needs the key versions with a list of them, newest first"),
        ("versions:", "versions: [", "not readable"),
        ("3.10.0", "3.1.5", "the versions must stand newest first, each once"),
        ("3.10.0", "newest", "newest is no version; write it like 3.1.0"),
        ("2027-03-01", "soon", "3.10.0: date must be a day like 2026-11-27, and changes a list"),
        (
            "level: must, kind: deploy",
            "level: shall, kind: deploy",
            "3.10.0: c: level is 'shall', allowed are must, may",
        ),
        ("rules: [MAN001]", "rules: []", "3.10.0: c: a change that must be followed names the rule that demands it"),
        ("k8s/a.yaml", "../a.yaml", "3.10.0: c: files needs paths from the root of a repository"),
        ("ko: 다, en: c", "ko: 다", "3.10.0: c: what needs a text in ko and in en"),
        ("id: c, level", "id: a, level", "the change a stands twice"),
    ],
)
def test_a_wrong_file_is_told_with_its_place(tmp_path: Path, old: str, new: str, message: str) -> None:
    """In one line, and never as a traceback of the parser."""
    (tmp_path / "versions.yaml").write_text(THREE.replace(old, new))
    with pytest.raises(TemplateError) as told:
        read_versions(tmp_path)
    assert message in str(told.value)


@pytest.fixture(scope="module")
def carried() -> Versions:
    """The template of this package."""
    return read_versions(home())


def test_every_rule_that_a_change_names_exists(carried: Versions) -> None:
    """A change that must be followed serves a rule that says must."""
    rules = load_catalogue().rules
    changes = [change for version in carried.all for change in version.changes]
    assert [each.id for each in changes if not set(each.rules) <= rules.keys()] == []
    assert [each.id for each in changes if not fits_its_rules(each)] == []


def fits_its_rules(change: Change) -> bool:
    """Whether the level of a change is that of its rules."""
    levels = {load_catalogue().rules[rule].level for rule in change.rules}
    return ("MUST" in levels) == (change.level == "must")
