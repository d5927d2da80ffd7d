"""The published table of circuit breakers is what the breakers really do."""

from __future__ import annotations

import asyncio

import pytest
from benchmarks.breakers import ADAPTERS, SCENARIOS, Scenario, table

Answers = dict[str, dict[str, str]]

FAULTS: Answers = {
    "ours": {},
    "circuitbreaker": {
        "half_open_flood": "admits 100",
        "cancelled_trial": "closes",
        "stale_success": "closes",
        "stale_failure": "is extended",
        "interleaved_failures": "stays closed",
        "old_failures": "opens",
    },
    "aiobreaker": {
        "half_open_flood": "admits 100",
        "stale_failure": "is extended",
        "clock_set_back": "sticks",
        "clock_set_forward": "ends early",
        "interleaved_failures": "stays closed",
        "old_failures": "opens",
    },
    "pybreaker": {
        "half_open_flood": "admits 100",
        "cancelled_trial": "opens",
        "stale_failure": "is extended",
        "clock_set_back": "sticks",
        "clock_set_forward": "ends early",
        "interleaved_failures": "stays closed",
        "old_failures": "opens",
    },
    "purgatory": {
        "half_open_flood": "admits 100",
        "cancelled_trial": "opens",
        "clock_set_back": "sticks",
        "clock_set_forward": "ends early",
        "interleaved_failures": "stays closed",
        "old_failures": "opens",
    },
    "sketch": {
        "half_open_flood": "admits 100",
        "stale_success": "closes",
        "stale_failure": "is extended",
        "business_errors": "opens",
        "clock_set_back": "sticks",
        "clock_set_forward": "ends early",
        "interleaved_failures": "stays closed",
        "old_failures": "opens",
    },
}


@pytest.fixture(scope="module")
def answers() -> Answers:
    """What every breaker does in every scenario."""
    return asyncio.run(table())


def test_there_are_nine_scenarios() -> None:
    """The table is complete, and each row is a different one."""
    assert len({scenario.name for scenario in SCENARIOS}) == 9


@pytest.mark.rule("RES013", "RES014", "RES015", "RES016", "RES018")
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_ours_is_right(answers: Answers, scenario: Scenario) -> None:
    """Nine of nine."""
    assert answers[scenario.name]["ours"] == scenario.right


@pytest.mark.parametrize("name", ADAPTERS)
def test_each_fails_as_published(answers: Answers, name: str) -> None:
    """No fault is claimed that a library does not have, and none is left out."""
    found = {row.name: answers[row.name][name] for row in SCENARIOS if answers[row.name][name] != row.right}
    assert found == FAULTS[name]
