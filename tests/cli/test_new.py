"""`apparch new`: what it makes, and what it says where it makes nothing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from apparch.cli import main


@pytest.fixture(autouse=True)
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder that the command is called in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_it_makes_a_repository_and_says_where_to_begin(empty: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With what was answered on record, the source as a URL that means the same everywhere, and Git begun."""
    assert main(["new", "shop", "--data", "cache=yes", "--data", "language=en", "--lang", "en"]) == 0
    first, then = capsys.readouterr().out.splitlines()
    files = [each for each in (empty / "shop").rglob("*") if each.is_file() and ".git" not in each.parts]
    assert (first, then) == (f"shop: {len(files)} files from template 3.1.0", "next: shop/docs/README.md")
    assert yaml.safe_load((empty / "shop/.copier-answers.yml").read_text("utf-8")) == {
        "_commit": "v3.1.0",
        "_src_path": "https://apparch.example/template.git",
        "cache": True,
        "database": False,
        "description": "An app of this architecture",
        "kind": "app",
        "language": "en",
        "name": "shop",
    }
    assert (empty / "shop/.git/HEAD").read_text("utf-8") == "ref: refs/heads/main\n"


def test_within_a_repository_it_begins_no_other(empty: Path) -> None:
    """What is made there belongs to the one around it; the docs are in the language of who makes it."""
    subprocess.run(["git", "init", "--quiet"], check=True)
    assert main(["new", "shop", "--directory", "apps/shop", "--lang", "ko"]) == 0
    assert not (empty / "apps/shop/.git").exists()
    assert "## 준비" in (empty / "apps/shop/docs/README.md").read_text("utf-8")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["Shop"], "Validation error for question 'name': up to 40 lower-case letters, digits and single dashes"),
        (["shop-" + 36 * "x"], "Validation error for question 'name': up to 40 lower-case letters"),
        (["shop", "--deploy", "--data", "project=-x"], "Validation error for question 'project': up to 40"),
        (["shop", "--directory", "full"], "full is not empty; name another folder with --directory"),
        (["shop", "--directory", "full/file"], "full/file is a file; name another folder with --directory"),
        (["shop", "--directory", "full/file/shop"], "full/file is a file; name another folder with --directory"),
        (["shop", "--data", "databse=yes"], "the template does not ask for 'databse'; it asks for kind, name,"),
        (["shop", "--data", "database=perhaps"], "database=perhaps: answer yes or no"),
        (["shop", "--data", "language=de"], "Invalid choice for 'language': 'de' is not in ['ko', 'en']"),
        (["shop", "--data", "description="], "Validation error for question 'description': one line of up to 100"),
        (["shop", "--data", "kind=deploy"], "--data kind: that is said by NAME and --deploy"),
        (["shop", "--data", "cache"], "'cache' is no QUESTION=ANSWER"),
        (["shop", "--template", "nowhere"], "repository 'nowhere' does not exist"),
        (["shop", "--template", "ext::sh -c date"], "ext::sh -c date is no address of a Git repository"),
    ],
)
def test_a_wrong_call_is_told_and_makes_nothing(
    arguments: list[str], told: str, empty: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In one line, with what to do about it."""
    (empty / "full").mkdir()
    (empty / "full/file").touch()
    with pytest.raises(SystemExit) as ended:
        main(["new", *arguments])
    said = capsys.readouterr().err.splitlines()[-1]
    assert (ended.value.code, told in said, sorted(each.name for each in empty.rglob("*"))) == (
        2,
        True,
        ["file", "full"],
    ), said


@pytest.mark.parametrize(
    ("missing", "told"), [("copier", "pip install 'apparch[template]'"), ("git", "git is not installed")]
)
def test_what_it_needs_and_lacks_is_told(
    missing: str, told: str, empty: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Copier comes with an extra, git from the system."""
    if missing == "git":
        monkeypatch.setenv("PATH", "")
    else:
        monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(SystemExit):
        main(["new", "shop"])
    assert told in capsys.readouterr().err
    assert list(empty.iterdir()) == []
