"""The rules as a plugin of repo-review, run by repo-review itself."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from repo_review.processor import process
from tests.checks.examples import RULES, examples, tree

from apparch.catalogue import load_catalogue
from apparch.checks import judges
from apparch.repo_review import apparch_answers
from apparch.repository import Repository


def _written(folder: Path, repository: Repository) -> Path:
    for path in repository.files:
        content = repository.content(path)
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content if isinstance(content, bytes) else b"")
    return folder


@pytest.fixture(scope="module", name="bad")
def _bad(tmp_path_factory: pytest.TempPathFactory) -> Path:
    example = next(each for each in examples() if str(each) == "IMG015-bad")
    return _written(tmp_path_factory.mktemp("bad"), tree(example))


def test_every_judged_rule_is_a_check() -> None:
    """By its ID, in the family of its own."""
    found = {each.name: each.family for each in process(RULES / "app").results}
    assert found == {name: f"apparch-{name[:3]}" for name in judges(load_catalogue().rules)}


def test_a_broken_rule_fails_with_its_place_and_repair(bad: Path) -> None:
    """And leads to the rule's page."""
    failed = [each for each in process(bad).results if each.result is False]
    repair = load_catalogue().rules["IMG015"].repair.en
    assert [(each.name, each.url, each.err_msg) for each in failed] == [
        (
            "IMG015",
            "https://apparch.example/r/IMG015",
            f"- `docker/Dockerfile:6` python:3.12-slim has no digest\n\n{repair}",
        )
    ]


def test_a_rule_that_does_not_apply_is_skipped() -> None:
    """Rules of the Deploy repo, in an App repo."""
    deploy = {name for name, rule in load_catalogue().rules.items() if rule.owner == "deploy"}
    results = [each.result for each in process(RULES / "app").results if each.name in deploy]
    assert set(results) <= {None}


def test_a_repository_that_is_no_folder_is_read_all_the_same(bad: Path, tmp_path: Path) -> None:
    """As repo-review reads one on GitHub."""
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        for path in sorted(bad.rglob("*")):
            archive.write(path, path.relative_to(bad))
    answers = apparch_answers(zipfile.Path(tmp_path / "x.zip"))
    assert [name for name, answer in answers.items() if isinstance(answer, str)] == ["IMG015"]
