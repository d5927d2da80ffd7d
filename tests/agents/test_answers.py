"""What agents are answered, without the protocol."""

from __future__ import annotations

import shutil
from dataclasses import fields
from pathlib import Path

import pytest
from tests.checks.examples import RULES

from apparch.agents import answers
from apparch.agents.answers import AnswerError, Home
from apparch.catalogue import load_catalogue

URL = "https://docs.example/"
DIFF = "--- a/docker/Dockerfile\n+++ b/docker/Dockerfile\n@@ -5,0 +6,1 @@\n+FROM python:3.12-slim\n"


@pytest.fixture(name="bad")
def _bad(tmp_path: Path) -> Path:
    """An App repo whose Dockerfile breaks one rule."""
    folder = Path(shutil.copytree(RULES / "app", tmp_path / "orders"))
    shutil.copy(RULES / "IMG015/bad/docker/Dockerfile", folder / "docker/Dockerfile")
    return folder


@pytest.mark.parametrize(
    ("question", "rule"),
    [
        ("kubectl apply in a workflow", "WFL001"),
        ("May a ConfigMap be in the App repo?", "OWN008"),
        ("latest 태그를 써도 되는가", "IMG006"),
        ("healthcheck", "PRB001"),
        ("IMG002", "IMG002"),
        ("the image runs as root", "IMG013"),
        ("재시도 횟수", "RES021"),
    ],
)
def test_a_question_finds_its_rule(question: str, rule: str) -> None:
    """In either language, by what people call it, with other words around it; among the first three."""
    assert rule in [each.id for each in answers.find_rule(question, URL, "en", 3).rules]


def test_what_is_found_is_bounded() -> None:
    """However many are asked for, and what is left off is counted."""
    found = answers.find_rule("app image deploy", URL, "en", 1_000)

    assert len(found.rules) == answers.MOST_RULES
    assert found.more > 0


def test_unknown_words_find_nothing() -> None:
    """No rule is guessed."""
    assert answers.find_rule("qwxyz", URL, "ko").rules == []


@pytest.mark.parametrize("language", ["ko", "en"])
def test_a_rule_is_told_in_full(language: str) -> None:
    """With its statement in the language that was asked for, its command and its address."""
    rule = load_catalogue().rules["IMG015"]
    told = answers.get_rule(" img015 ", URL, language)  # type: ignore[arg-type]

    assert told.statement == " ".join(rule.statement[language].split())  # type: ignore[index]
    assert (told.check, told.url) == ("apparch check --select IMG015", "https://docs.example/r/IMG015")


def test_every_rule_can_be_told() -> None:
    """None is without words, and none grows beyond what an agent can hold."""
    for rule in load_catalogue().rules:
        told = answers.get_rule(rule, URL, "en")
        assert told.statement
        assert sum(len(str(getattr(told, field.name))) for field in fields(told)) < 4_000


def test_a_wrong_id_is_answered_with_the_nearest() -> None:
    """The agent can ask again."""
    with pytest.raises(AnswerError, match=r"^IMG02 is no rule; did you mean IMG0\d\d\?$"):
        answers.get_rule("IMG02", URL, "en")


def test_a_change_is_judged_on_its_lines(bad: Path) -> None:
    """Only what the diff touches is told."""
    judged = answers.check_diff(bad, URL, "en", diff=DIFF)

    assert [(each.rule, each.path, each.line) for each in judged.findings] == [("IMG015", "docker/Dockerfile", 6)]
    assert (judged.clean, judged.kinds) == (False, ["app"])
    assert answers.check_diff(bad, URL, "en", diff=DIFF.replace("+6,1", "+60,1")).clean


def test_findings_are_bounded(bad: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A change that breaks much is told in part, with the count of the rest."""
    monkeypatch.setattr(answers, "MOST_FINDINGS", 0)
    judged = answers.check_diff(bad, URL, "en", diff=DIFF)

    assert (judged.findings, judged.more, judged.clean) == ([], 1, False)


@pytest.mark.parametrize(
    ("diff", "base", "message"),
    [
        ("", "", "give either a unified diff or a base revision"),
        (DIFF, "main", "give either a unified diff or a base revision"),
        ("words", "", "it holds no unified diff"),
        ("", "no-such-revision", "neither a file nor a revision"),
        ("", __file__, "base names a file; give a revision"),
    ],
)
def test_what_is_no_change_is_refused(bad: Path, diff: str, base: str, message: str) -> None:
    """The agent is told how to ask, and no file is opened for it."""
    with pytest.raises(AnswerError, match=message):
        answers.check_diff(bad, URL, "en", diff, base)


def test_nothing_is_written(bad: Path) -> None:
    """The repository is the same to the byte after a change was judged."""
    before = {path: path.read_bytes() for path in bad.rglob("*") if path.is_file()}
    answers.check_diff(bad, URL, "en", diff=DIFF)

    assert {path: path.read_bytes() for path in bad.rglob("*") if path.is_file()} == before


def test_files_of_both_repos_are_to_be_split() -> None:
    """Each path gets its home and the rule that says so."""
    homes = answers.owners(["src/app.py", "k8s/base/deployment.yaml"], URL)

    assert homes.paths == [
        Home("src/app.py", "app", "OWN003", "https://docs.example/r/OWN003"),
        Home("k8s/base/deployment.yaml", "deploy", "OWN008", "https://docs.example/r/OWN008"),
    ]
    assert homes.split


@pytest.mark.parametrize("count", [0, answers.MOST_PATHS + 1])
def test_paths_are_bounded(count: int) -> None:
    """None or too many are refused."""
    with pytest.raises(AnswerError, match="give between 1 and 100 paths"):
        answers.owners(["a"] * count, URL)
