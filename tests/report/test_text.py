"""The report for a terminal."""

from __future__ import annotations

from dataclasses import replace

from tests.report.reports import KNOWN, NEW, WAIVED, finding, report

from apparch.catalogue.model import Text
from apparch.checks.run import Standing
from apparch.report.model import Result
from apparch.report.text import as_text
from apparch.repository import Place


def test_a_finding_is_shown_with_its_line_underlined_at_the_range() -> None:
    """File, place, rule, message, the source, what it rests on, the repair and the address."""
    assert as_text(report(NEW)) == (
        "docker/Dockerfile\n"
        "  6:6     IMG015 MUST  it has no digest\n"
        "          6 | FROM python:3.12-slim\n"
        "            |      ^^^^^^^^^^^^^^^^\n"
        "          see also: docker/Dockerfile:1 the first stage\n"
        "          repair: do it\n"
        "          https://x/IMG015/\n"
        "\n"
        "orders: App repo: docker/Dockerfile:1 builds an image\n"
        "1 finding in 1 file: IMG 1.\n"
        "Rules: 1 cannot be told.\n"
        "  WFL012 (app): no workflow\n"
    )


def test_it_speaks_korean() -> None:
    """All words of its own and of the rules."""
    assert as_text(report(NEW, language="ko")) == (
        "docker/Dockerfile\n"
        "  6:6     IMG015 MUST  가 it has no digest\n"
        "          6 | FROM python:3.12-slim\n"
        "            |      ^^^^^^^^^^^^^^^^\n"
        "          함께 보기: docker/Dockerfile:1 가 the first stage\n"
        "          고치기: 가 do it\n"
        "          https://x/IMG015/\n"
        "\n"
        "orders: App 레포: docker/Dockerfile:1 이미지를 만든다\n"
        "1개 파일에서 1건: IMG 1.\n"
        "규칙: 알 수 없음 1.\n"
        "  WFL012 (app): 가 no workflow\n"
    )


def test_waived_and_known_findings_are_counted_and_not_told() -> None:
    """They stand in the summary."""
    assert as_text(report(WAIVED, KNOWN, gone=("dddd",), standings=())) == (
        "orders: App repo: docker/Dockerfile:1 builds an image\n"
        "No rule is broken. 1 waived, 1 in the baseline, 1 of the baseline gone.\n"
    )


def test_statistics_count_by_rule() -> None:
    """A line a rule instead of its findings."""
    assert as_text(report(NEW, replace(NEW, fingerprint="eeee"), standings=()), statistics=True) == (
        "    2  IMG015 MUST    IMG015 title\n"
        "\n"
        "orders: App repo: docker/Dockerfile:1 builds an image\n"
        "2 findings in 1 file: IMG 2.\n"
    )


def test_a_strangers_file_writes_no_control_characters() -> None:
    """Escapes in a name, a message and a line come out as marks."""
    evil = Result(finding(message="x\x1b[2Jy", place=Place("a\x1b]0;z\nb", 1)), "f", excerpt="\x1b[31mred")
    shown = as_text(report(evil, standings=()))
    assert [sign for sign in shown if sign != "\n" and not sign.isprintable()] == []


def test_passwords_in_addresses_are_hidden() -> None:
    """In the message and in the quoted line."""
    leaky = Result(
        finding(message="postgres://u:hun@ter2@db/x", place=Place("a.py", 1)),
        "f",
        excerpt="X = 'postgres://u:hun@ter2@db/x'",
    )
    assert "ter2" not in as_text(report(leaky, standings=()))


def test_a_long_line_is_cut_around_the_spot() -> None:
    """The mark stands under what it means."""
    long = Result(finding(place=Place("a.py", 1, 501, 1, 504)), "f", excerpt=f"{'x' * 500}BAD{'y' * 500}")
    lines = as_text(report(long, standings=())).splitlines()
    quoted, mark = lines[2], lines[3]
    start = mark.index("^")
    assert (quoted[start : start + 3], mark.count("^")) == ("BAD", 3)


def test_colour_is_only_there_when_it_is_asked_for() -> None:
    """The words are the same."""
    plain, painted = as_text(report(NEW)), as_text(report(NEW), colour=True)
    assert ("\x1b" in plain, "\x1b[31mIMG015 MUST\x1b[0m" in painted) == (False, True)


def test_a_reason_of_several_rules_is_told_once() -> None:
    """Its rules stand before it, and the line is broken where it grows long."""
    reason = Text(ko="없다", en="nothing could be rendered")
    names = [f"MAN{number:03}" for number in range(1, 17)]
    standings = tuple(Standing(name, "deploy", "unknown", reason) for name in names)

    assert as_text(report(standings=standings)).splitlines()[-2:] == [
        f"  {', '.join(names[:14])},",
        "    MAN015, MAN016 (deploy): nothing could be rendered",
    ]
