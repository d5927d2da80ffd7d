"""What a rule's page tells a reader to do in a repository of one's own."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest
from tests.pages.small import a_page, a_rule, a_site, write_snippet

from apparch.catalogue import Review, Text
from apparch.catalogue.model import Applies
from apparch.cli import main
from apparch.cli.run import build_parser
from apparch.pages.drawn import commands, rule_use
from apparch.pages.errors import PageError
from apparch.pages.expand import expand
from apparch.pages.written.site import Site, load_site
from apparch.repository import Repository
from apparch.waivers import read_waivers

ROOT = Path(__file__).parents[3]

real = load_site(ROOT)


def judged(root: Path) -> Site:
    """A site of one rule that has examples."""
    write_snippet(root, "snippets/rules/IMG002/cases.yaml", 'bad: {base: none, finds: ["a b:1"]}\ngood: {base: none}\n')
    write_snippet(root, "snippets/rules/IMG002/bad/a b", "1\n")
    write_snippet(root, "snippets/rules/IMG002/good/a b", "2\n")
    return a_site(root)


def words(command: str) -> list[str]:
    """What a shell makes of a command."""
    return shlex.split(command.replace("\\\n", " "))


def test_every_command_is_one_that_the_tool_has(monkeypatch: pytest.MonkeyPatch) -> None:
    """In an App repo beside its Deploy repo the parser takes each command of each rule, with the rule where it is."""
    monkeypatch.chdir(ROOT / "snippets/app")
    seen = dict.fromkeys(commands.KINDS, 0)
    for rule in real.catalogue.rules.values():
        for kind, written in commands.KINDS.items():
            command = written(rule, real)
            if command:
                options = build_parser().parse_args(words(command)[1:])
                seen[kind] += 1
                assert {"check": ("check", (rule.id,)), "compare": ("contract", None), "waive": ("waive", rule.id)}[
                    kind
                ] == (options.command, getattr(options, "select", None) or getattr(options, "rule", None))

    assert all(seen.values())


def test_the_command_that_waives_is_taken(tmp_path: Path) -> None:
    """Typed as the page shows it, it writes a waiver that can be read, even of a path with a blank."""
    command = commands.waive(a_rule("IMG002"), judged(tmp_path))
    assert command
    arguments = [str(tmp_path) if word == "." else word for word in words(command)[1:]]

    assert 0 == main(arguments)
    waivers, faults = read_waivers(Repository(tmp_path))
    assert ([("IMG002", "a b")], []) == ([(waiver.rule, waiver.path) for waiver in waivers], faults)


@pytest.mark.parametrize("directive", ["check IMG002", "compare IMG001", "waive IMG002", "mend IMG002", "check XYZ001"])
def test_a_command_that_judges_nothing_is_refused(directive: str) -> None:
    """A rule that no tree and no comparison is judged by has no command to show."""
    page = a_page(f"[[command: {directive}]]", "start/check")
    with pytest.raises(PageError, match=f"command: {directive}"):
        expand(page, a_site(Path("no-such-folder"), page))


def test_a_judged_rule_says_how_to_check_and_waive(tmp_path: Path) -> None:
    """Both commands stand in blocks of their own."""
    of = judged(tmp_path)
    rule = of.catalogue.rules["IMG002"]

    assert "[[command: check IMG002]]" in rule_use.check(rule, "en", of)
    assert "[[command: waive IMG002]]" in rule_use.waive(rule, "en", of)


def test_a_compared_rule_is_checked_by_the_comparison() -> None:
    """A rule of the contract names the command that compares two repositories."""
    rule = real.catalogue.rules["ENV011"]

    assert "[[command: compare ENV011]]" in rule_use.check(rule, "en", real)


def test_a_rule_that_shows_only_in_a_run_has_no_command() -> None:
    """It leads to its proof, and says what a breach means in a review instead of how to waive it."""
    of = a_site(Path("no-such-folder"))
    rule = of.catalogue.rules["IMG002"]

    assert "[The proof below](#proof)" in rule_use.check(rule, "en", of)[2]
    assert rule_use.waive(rule, "en", of)[2].endswith("it is a MUST rule: A breach blocks the review.")


def test_a_reviewed_rule_shows_its_question() -> None:
    """A rule for people shows what the reviewer asks and why no machine can."""
    review = Review(Text("맞는가?", "Is it right?"), Text("뜻의 문제다.", "It is a matter of meaning."))
    text = "\n".join(rule_use.check(a_rule(proof="review", review=review), "en", a_site(Path("no-such-folder"))))

    assert "ask [the question below](#review) in a review" in text
    assert "## The reviewer's question {#review}\n\n> Is it right?\n\nIt is a matter of meaning.\n" in text


@pytest.mark.parametrize(
    ("applies", "told"),
    [
        (Applies(), ["Any language, whatever files there are."]),
        (Applies(languages=("python", "go")), ["Only apps written in Python or Go."]),
        (Applies(files=("*.yml",)), ["Only repos that hold a file like `*.yml`; without one the checker answers"]),
    ],
)
def test_what_it_applies_to_is_told_from_its_data(applies: Applies, told: list[str]) -> None:
    """The kind of repository, then languages and files, then what it leaves alone."""
    items = [line[2:] for line in rule_use.applies(a_rule(applies=applies), "en") if line.startswith("- ")]

    assert "App repos, and the App part of a repo that holds both." == items[0]
    assert all(item.startswith(words) for item, words in zip(items[1:-1], told, strict=True))
    assert items[-1].startswith("Not to a repo that is neither")
