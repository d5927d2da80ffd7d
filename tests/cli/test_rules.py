"""`apparch rules`: the editions, and what changed between two, as the entry point is called."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from apparch.catalogue import Text
from apparch.catalogue.editions import current, record
from apparch.catalogue.policy import Demand, Edition
from apparch.cli import main

RULE = Demand("IMG002", "MUST", "app", "run", Text("가", "Tags stay"), Text("나다.", "Tags must stay."))
OLD = Edition("1.0.0", "2026-01-02", {"IMG002": RULE})
NEW = Edition(
    "1.1.0",
    "",
    {
        "IMG002": Demand("IMG002", "SHOULD", "app", "run", RULE.title, Text("", "Tags should stay.")),
        "IMG003": Demand("IMG003", "MAY", "both", "check", Text("다", "More"), Text("", "More may be.")),
    },
)
TEXT = """\
1.0.0 (2026-01-02) -> 1.1.0: 1 added, 1 weakened

added
  IMG003  MAY             More

weakened
  IMG002  MUST -> SHOULD  Tags stay
    - Tags must stay.
    + Tags should stay.
"""
MARKDOWN = """\
## 1.0.0 (2026-01-02) → 1.1.0

1 added, 1 weakened

### added

- **IMG003** MAY: More

### weakened

- **IMG002** MUST -> SHOULD: Tags stay
"""


@pytest.fixture(name="two")
def _two(tmp_path: Path) -> list[str]:
    """The paths of two editions that differ."""
    return [str(record(tmp_path, OLD)), str(record(tmp_path, NEW))]


@pytest.mark.parametrize(("form", "expected"), [("text", TEXT), ("markdown", MARKDOWN)])
def test_a_difference_is_told(two: list[str], form: str, expected: str, capsys: pytest.CaptureFixture[str]) -> None:
    """For people at a terminal, and as a part of a document."""
    assert main(["rules", "diff", *two, "--lang", "en", "--format", form]) == 0
    assert capsys.readouterr().out == expected


def test_a_difference_is_data_for_programs(two: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Each changed rule with its kinds and what it demanded before and after."""
    main(["rules", "diff", *two, "--format", "json"])
    data = json.loads(capsys.readouterr().out)

    assert {
        each["rule"]: (each["changes"], each["before"] and each["before"]["level"]) for each in data["changes"]
    } == {
        "IMG002": (["weakened"], "MUST"),
        "IMG003": (["added"], None),
    }


def test_some_rules_can_be_selected(two: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """By rule or family."""
    main(["rules", "diff", *two, "--select", "img003", "--lang", "en"])

    assert capsys.readouterr().out.splitlines()[0] == "1.0.0 (2026-01-02) -> 1.1.0: 1 added"


def test_a_pipeline_can_ask_whether_anything_changed(two: list[str]) -> None:
    """With --exit-code a difference ends with 1, as with git diff."""
    assert main(["rules", "diff", *two, "--exit-code"]) == 1
    assert main(["rules", "diff", two[0], two[0], "--exit-code"]) == 0


def test_what_is_no_edition_is_a_wrong_call(capsys: pytest.CaptureFixture[str]) -> None:
    """It is named, with what would do."""
    with pytest.raises(SystemExit) as ended:
        main(["rules", "diff", "2.0.0"])
    assert ended.value.code == 2
    assert "2.0.0 is no edition; name one (" in capsys.readouterr().err


def test_the_editions_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    """With their dates and how many rules they have."""
    assert main(["rules", "editions"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "3.0.0   2026-11-23  245",
        f"3.1.0   -           {len(current().rules)}",
    ]


@pytest.mark.parametrize("form", ["text", "markdown", "json"])
def test_a_change_has_its_reason(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    """As it was written down when the edition changed the rule."""
    main(["rules", "diff", "3.0.0", "--select", "OWN007", "--lang", "en", "--format", form])
    assert "It was an obligation in 2.0.0, and is one again." in capsys.readouterr().out
