"""Declared divergence: what is read, and when a declaration is a finding itself."""

from __future__ import annotations

import datetime

import pytest

from apparch.assess import Options, assess
from apparch.catalogue.model import Text
from apparch.divergence import RULE, Declared, faults, read_declared
from apparch.repository import Repository
from apparch.template import SOURCE
from apparch.template.versions import Change
from apparch.waivers import FILE, WAIVER, read_waivers

TODAY = datetime.date(2027, 1, 1)
OFFERED = {
    change.id: change
    for change in (
        Change("faster", "3.1.0", "may", "app", ("IMG017",), ("docker/Dockerfile",), Text("가", "a")),
        Change("slimmer", "3.1.0", "may", "app", (), ("README.md",), Text("다", "c")),
        Change("later", "3.2.0", "may", "app", (), ("README.md",), Text("라", "d")),
        Change("safer", "3.1.0", "must", "app", ("IMG002",), ("src/app/main.py",), Text("나", "b")),
    )
}
GOOD = """
diverges:
  - {file: docker/Dockerfile, reason: two stages, until: 2027-01-01}
declines:
  - {change: faster, reason: the image stays small}
"""


def declared(text: str) -> tuple[Declared, list[str]]:
    """What is read, and what is told."""
    read, wrong = read_declared(Repository.of({FILE: text}))
    return read, [each.message.en for each in wrong]


def told(text: str, used: set[str] | None, files: set[str]) -> list[str]:
    """The faults of a file whose entries can all be read."""
    read, wrong = declared(text)
    assert wrong == []
    found = faults(read, used=used, files=files, offered=OFFERED, version=(3, 1, 0), today=TODAY)
    return [each.message.en for each in found]


def test_a_declaration_holds_until_its_day() -> None:
    """A divergence to the end of it, a decline for ever; the waivers of the same file do not mind them."""
    read, wrong = declared(GOOD)
    assert (wrong, read_waivers(Repository.of({FILE: GOOD}))) == ([], ([], []))
    assert {file: each.told for file, each in read.keeps(TODAY).items()} == {
        "docker/Dockerfile": "two stages (diverges until 2027-01-01)"
    }
    assert read.keeps(TODAY + datetime.timedelta(1)) == {}
    assert [each.told for each in read.declined(OFFERED).values()] == ["the image stays small (declines faster)"]


@pytest.mark.parametrize("used", [{"docker/Dockerfile"}, None], ids=["used", "not judged"])
def test_a_declaration_of_a_difference_is_no_finding(used: set[str] | None) -> None:
    """Nor is one of which nobody could judge whether it is used."""
    assert told(GOOD, used, {"docker/Dockerfile"}) == []


def test_a_decline_of_a_change_to_come_is_no_finding() -> None:
    """Nothing shows yet that it is declined."""
    assert told(GOOD.replace("change: faster", "change: later"), {"docker/Dockerfile"}, {"docker/Dockerfile"}) == []


def test_a_difference_is_accepted_for_its_reason() -> None:
    """A declared file, and those of a declined change in whichever part of the repository; no other."""
    read, _ = declared(GOOD.replace("docker/Dockerfile", "README.md"))
    paths = ("README.md", "docker/Dockerfile", "apps/qts/docker/Dockerfile", "apps/qts/README.md", "src/app/main.py")
    assert [read.accepts(path, OFFERED, TODAY) for path in paths] == [
        "two stages (diverges until 2027-01-01)",
        "the image stays small (declines faster)",
        "the image stays small (declines faster)",
        None,
        None,
    ]


def test_a_file_that_the_repository_has_removed_may_diverge() -> None:
    """It is not there, and that is how it differs."""
    assert told(GOOD, {"docker/Dockerfile"}, set()) == []


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "2027-01-01",
            "2026-12-31",
            "the divergence of docker/Dockerfile ended on 2026-12-31; go back to the template's or decide anew",
        ),
        ("docker/Dockerfile", "docker/File", "there is no file docker/File; write it from the repository's root"),
        ("docker/Dockerfile", "README.md", "README.md does not differ from the template; remove the declaration"),
        ("faster", "slower", "the template has no change slower"),
        (
            "faster",
            "safer",
            "safer must be followed; a file that differs is declared under diverges, until a day",
        ),
        ("change: faster", "change: slimmer", "slimmer is there all the same; remove the declaration"),
    ],
    ids=["over", "unknown file", "unused", "unknown change", "must", "taken all the same"],
)
def test_a_declaration_that_should_not_stand_there_is_a_finding(old: str, new: str, message: str) -> None:
    """As a waiver that should not."""
    assert told(GOOD.replace(old, new), {"docker/Dockerfile"}, {"docker/Dockerfile", "README.md"}) == [message]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("reason: two stages, ", "", "the divergence lacks reason"),
        ("reason: the", "why: the", "the decline lacks reason"),
        ("2027-01-01", "soon", "until soon is no date; write it like 2027-03-31"),
        (
            "docker/Dockerfile",
            "docker/*",
            "the file docker/* must be one path with slashes, from the repository's root on",
        ),
        (
            "docker/Dockerfile",
            "../Dockerfile",
            "the file ../Dockerfile must be one path with slashes, from the repository's root on",
        ),
        ("until: 2027", "owner: ops, until: 2027", "unknown keys owner"),
    ],
)
def test_an_entry_that_cannot_be_taken_is_a_finding(old: str, new: str, message: str) -> None:
    """And declares nothing."""
    read, wrong = declared(GOOD.replace(old, new))
    assert (wrong, len(read.diverges) + len(read.declines)) == ([message], 1)


def test_a_declaration_that_is_over_is_told_with_everything_else() -> None:
    """By the checker, like a waiver, and not where waivers are left out."""
    text = GOOD.replace("docker/Dockerfile", "README.md")
    repository = Repository.of(
        {FILE: text, "README.md": "", ".copier-answers.yml": f"_src_path: {SOURCE}\n_commit: v3.1.0\n"}
    )
    after = TODAY + datetime.timedelta(1)
    results = assess(repository, Options(today=after)).results
    assert [each.finding.message.en for each in results if each.finding.rule == WAIVER] == [
        "the divergence of README.md ended on 2027-01-01; go back to the template's or decide anew",
        "the template has no change faster",
    ]
    assert WAIVER not in {each.finding.rule for each in assess(repository, Options(today=after, waivers=False)).results}


def test_a_declared_difference_from_the_template_is_waived() -> None:
    """One that is not declared is new, and a declaration of a file that is the template's is told."""
    record = f"_src_path: {SOURCE}\n_commit: v3.1.0\nkind: app\ndatabase: false\ncache: false\n"
    text = GOOD.replace("faster", "bytecode-in-the-image").replace("docker/Dockerfile", "src/app/main.py")
    text = text.replace("diverges:\n", "diverges:\n  - {file: src/app/py.typed, reason: none, until: 2027-01-01}\n")
    own = dict.fromkeys(("docker/Dockerfile", "src/app/main.py", "src/app/logs.py"), "FROM scratch\n")
    repository = Repository.of({FILE: text, ".copier-answers.yml": record, "src/app/py.typed": "", **own})
    results = assess(repository, Options(kind="app", today=TODAY)).results
    assert {
        each.finding.place.path: (each.state, each.because) for each in results if each.finding.rule == RULE
    }.items() >= {
        "docker/Dockerfile": ("waived", "the image stays small (declines bytecode-in-the-image)"),
        "src/app/logs.py": ("new", ""),
        "src/app/main.py": ("waived", "two stages (diverges until 2027-01-01)"),
    }.items()
    assert [each.finding.message.en for each in results if each.finding.rule == WAIVER] == [
        "src/app/py.typed does not differ from the template; remove the declaration"
    ]
