"""The editions of the rules: how they are found, recorded and compared."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from apparch.catalogue import Text
from apparch.catalogue.difference import CALLED, KINDS, compare
from apparch.catalogue.editions import all_editions, current, find, history, record, recorded
from apparch.catalogue.policy import Demand, Edition, EditionError, as_data, from_data

RULE = Demand("IMG002", "MUST", "app", "run", Text("가", "A"), Text("나다.", "It must."))
RULES = Path(__file__).parents[2] / "src/apparch/catalogue/rules"


def edition(*rules: Demand, name: str = "1.0.0") -> Edition:
    """An edition of these rules."""
    return Edition(name, "2026-01-02", {rule.id: rule for rule in rules})


@pytest.mark.parametrize(
    ("before", "after", "kinds"),
    [
        ({}, {}, ()),
        ({}, {"level": "SHOULD"}, ("weakened",)),
        ({"level": "MAY"}, {"level": "SHOULD"}, ("strengthened",)),
        ({}, {"level": "MAY", "statement": Text("", "It may.")}, ("weakened",)),
        ({}, {"owner": "both"}, ("strengthened",)),
        ({"owner": "both"}, {}, ("weakened",)),
        ({}, {"owner": "deploy"}, ("moved",)),
        ({"languages": ("python",)}, {}, ("strengthened",)),
        ({"languages": ("python",)}, {"languages": ("python", "go")}, ("strengthened",)),
        ({}, {"languages": ("python",)}, ("weakened",)),
        ({"languages": ("go",)}, {"languages": ("python",)}, ()),
        ({}, {"statement": Text("나다.", "It shall.")}, ("reworded",)),
        ({}, {"statement": Text("다다.", "It must.")}, ("reworded",)),
        ({}, {"title": Text("다", "B")}, ()),
        ({}, {"proof": "review"}, ("proof",)),
        ({}, {"replaced_by": "IMG003"}, ("retired",)),
        ({"replaced_by": "IMG003"}, {}, ("added",)),
        ({}, {"owner": "deploy", "proof": "check", "statement": Text("", "")}, ("moved", "reworded", "proof")),
    ],
)
def test_what_became_of_a_rule_has_a_name(
    before: dict[str, Any], after: dict[str, Any], kinds: tuple[str, ...]
) -> None:
    """A change is called by what it means to those whom the rule binds; a title alone binds nobody."""
    found = compare(edition(replace(RULE, **before)), edition(replace(RULE, **after)))

    assert [change.kinds for change in found] == ([kinds] if kinds else [])


def test_a_rule_that_comes_or_goes_is_told() -> None:
    """In the newer edition's order, what is gone behind it."""
    other = replace(RULE, id="IMG003")

    found = compare(edition(RULE), edition(other))

    assert [(change.rule, change.kinds, change.told) for change in found] == [
        ("IMG003", ("added",), other),
        ("IMG002", ("retired",), RULE),
    ]


def test_every_kind_has_words() -> None:
    """Each kind of change is called something in both languages."""
    assert tuple(CALLED) == KINDS


def test_a_record_reads_back_as_it_was(tmp_path: Path) -> None:
    """What is written down for good is the whole edition."""
    whole = edition(RULE, replace(RULE, id="IMG003", languages=("go",), replaced_by="IMG002"))

    assert from_data(json.loads(record(tmp_path, whole).read_text("utf-8"))) == whole


def test_a_record_does_not_change(tmp_path: Path) -> None:
    """The same is recorded again without a word, anything else is refused."""
    record(tmp_path, edition(RULE))
    record(tmp_path, edition(RULE))

    with pytest.raises(EditionError, match="what is published does not change"):
        record(tmp_path, edition(replace(RULE, level="MAY")))


def test_what_is_recorded_is_part_of_what_is() -> None:
    """No rule of a recorded edition is missing today, and the editions are in order."""
    assert [rule for each in recorded() for rule in each.rules if rule not in current().rules] == []
    assert [each.name for each in all_editions()] == ["3.0.0", "3.1.0"]


def test_a_rules_since_is_the_edition_that_added_it() -> None:
    """The catalogue's own word for when a rule came agrees with the records."""
    from apparch.catalogue import load_catalogue

    wrong = {
        rule.id: rule.since
        for rule in load_catalogue().rules.values()
        if (rule.since, ("added",)) != (history(rule.id)[0][0].name, history(rule.id)[0][1].kinds)
    }
    assert wrong == {}


def test_an_edition_is_named_in_several_ways(tmp_path: Path) -> None:
    """By number, as the current one, by a file of the site, by a folder that holds it, by the rules' files."""
    (tmp_path / "rules.json").write_text(json.dumps(as_data(edition(RULE))), "utf-8")

    assert find("3.0.0") == recorded()[0]
    assert find("current") == current()
    assert find(str(tmp_path / "rules.json")) == find(str(tmp_path)) == edition(RULE)
    assert find(str(RULES)).rules == find(str(RULES.parents[3])).rules == current().rules


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "it is no JSON, as rules.json is"),
        ('{"rules": []}', "it does not name its edition: it is of a site from before 3.1.0"),
        ("[]", "it holds no rules of an edition, as rules.json does"),
        (
            '{"edition": {"version": "1", "date": ""}, "rules": [{"id": "img2"}]}',
            "'img2' is not a rule as an edition states it",
        ),
    ],
)
def test_what_is_no_edition_is_refused_in_a_line(tmp_path: Path, text: str, message: str) -> None:
    """With the file and what is wrong with it."""
    (tmp_path / "x.json").write_text(text, "utf-8")

    with pytest.raises(EditionError) as refused:
        find(str(tmp_path / "x.json"))
    assert str(refused.value) == f"{tmp_path / 'x.json'}: {message}"


def test_a_folder_without_rules_is_refused(tmp_path: Path) -> None:
    """And so is a name that is nothing; both say what would do."""
    with pytest.raises(EditionError, match=r"neither a rules\.json nor the rules' files"):
        find(str(tmp_path))
    with pytest.raises(EditionError, match=r"name one \(3\.0\.0, 3\.1\.0, current\), a rules\.json, or a folder"):
        find("2.0.0")
