"""The section of AGENTS.md, and the command that writes it."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from tests.checks.examples import RULES

from apparch.agents.section import BEGIN, END, SectionError, into, section
from apparch.catalogue import load_catalogue
from apparch.cli import main
from apparch.kinds import Kinds, Part

APP, DEPLOY = Part("app", "", ()), Part("deploy", "", ())
URL = "https://docs.example"
SECTION = f"{BEGIN}\nrules\n{END}"


@pytest.fixture(name="repository")
def _repository(tmp_path: Path) -> Path:
    """A clean App repo."""
    return Path(shutil.copytree(RULES / "app", tmp_path / "orders"))


@pytest.mark.parametrize(("part", "other"), [(APP, "deploy"), (DEPLOY, "app")])
def test_a_repository_is_led_to_its_own_rules(part: Part, other: str) -> None:
    """Every rule that is linked binds its kind of repository, and every family that holds such a rule is there."""
    text = section(Kinds((part,)), URL, "en")
    families = set(re.findall(r"^- \[([A-Z]{3})\]", text, re.MULTILINE))
    rules = load_catalogue().rules.values()

    assert families == {rule.id[:3] for rule in rules if rule.owner != other}
    assert [rule.id for rule in rules if f"/r/{rule.id})" in text and rule.owner == other] == []


@pytest.mark.parametrize("language", ["ko", "en"])
def test_rules_are_pointed_to_and_not_restated(language: str) -> None:
    """No statement of a rule stands in the section, which stays short."""
    text = section(Kinds((APP, DEPLOY)), URL, language)  # type: ignore[arg-type]

    statements = [rule.statement[language] for rule in load_catalogue().rules.values()]  # type: ignore[index]
    assert [statement for statement in statements if statement in text] == []
    assert len(text.splitlines()) < 80
    assert "https://docs.example/r/PLT001" in text


@pytest.mark.parametrize(
    ("before", "state", "after"),
    [
        (None, "missing", f"{SECTION}\n"),
        ("", "outdated", f"{SECTION}\n"),
        ("# Mine\n", "outdated", f"# Mine\n\n{SECTION}\n"),
        (f"# Mine\n\n{BEGIN}\nold\n{END}\n\nMore.\n", "outdated", f"# Mine\n\n{SECTION}\n\nMore.\n"),
        (f"# Mine\n\n{SECTION}\n\nMore.", "current", f"# Mine\n\n{SECTION}\n\nMore."),
        (f"{BEGIN}\r\nrules\r\n{END}\r\n", "current", f"{BEGIN}\r\nrules\r\n{END}\r\n"),
    ],
)
def test_only_what_is_between_the_marks_changes(before: str | None, state: str, after: str) -> None:
    """A section is put where one is, else at the end; what is right stays as it is, line endings too."""
    outcome = into(before, SECTION)

    assert (outcome.state, outcome.text) == (state, after)
    assert into(outcome.text, SECTION).state == "current"


@pytest.mark.parametrize("text", [BEGIN, f"{END}\n{BEGIN}\n", f"{SECTION}\n{SECTION}\n", f"- {BEGIN}\n{END}\n"])
def test_marks_that_make_no_section_are_refused(text: str) -> None:
    """Nothing is guessed where a file could be damaged."""
    with pytest.raises(SectionError, match="once each, in this order"):
        into(text, SECTION)


def test_writing_again_changes_nothing(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The first time the file is made, the second time it is left alone, and the check agrees from then on."""
    command = ["export", "agents", str(repository)]

    assert main([*command, "--check"]) == 1
    assert [main(command), main(command), main([*command, "--check"])] == [0, 0, 0]
    said = capsys.readouterr()
    assert said.out.splitlines() == ["AGENTS.md: written", "AGENTS.md: unchanged"]
    assert said.err == "AGENTS.md: is not there; run apparch export agents\n"


def test_an_edited_section_is_outdated(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The check ends with 1 and leaves the file alone."""
    main(["export", "agents", str(repository)])
    file = repository / "AGENTS.md"
    file.write_text(edited := file.read_text("utf-8").replace("IMG", "GMI"), "utf-8")
    capsys.readouterr()

    assert main(["export", "agents", str(repository), "--check"]) == 1
    assert capsys.readouterr().err == "AGENTS.md: holds no section of this version; run apparch export agents\n"
    assert file.read_text("utf-8") == edited


def test_the_new_file_breaks_no_rule(repository: Path) -> None:
    """An App repo with the section is as clean as before."""
    main(["export", "agents", str(repository)])

    assert main(["check", str(repository)]) == 0


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\xff\xfe", "AGENTS.md: it is not UTF-8"),
        (BEGIN.encode(), "AGENTS.md: needs <!-- apparch:begin --> and <!-- apparch:end --> once each"),
    ],
)
def test_a_file_that_cannot_take_it_is_refused(
    repository: Path, content: bytes, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """In one line, and the file stays as it was."""
    (repository / "AGENTS.md").write_bytes(content)

    with pytest.raises(SystemExit) as ended:
        main(["export", "agents", str(repository)])
    assert (ended.value.code, message in capsys.readouterr().err) == (2, True)
    assert (repository / "AGENTS.md").read_bytes() == content


def test_a_link_is_not_followed(repository: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What lies outside the repository is not written to."""
    (tmp_path / "elsewhere.md").write_text("mine", "utf-8")
    (repository / "AGENTS.md").symlink_to(tmp_path / "elsewhere.md")

    with pytest.raises(SystemExit):
        main(["export", "agents", str(repository)])
    assert "AGENTS.md: it is no plain file" in capsys.readouterr().err
    assert (tmp_path / "elsewhere.md").read_text("utf-8") == "mine"


def test_what_is_neither_kind_is_a_wrong_call(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Unless --kind says what it is."""
    with pytest.raises(SystemExit):
        main(["export", "agents", str(tmp_path), "--lang", "en"])
    assert "this is neither an App repo nor a Deploy repo" in capsys.readouterr().err
    assert main(["export", "agents", str(tmp_path), "--kind", "deploy", "--file", "-"]) == 0
