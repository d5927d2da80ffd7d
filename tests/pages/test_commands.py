"""The maintainers' commands: what they do, say and return."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
import yaml
from tests.pages.small import write_snippet

from apparch.catalogue.editions import current
from apparch.pages.__main__ import main
from apparch.pages.proofs import BreachProof, Proofs, RuleProof, write
from apparch.pages.proved.tree_digest import tree_digest


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository with one page in two languages."""
    write_snippet(tmp_path, "mkdocs.yml", "site_url: https://docs.example\n")
    write_snippet(tmp_path, "docs/start/a.md", "# 가\n\n## 나 {#b}\n")
    write_snippet(tmp_path, "docs/start/a.en.md", "# A\n\n## B {#b}\n")
    return tmp_path


def test_confirming_says_what_it_confirmed(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each place that is confirmed is printed and recorded."""
    assert 0 == main(["--root", str(root), "confirm", "start/a#b"])

    assert "confirmed start/a#b\n" == capsys.readouterr().out
    assert ["start/a#b"] == list(yaml.safe_load((root / "docs/translations.yaml").read_text("utf-8")))


def test_publishing_says_what_is_new(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each new ID is printed once."""
    assert 0 == main(["--root", str(root), "publish"])
    first = capsys.readouterr().out
    assert 0 == main(["--root", str(root), "publish"])

    assert "published start/a#b\n" in first
    assert "" == capsys.readouterr().out


def test_a_wrong_page_is_one_line(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A mistake is told on standard error without a traceback."""
    write_snippet(root, "docs/start/a.md", "# 가\n\nABC001\n\n## 나 {#b}\n")

    assert 1 == main(["--root", str(root), "expand", str(root / "build")])
    assert (
        "apparch: docs/start/a.md:3: ABC001: no such rule in the catalogue; correct the ID or add the rule\n"
        == capsys.readouterr().err
    )


def test_an_unknown_place_is_one_line(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A place that does not exist is told without a traceback."""
    assert 1 == main(["--root", str(root), "confirm", "start/x"])
    assert "apparch: start/x: no such page, section or rule\n" == capsys.readouterr().err


def test_parts_of_a_run_become_one_record(root: Path) -> None:
    """The records of the parts are merged into one file."""
    for name in ("a", "b"):
        write(Proofs((), {"IMG002": (RuleProof(name, "run", "passed"),)}, recorded=True), root / f"{name}.json")

    assert 0 == main(["merge-proofs", str(root / "a.json"), str(root / "b.json"), "--into", str(root / "all.json")])
    assert ["a", "b"] == [proof.test for proof in Proofs.read(root / "all.json").rules["IMG002"]]


def test_an_older_record_counts_for_the_same_files_alone(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What a benchmark saw is left out, and that is said, as soon as a file differs."""
    subprocess.run(["git", "init", "--quiet", root], check=True)
    noticed = (BreachProof("IMG002-again", "IMG002", "t", "passed"),)
    old, joined = root / "build/old.json", root / "build/all.json"
    (root / ".gitignore").write_text("/build/\n", "utf-8")
    write(Proofs(recorded=True, breaches=noticed, tree=tree_digest(root)), old)
    arguments = ["--root", str(root), "merge-proofs", str(old), "--into", str(joined)]

    assert (0, noticed) == (main(arguments), Proofs.read(joined).breaches)
    (root / "README.md").write_text("Changed\n", "utf-8")
    assert (0, ()) == (main(arguments), Proofs.read(joined).breaches)
    assert f"{old}: left out, the files have changed since it was recorded\n" == capsys.readouterr().err


def test_an_edition_is_recorded_once(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The rules of today go into a file named by their edition, and nothing else is ever written over it."""
    folder = root / "src/apparch/catalogue/recorded"
    folder.mkdir(parents=True)
    arguments = ["--root", str(root), "record-edition", "--date"]

    assert (0, 1) == (main([*arguments, "2026-12-01"]), main([*arguments, "2026-12-02"]))
    said = capsys.readouterr()
    assert f"src/apparch/catalogue/recorded/{current().name}.json\ndocs/editions.yaml\n" == said.out
    assert "what is published does not change" in said.err


def test_an_unknown_command_is_a_wrong_call() -> None:
    """A call that nobody understands returns 2."""
    with pytest.raises(SystemExit) as ended:
        main(["nonsense"])

    assert 2 == ended.value.code
