"""The reports for programs: each is read by somebody else's reader of its form."""

from __future__ import annotations

import json
from xml.etree import ElementTree

import jsonschema
import pytest
from sarif_pydantic.sarif import Sarif
from tests.report.reports import KNOWN, NEW, WAIVED, finding, report

from apparch.report.github import as_github
from apparch.report.json_report import as_json, schema
from apparch.report.junit import as_junit
from apparch.report.markdown import MOST, as_markdown
from apparch.report.model import Report, Result
from apparch.report.sarif import as_sarif
from apparch.repository import Place

REPORTS = {
    "empty": report(),
    "neither": report(parts=(), standings=(), neither=NEW.finding.message),
    "all": report(NEW, WAIVED, KNOWN, gone=("dddd",)),
}


@pytest.mark.parametrize("given", REPORTS.values(), ids=list(REPORTS))
def test_the_json_keeps_its_schema(given: Report) -> None:
    """The published schema takes it."""
    published = json.loads(schema())
    jsonschema.Draft202012Validator.check_schema(published)
    jsonschema.validate(json.loads(as_json(given)), published)


def test_the_json_tells_every_finding_with_its_state() -> None:
    """None is dropped."""
    data = json.loads(as_json(REPORTS["all"]))
    assert [(each["rule"], each["state"], each["line"], each["end_column"]) for each in data["findings"]] == [
        ("IMG015", "new", 6, 22),
        ("WFL012", "waived", 6, 22),
        ("IMG015", "baselined", 6, 22),
    ]


@pytest.mark.parametrize("given", REPORTS.values(), ids=list(REPORTS))
def test_another_reader_takes_the_sarif(given: Report) -> None:
    """Its models are built from the standard."""
    assert Sarif.model_validate_json(as_sarif(given, "https://x/")).version == "2.1.0"


def test_sarif_marks_what_is_waived_and_what_was_known() -> None:
    """A suppression with its reason, and the state against the baseline."""
    results = json.loads(as_sarif(REPORTS["all"], "https://x/"))["runs"][0]["results"]
    assert [
        (each["baselineState"], [s["justification"] for s in each.get("suppressions", [])]) for each in results
    ] == [
        ("new", []),
        ("new", ["later (ops, until 2027-01-31)"]),
        ("unchanged", []),
    ]


def test_sarif_says_nothing_of_a_baseline_that_was_not_given() -> None:
    """The state is absent."""
    results = json.loads(as_sarif(report(NEW), "https://x/"))["runs"][0]["results"]
    assert "baselineState" not in results[0]


def test_sarif_points_at_the_range_and_at_the_rule() -> None:
    """Index, place, related place."""
    run = json.loads(as_sarif(report(NEW), "https://x/"))["runs"][0]
    result = run["results"][0]
    assert (
        run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"],
        result["locations"][0]["physicalLocation"]["region"],
        result["relatedLocations"][0]["physicalLocation"]["region"],
    ) == (
        "IMG015",
        {"startLine": 6, "startColumn": 6, "endLine": 6, "endColumn": 22},
        {"startLine": 1, "startColumn": 1},
    )


def test_a_path_is_an_address_in_sarif() -> None:
    """Spaces and signs are written as percent codes."""
    odd = report(Result(finding(place=Place("a b/#?.py", 1)), "f"))
    run = json.loads(as_sarif(odd, "https://x/"))["runs"][0]
    assert run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "a%20b/%23%3F.py"


def test_github_gets_one_command_a_finding() -> None:
    """With its range and its title."""
    assert as_github(report(NEW, WAIVED, KNOWN)) == (
        "::error file=docker/Dockerfile,line=6,col=6,endLine=6,endColumn=22,title=IMG015 IMG015 title"
        "::it has no digest%0Ado it%0Ahttps%3A//x/IMG015/\n".replace("https%3A", "https:")
    )


def test_a_name_cannot_begin_a_command_of_its_own() -> None:
    """Line ends, colons and commas of a file's name are written as codes."""
    evil = report(Result(finding(message="a\n::set-output::b", place=Place("x,y:z\n::error::w.py", 1)), "f"))
    assert [line for line in as_github(evil).splitlines() if line.startswith("::")] == as_github(evil).splitlines()


def test_markdown_groups_by_rule() -> None:
    """A section a rule, its places below it, and its repair."""
    assert as_markdown(report(NEW, KNOWN)) == (
        "### apparch: `orders`: 1 finding\n\n"
        "#### [IMG015](https://x/IMG015/) IMG015 title\n\n"
        "- `docker/Dockerfile:6` it has no digest\n\n"
        "do it\n"
    )


def test_markdown_mentions_nobody_and_holds_no_markup_of_a_stranger() -> None:
    """Signs are escaped."""
    shown = as_markdown(report(Result(finding(message="<img> @team [x](y)"), "f")))
    assert "- `docker/Dockerfile:6` \\<img\\> @\u200bteam \\[x\\](y)" in shown


def test_markdown_fits_a_comment() -> None:
    """However many rules are broken, and it says how many did not fit."""
    many = report(
        *(Result(finding(message="m" * 290, place=Place(f"{'d' * 250}{n}.py", n + 1)), f"f{n}") for n in range(400))
    )
    shown = as_markdown(many)
    assert (len(shown) < MOST, "380 more." in shown) == (True, True)


def test_junit_has_a_case_a_rule() -> None:
    """Broken fails, what cannot be told is skipped."""
    suite = ElementTree.fromstring(as_junit(report(NEW)))[0]
    assert [(case.get("name"), [child.tag for child in case]) for case in suite] == [
        ("IMG015 IMG015 title", ["failure"]),
        ("WFL012 WFL012 title", ["skipped"]),
    ]
