"""A breach that is written wrongly is named with its file, its id and what to do, and stops no other."""

from __future__ import annotations

from pathlib import Path

import pytest

from apparch.pages.breaches import Change, read_breaches

RULES = {"IMG001": 0, "IMG002": 0, "NET001": 0}
GOOD = """\
- id: IMG001-a
  rule: IMG001
  kind: plain
  says: {ko: 가, en: a}
  changes: [{in: snippets/a, old: x, new: y, nth: 2}]
  noticed_by: tests/a.py::test_a
"""
DRIFT = GOOD.replace("rule: IMG001", "page: start/a").replace("plain", "default").replace("snippets/a", "README.md")


def read(root: Path, text: str, name: str = "IMG.yaml") -> tuple[str, ...]:
    """The problems of one file."""
    file = root / "tests/breaches" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")
    return read_breaches(root, RULES).problems


def test_a_breach_reads_as_it_was_written(tmp_path: Path) -> None:
    """Every key has its place."""
    assert read(tmp_path, GOOD) == ()
    (breach,) = read_breaches(tmp_path, RULES).all
    assert (breach.id, breach.subject, breach.kind, breach.says["en"]) == ("IMG001-a", "IMG001", "plain", "a")
    assert breach.changes == (Change("snippets/a", "x", "y", 2),)
    assert (breach.noticed_by, breach.prose, breach.allowed) == ("tests/a.py::test_a", False, False)


def test_a_sentence_can_be_made_untrue(tmp_path: Path) -> None:
    """A drift names a page, stands in prose/, has kinds of its own and may edit README files and the catalogue."""
    text = DRIFT + DRIFT.replace("-a", "-b").replace("README.md", "src/apparch/catalogue/rules/IMG.yaml")
    assert read(tmp_path, text, "prose/start.yaml") == ()
    assert [breach.prose for breach in read_breaches(tmp_path, RULES).all] == [True, True]


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("rule: IMG001", "rule: IMG009", "rule is IMG009, which the catalogue does not have; name the rule"),
        ("id: IMG001-a", "id: a", "the id must begin with its rule; write IMG001-NAME"),
        ("IMG001", "NET001", "NET001 stands in the wrong file; move it to tests/breaches/NET.yaml"),
        ("kind: plain", "kind: odd", "kind is 'odd'; write one of plain, carrier, member"),
        ("kind: plain", "kind: default", "kind is 'default'; write one of plain"),
        ("  kind: plain\n", "", "missing keys ['kind'], unknown keys []"),
        ("kind: plain", "kind: plain\n  mood: bad", "missing keys [], unknown keys ['mood']"),
        (", en: a", "", "says needs a text in ko and in en"),
        ("en: a", "en: ''", "says needs a text in ko and in en"),
        ("en: a", "en: a.", "says ends with a full stop"),
        ("[{in: snippets/a, old: x, new: y, nth: 2}]", "[]", "changes needs a list of edits"),
        ("snippets/a", "tests/a.py", "changes tests/a.py; only files below snippets/ or docs/ are the product"),
        ("snippets/a", "snippets/../tests/a.py", "changes snippets/../tests/a.py; only files below"),
        ("snippets/a", "README.md", "changes README.md; only files below snippets/ or docs/ are the product"),
        ("new: y", "new: x", "an edit is `old` and another `new`"),
        ("nth: 2", "nth: 0", "an edit is `old` and another `new`"),
        ("old: x, new: y, nth: 2", "gone: false", "an edit is `old` and another `new`"),
        ("old: x, new: y, nth: 2", "to: tests/a", "changes tests/a; only files below"),
        ("nth: 2", "after: 2", "a change needs the key `in` and only keys of"),
        ("tests/a.py::test_a", "test_a", "noticed_by is 'test_a'; write a test as PATH::NAME from the root"),
        ("kind: plain", "kind: allowed", "what a rule allows turns nothing red; take noticed_by away"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, old: str, new: str, problem: str) -> None:
    """One line with the file, the id, the fault and its repair; the breach beside it is read."""
    assert old in GOOD
    (said,) = read(tmp_path, GOOD.replace(old, new) + GOOD.replace("-a\n", "-b\n"))[:1] or ("",)
    assert said.startswith("tests/breaches/IMG.yaml: ")
    assert problem in said
    if old != "IMG001":
        assert "IMG001-b" in {breach.id for breach in read_breaches(tmp_path, RULES).all}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (GOOD + GOOD, "IMG001-a: stands in tests/breaches/IMG.yaml, too; rename one of them"),
        ("- [", "not readable as YAML"),
        ("- {id: a, id: b}", "key 'id' stands twice"),
        ("a: b", "holds dict; write a list of breaches"),
        ("- a", "is no mapping; write the keys id, rule, kind, says, changes"),
    ],
)
def test_a_file_that_is_no_list_of_breaches_is_named(tmp_path: Path, text: str, problem: str) -> None:
    """So is an id that stands twice."""
    (said,) = read(tmp_path, text)
    assert said.startswith("tests/breaches/IMG.yaml: ")
    assert problem in said
