"""The forms of a fleet: each says the same, and none lets a repository's texts be more than texts."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
from bs4 import BeautifulSoup
from tests.fleet.rows import HARM, LOST, small_fleet

from apparch.catalogue.model import Text
from apparch.fleet.affected import affected
from apparch.fleet.json_form import as_json, rows_of, schema
from apparch.fleet.markdown import affected_as_markdown, as_markdown
from apparch.fleet.model import Fleet, FleetError
from apparch.fleet.page import as_page
from apparch.fleet.text import affected_as_text, as_text

SHOWN = "<img src=x onerror=alert(1)>|`x` @team"


@pytest.fixture(name="fleet")
def _fleet(tmp_path: Path) -> Fleet:
    return small_fleet(tmp_path)


def _names(rule: str) -> tuple[Text, str] | None:
    return (Text(ko=f"{rule} 제목", en=f"{rule} title"), f"https://x/{rule}/") if rule[-1].isdigit() else None


def test_the_text_lines_up(fleet: Fleet) -> None:
    """A reason takes the rest of its line, what was done stands below the table."""
    assert as_text(fleet, "en").splitlines() == [
        "Repo                                    Kind    Template  Behind                     "
        "Findings  Waivers              Contract    Since",
        f"{SHOWN}  Deploy  main (?)  not a tag                  none      -                    no files    cannot tell",
        "lost                                    cannot be read: there is no folder repos/lost",
        "orders                                  App     1.0.0     2 versions: 1 must, 1 may  "
        "3 MUST    2, until 2026-01-31  breaks: 3   2026-09-04",
        "tidy                                    App     2.0.0     current                    "
        "none      -                    no partner  cannot tell",
        f"{SHOWN}: the update failed javascript:alert(1) ({SHOWN})",
        "orders: a pull request is open https://git.example/t/orders/pull/7",
        "",
        "4 repos, 1 with nothing to do, 1 with findings, 1 behind the template, 1 must follow a change, "
        "1 with a broken contract, 1 cannot be read",
    ]


def test_korean_lines_up_by_its_width(fleet: Fleet) -> None:
    """A Korean letter takes two columns of a terminal."""
    lines = as_text(fleet, "ko").splitlines()
    assert [line.encode("euc-kr", "replace").find(b"App ") for line in (lines[3], lines[4])] == [40, 40]
    assert lines[0].encode("euc-kr").find("템플릿".encode("euc-kr")) == lines[3].encode("euc-kr").find(b"1.0.0")


def test_the_json_keeps_its_schema(fleet: Fleet) -> None:
    """The published one, with the answer to a question and without."""
    published = json.loads(schema())
    jsonschema.Draft202012Validator.check_schema(published)
    for text in (as_json(fleet), as_json(fleet, affected(fleet, "IMG015"), "IMG015")):
        jsonschema.validate(json.loads(text), published)


def test_the_json_is_read_back_as_it_was(fleet: Fleet) -> None:
    """Row by row."""
    assert rows_of(as_json(fleet), "x.json") == fleet.rows


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "x.json: it holds no result of apparch fleet --format json"),
        ('{"version": 1, "repositories": [{}]}', "x.json: it holds no result of apparch fleet --format json"),
        ('{"version": 2}', "x.json: it is of version 2, and this apparch reads version 1"),
    ],
)
def test_what_is_no_result_is_refused(text: str, told: str) -> None:
    """With the file's name."""
    with pytest.raises(FleetError) as error:
        rows_of(text, "x.json")
    assert str(error.value) == told


def test_markdown_shows_signs_as_they_stand(fleet: Fleet) -> None:
    """No cell of the table is split, nothing is markup, and nobody is mentioned."""
    lines = as_markdown(fleet, "en").splitlines()
    assert [line.replace("\\|", "").count("|") for line in lines[2:8]] == [9] * 6
    assert lines[4].startswith("| \\<img src=x onerror=alert(1)\\>\\|\\`x\\` @\u200bteam | Deploy | main (?) |")
    assert lines[-1] == "- orders: a pull request is open https://git.example/t/orders/pull/7"


def test_who_is_concerned_is_told_with_the_reasons(fleet: Fleet) -> None:
    """What must be done, what may, what is excused until when."""
    expected = [
        "lost",
        "  unknown: there is no folder repos/lost",
        "orders",
        "  must: 2 findings",
        "  must: 2.0.0 The base image has its digest. (IMG015)",
        "  excused: docker/Dockerfile differs from the template until 2027-03-31: a base of our own",
        "",
        "IMG015: 1 repo must change, 1 concerned otherwise",
    ]
    assert affected_as_text(affected(fleet, "IMG015"), "IMG015", "en").splitlines() == expected
    assert affected_as_markdown(affected(fleet, "IMG015"), "IMG015", "en").splitlines() == [
        expected[-1],
        "",
        *(f"{'  - ' if line.startswith('  ') else '- '}{line.strip()}" for line in expected[:-2]),
    ]


@pytest.mark.parametrize(
    ("by", "told"),
    [
        ("3.0.0", "the template has no version 3.0.0; there are 2.0.0, 1.1.0, 1.0.0"),
        ("img15", "img15 is neither a version like 3.1.0 nor a rule like IMG002"),
    ],
)
def test_what_is_neither_version_nor_rule_is_refused(fleet: Fleet, by: str, told: str) -> None:
    """With what there is."""
    with pytest.raises(FleetError) as error:
        affected(fleet, by)
    assert str(error.value) == told


@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_page_runs_nothing_and_fetches_nothing(fleet: Fleet, language: str) -> None:
    """No script, no image, no address but links; what would run is a text, and its own policy forbids the rest."""
    text = as_page(fleet, _names, "ko" if language == "ko" else "en", affected(fleet, "IMG015"), "IMG015")
    page = BeautifulSoup(text, "html.parser")
    links = {str(each["href"]) for each in page.find_all("a")}
    policy = page.find("meta", attrs={"http-equiv": "Content-Security-Policy"})
    assert (
        [each.name for each in page.find_all(["script", "img", "link", "iframe", "object"])],
        {each.partition(":")[0] for each in links if not each.startswith("#")},
        [name for each in page.find_all(True) for name in each.attrs if name.startswith("on")],
        str(policy and policy.attrs["content"]).partition(";")[0],
        page.html and page.html["lang"],
    ) == ([], {"https"}, [], "default-src 'none'", language)


def test_the_page_shows_names_and_reasons_as_they_stand(fleet: Fleet) -> None:
    """On one line, and without the passwords in addresses."""
    page = BeautifulSoup(as_page(fleet, _names, "en"), "html.parser")
    told = page.get_text()
    assert (page.tbody and page.tbody.th and page.tbody.th.get_text(), "secret" in told, HARM in told) == (
        SHOWN,
        False,
        False,
    )


def test_the_page_has_a_row_and_a_section_each(fleet: Fleet) -> None:
    """Each leads to the other, and no link leads nowhere."""
    page = BeautifulSoup(as_page(fleet, _names, "en"), "html.parser")
    places = {str(each["id"]) for each in page.find_all(id=True)}
    aims = {str(each["href"])[1:] for each in page.select('a[href^="#"]')}
    assert (places, aims) == ({f"{kind}{at}" for kind in "rt" for at in range(4)},) * 2


def test_the_section_says_what_is_to_be_done(fleet: Fleet) -> None:
    """Rules by their level with title and address, changes with their rules, waivers with their end."""
    page = BeautifulSoup(as_page(fleet, _names, "en"), "html.parser")
    section = page.select_one("#r2")
    assert section
    told = [" ".join(each.get_text().split()) for each in section.select("h3, li")]
    assert told == [
        "Update",
        "a pull request is open",
        "Template changes that it must follow",
        "2.0.0 The base image has its digest. (IMG015)",
        "Findings",
        "MUST IMG015 IMG015 title × 2",
        "MUST WAIVER × 1",
        "Contract",
        "orders-deploy: ENV011 ENV011 title × 2",
        "orders-deploy: TAG005 TAG005 title × 1",
        "Template changes that it may decline",
        "2.0.0 The README is shorter.",
        "Template changes that it declined",
        "1.1.0 The image holds bytecode. (IMG017) the image is small enough",
        "Files kept otherwise than the template",
        "docker/Dockerfile until 2027-03-31 a base of our own",
        "Waivers",
        f"WFL012 release.yml until 2027-01-31 {SHOWN} (ops)",
        "IMG001 x until 2026-01-31 over moved (ops)",
    ]
    assert LOST.name in page.get_text()
