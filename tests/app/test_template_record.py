"""The record of the template: what is read of it, and what is told of a wrong one."""

from __future__ import annotations

import pytest

from apparch.app.template_record import FILE, TemplateRecord, read_template_record
from apparch.repository import Place, Problem, Repository
from apparch.repository.nodes import Plain

GOOD = "_commit: v3.1.0\n_src_path: https://example.com/template.git\nkind: app\nname: qts\ndatabase: true\n"


def test_the_record_is_read_with_its_answers() -> None:
    """Keys with an underscore are Copier's own; places are those of the whole repository."""
    record = read_template_record(Repository.of({f"apps/qts/{FILE}": GOOD}).below("apps/qts"))
    answers: dict[str, Plain] = {"kind": "app", "name": "qts", "database": True}
    assert record == TemplateRecord("https://example.com/template.git", "v3.1.0", answers, Place(f"apps/qts/{FILE}"))
    assert (record.version, record.kind) == ("3.1.0", "app")


def test_a_repository_without_the_file_has_no_record() -> None:
    """Which is no fault of the reader's."""
    assert read_template_record(Repository.of({"README.md": ""})) is None


@pytest.mark.parametrize(("commit", "version"), [("3.1.0", "3.1.0"), ("v3.1.0-2-gabc1234", ""), ("abc1234", "")])
def test_only_a_tag_is_a_version(commit: str, version: str) -> None:
    """A commit between two tags is neither of them."""
    record = read_template_record(Repository.of({FILE: GOOD.replace("v3.1.0", commit)}))
    assert isinstance(record, TemplateRecord)
    assert (record.commit, record.version) == (commit, version)


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("a: [", 2, "not readable as YAML"),
        ("", 1, "must be one mapping of the template and the answers; let copier write it"),
        ("- a\n", 1, "must be one mapping of the template and the answers; let copier write it"),
        ("kind: app\n", 1, "_src_path is missing"),
        ("_src_path: x\n_commit: 3\n", 2, "_commit is no text"),
        ("_src_path: x\n_commit: ''\n", 2, "_commit is no text"),
    ],
)
def test_a_broken_record_is_told_with_its_place(text: str, line: int, message: str) -> None:
    """As a value, since it is the repository's fault."""
    record = read_template_record(Repository.of({FILE: text}))
    assert isinstance(record, Problem)
    assert (record.place.line, record.message.startswith(message)) == (line, True)
