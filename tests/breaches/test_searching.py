"""Which tests are asked about a breach of one of several apps."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tests.breaches.searching import candidates, copies
from tests.breaches.small import a_breach

from apparch.pages.breaches import Change

TESTS = ("tests/t.py::t", "snippets/app/tests/t.py::t", "snippets/observer/tests/t.py::t")
MARKS = dict.fromkeys(TESTS, ("AAA001",))


def asked(*paths: str) -> list[str]:
    """The tests that may notice a change of these files."""
    return candidates(replace(a_breach("AAA001"), changes=tuple(Change(path, gone=True) for path in paths)), MARKS)


def test_the_tests_of_another_app_are_not_asked() -> None:
    """They see nothing of it; those of the project see both."""
    assert asked("snippets/observer/src/a.py") == ["tests/t.py::t", "snippets/observer/tests/t.py::t"]
    assert asked("snippets/app/src/a.py") == ["tests/t.py::t", "snippets/app/tests/t.py::t"]


def test_of_what_belongs_to_no_app_or_to_both_every_test_is_asked() -> None:
    """None can be ruled out."""
    assert asked("snippets/deploy/a.yaml") == list(MARKS)
    assert asked("snippets/app/a.py", "snippets/observer/a.py") == list(MARKS)


def test_a_copy_of_the_first_apps_test_proves_nothing_of_its_own(tmp_path: Path) -> None:
    """One that differs does, and so does one that reads the app's own files."""
    for app, changed in (("app", "a"), ("observer", "b")):
        for name, text in (("test_same.py", "a"), ("test_changed.py", changed), ("test_docs.py", "a")):
            file = tmp_path / f"snippets/{app}/tests/unit/{name}"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, "utf-8")
    assert copies(tmp_path, "snippets/app/tests") == []
    assert copies(tmp_path, "snippets/observer/tests") == ["tests/unit/test_same.py"]
