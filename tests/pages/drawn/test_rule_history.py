"""What a rule's page tells of the editions that changed the rule."""

from __future__ import annotations

from pathlib import Path

from apparch.catalogue.editions import current
from apparch.pages.drawn.rule_history import history
from apparch.pages.written.site import load_site

ROOT = Path(__file__).parents[3]

site = load_site(ROOT)


def told(rule: str) -> list[str]:
    """The lines of a real rule's history in English."""
    return [line for line in history(site.catalogue.rules[rule], "en", site) if line][1:]


def test_a_rule_that_never_changed_has_its_beginning() -> None:
    """It is said in which edition it became a rule, and that leads to what the edition changed."""
    assert f"- [{current().name}](changes.md#v3-1-0) (" in told("ENV013")[0]
    assert told("ENV013")[0].endswith("): It became a rule")
    assert 1 == len(told("ENV013"))


def test_a_change_tells_from_what_to_what_and_why() -> None:
    """A level that rose is named with both levels and the sentence before; the ruling has the reason."""
    first, second, before, reason, why = told("ENV005")

    assert "- [3.0.0](changes.md#v3-0-0) (2026-11-23): It became a rule" == first
    assert second.endswith("strengthened (SHOULD → MUST)")
    assert before.startswith("    - Before: Defaults should be such as make sense in development")
    assert reason.startswith("    - Why: It was an obligation in 2.0.0 and is one again")
    assert "Ruling [R30](../start/execution.md#r30) says why." == why
