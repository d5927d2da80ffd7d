"""A rule has a judge, or there is a reason why none can be right."""

from __future__ import annotations

from apparch.catalogue import load_catalogue
from apparch.checks import judges
from apparch.checks.unjudged import UNJUDGED, why_unjudged

RULES = {name: rule for name, rule in load_catalogue().rules.items() if rule.replaced_by is None}
JUDGED = set(judges(RULES))


def test_every_rule_has_a_judge_or_a_reason() -> None:
    """None is forgotten, and none has both."""
    assert {name for name, rule in RULES.items() if why_unjudged(rule) is None} == JUDGED


def test_a_reason_is_given_once_and_for_a_rule_that_exists() -> None:
    """The list holds no rule twice, none that is gone, and none that a person reviews."""
    listed = [rule for _, rules in UNJUDGED for rule in rules.split()]
    assert sorted(set(listed)) == sorted(listed)
    assert [name for name in listed if name not in RULES or RULES[name].review] == []
