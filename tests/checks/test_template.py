"""What is said of an app's files beside those that its template made."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from apparch.app.template_files import owned_files
from apparch.assess import Options, assess
from apparch.pages.written.examples import files_below
from apparch.report.model import Report
from apparch.repository import Repository

APP = files_below(Path(__file__).parents[2] / "snippets/app")
RECORD = ".copier-answers.yml"


def judged(changes: Mapping[str, bytes | None]) -> Report:
    """The reference app with some files changed, or removed by None, judged by TPL002 alone."""
    files = {path: content for path, content in {**APP, **changes}.items() if content is not None}
    return assess(Repository.of(files), Options(select=("TPL002",)))


def said(report: Report) -> list[tuple[str, str, str]]:
    """Where, how it stands, and what is wrong there."""
    return [(each.finding.place.path, each.state, each.finding.message.en) for each in report.results]


def test_a_file_that_is_changed_and_one_that_is_gone_are_named() -> None:
    """Each by itself, where a declaration can name it."""
    report = judged({".gitignore": APP[".gitignore"] + b"/mine\n", "docker/guard.py": None})
    assert said(report) == [
        (".gitignore", "new", "it differs from what the template made"),
        ("docker/guard.py", "new", "a file of the template is missing"),
    ]


def test_what_is_declared_to_diverge_is_accepted() -> None:
    """By its file, until its day."""
    declared = b"diverges:\n  - {file: .gitignore, reason: another tool, until: 2099-12-31}\n"
    report = judged({".gitignore": b"/mine\n", "config/apparch.yaml": declared})
    assert [(path, state) for path, state, _ in said(report)] == [(".gitignore", "waived")]


def test_the_ends_of_lines_are_the_checkouts() -> None:
    """Git for Windows ends them with two characters."""
    assert (
        said(judged({path: content.replace(b"\n", b"\r\n") for path, content in APP.items() if b"\0" not in content}))
        == []
    )


@pytest.mark.parametrize(
    ("record", "outcome"),
    [
        (None, "not applicable"),
        (APP[RECORD].replace(b"apparch.example", b"other.example"), "unknown"),
        (APP[RECORD].replace(b"v3.1.0", b"v9.9.9"), "unknown"),
        (APP[RECORD].replace(b"kind: app", b"kind: deploy"), "unknown"),
        (APP[RECORD], "kept"),
    ],
    ids=["no record", "another template", "another version", "another kind", "ours"],
)
def test_only_what_is_known_is_judged(record: bytes | None, outcome: str) -> None:
    """A template that this package does not carry has files that nobody here knows."""
    assert [each.outcome for each in judged({RECORD: record, ".gitignore": APP[".gitignore"]}).standings] == [outcome]


def test_answers_that_are_no_answers_ask_for_nothing() -> None:
    """They come from a stranger's file; what is no yes is a no."""
    asked = owned_files("3.1.0", {"database": {"x": []}, "cache": "yes"})
    assert asked is not None
    assert {"src/app/pool.py", "src/app/main.py"} & set(asked) == {"src/app/main.py"}
