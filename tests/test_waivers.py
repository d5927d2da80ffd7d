"""Waivers: what they accept, and when they are findings themselves."""

from __future__ import annotations

import datetime

import pytest
from tests.checks.examples import RULES

from apparch.assess import Options, assess
from apparch.catalogue import load_catalogue
from apparch.repository import Repository
from apparch.waivers import FILE, WAIVER, added, digest, filled, read_waivers

TODAY = datetime.date(2027, 1, 1)
RULE = load_catalogue().rules["IMG015"]
BAD = {
    path.relative_to(RULES / "app").as_posix(): path.read_bytes()
    for path in (RULES / "app").rglob("*")
    if path.is_file()
} | {"docker/Dockerfile": (RULES / "IMG015/bad/docker/Dockerfile").read_bytes()}


def _told(text: str, **options: bool) -> list[tuple[str, str, str]]:
    results = assess(Repository.of({**BAD, FILE: text}), Options(today=TODAY, **options)).results  # type: ignore[arg-type]
    return [(each.finding.rule, each.state, each.finding.message.en) for each in results]


def _waiver(**changes: str) -> str:
    given = {"rule": "IMG015", "path": "docker/Dockerfile", "owner": "ops", "reason": "soon", "until": "2027-01-01"}
    given |= {"digest": digest(RULE)} | changes
    return "waivers:\n  - " + "\n    ".join(f"{key}: {value}" for key, value in given.items()) + "\n"


FOUND = ("IMG015", "new", "python:3.12-slim has no digest")


def test_a_waiver_accepts_its_finding_until_its_day() -> None:
    """The finding stays, marked."""
    assert _told(_waiver()) == [("IMG015", "waived", FOUND[2])]


def test_without_waivers_everything_is_told() -> None:
    """As if the file were not there."""
    assert _told(_waiver(), waivers=False) == [FOUND]


@pytest.mark.parametrize(
    ("waiver", "message"),
    [
        (_waiver(until="2026-12-31"), "the waiver of IMG015 ended on 2026-12-31; repair it or decide anew"),
        (_waiver(path="other/*"), "nothing breaks IMG015 at other/*; remove the waiver"),
        (_waiver(rule="IMG999"), "IMG999 is no rule"),
        (_waiver(until="soon"), "until soon is no date; write it like 2027-03-31"),
        (_waiver(owner=""), "the waiver lacks owner"),
        (_waiver(more="x"), "unknown keys more"),
        (
            _waiver(path=r"docker\Dockerfile"),
            r"the path docker\Dockerfile has slashes, from the repository's root on, on every system",
        ),
    ],
    ids=["expired", "unused", "unknown", "no date", "no owner", "unknown key", "backslashes"],
)
def test_a_waiver_that_should_not_stand_there_is_a_finding(waiver: str, message: str) -> None:
    """And what it meant is told."""
    assert sorted(_told(waiver)) == sorted([FOUND, (WAIVER, "new", message)])


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ('""', "the waiver of IMG015: its digest is empty; read it again and run apparch waive"),
        (
            "0123456789ab",
            "the waiver of IMG015: the rule's sentence changed since; read it again and run apparch waive",
        ),
    ],
    ids=["empty", "outdated"],
)
def test_a_waiver_of_another_sentence_is_a_finding(written: str, message: str) -> None:
    """What it accepts stays accepted meanwhile."""
    assert sorted(_told(_waiver(digest=written))) == [("IMG015", "waived", FOUND[2]), (WAIVER, "new", message)]


@pytest.mark.parametrize("text", ["- a\n", "waivers: [1]\n", "waiver: []\n", "a: [\n"])
def test_a_file_that_is_malformed_is_a_finding(text: str) -> None:
    """One, and nothing is waived by it."""
    assert [(rule, state) for rule, state, _ in _told(text)].count((WAIVER, "new")) >= 1


def test_digests_are_filled_in_and_comments_stay() -> None:
    """Empty, missing and outdated ones; the rest of the file is untouched."""
    before = (
        "# ours\nwaivers:\n"
        "  - rule: IMG015 # why\n    path: a\n    owner: o\n    reason: r\n    until: 2027-01-01\n"
        "  - rule: IMG015\n    path: b\n    owner: o\n    reason: r\n    until: 2027-01-01\n    digest: old\n"
    )
    waivers, faults = read_waivers(Repository.of({FILE: before}))
    new = f'    digest: "{digest(RULE)}"\n'
    expected = before.replace("# why\n", f"# why\n{new}").replace("    digest: old\n", new)
    assert (faults, filled(before, waivers, {"IMG015": RULE})) == ([], expected)


@pytest.mark.parametrize("text", ["", "# ours\n", "waivers: []\n", _waiver(path="x")])
def test_a_waiver_is_added_to_what_is_there(text: str) -> None:
    """It is read back as it was given, beside those before it."""
    new = added(text, "IMG015", at="docker/*", owner="me: you", reason='a "b" # c', until="2027-02-01", digest="d")
    waivers, faults = read_waivers(Repository.of({FILE: new}))
    found = [(each.path, each.owner, each.reason, each.until) for each in waivers]
    assert (faults, found[0]) == ([], ("docker/*", "me: you", 'a "b" # c', datetime.date(2027, 2, 1)))
    assert len(found) == 1 + text.count("rule:")
