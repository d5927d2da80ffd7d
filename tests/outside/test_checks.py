"""Whether each check sees the one fault that it is for, and finds nothing in an app that has none."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.outside.suite import checks
from tests.outside.target import Request, Target
from tests.outside.verdict import Check, judge

HERE = Path(__file__).parent
CHECKS = {check.__name__: check for check in checks()}
# Each fault of the example with the checks that must see it.
FAULTS = {
    "ignores-sigterm": ["it_ends_with_zero_when_told_to", "it_ends_at_any_moment_of_its_start"],
    "no-handler": ["it_ends_with_zero_when_told_to"],
    "never-ready": ["it_becomes_ready_and_says_so"],
    "answers-anything": ["an_unknown_path_is_not_found"],
    "cuts-requests": [
        "busy_connections_lose_nothing",
        "requests_in_flight_are_finished",
        "pipelined_requests_lose_nothing",
    ],
    "drops-idle": ["idle_connections_lose_nothing"],
    "takes-large": ["a_large_body_is_refused_while_probes_answer"],
    "blocks": ["many_keys_are_refused_while_probes_answer"],
    "html-errors": ["errors_have_the_form_of_answers"],
    "500-on-bad-json": ["an_unreadable_body_is_the_clients_error"],
    "half-open": ["half_a_request_is_let_go"],
    "proxy": ["undeclared_variables_steer_nothing"],
}
WAITED_OUT = {"ignores-sigterm": {"grace_seconds": 2.0}, "never-ready": {"start_seconds": 3.0}}
"""Bounds that a fault has to be waited for to the end, as short as an app without it can keep them."""
SEEN = [(fault, name) for fault, names in FAULTS.items() for name in names]


def example(fault: str = "", **changes: str) -> Target:
    """The example app, broken in one way."""
    waited_out: dict[str, Any] = WAITED_OUT.get(fault, {})
    target = Target(
        name="example",
        command=(sys.executable, str(HERE / "example_server.py")),
        port_variable="PORT",
        environment={"BREAK": fault, **changes},
        live="/live",
        ready="/ready",
        startup="/startup",
        grace_seconds=6,
        start_seconds=10,
        idle_seconds=3,
        quick=Request(path="/quick"),
        slow=Request(path="/slow"),
        write=Request("POST", "/items", {"Content-Type": "application/json"}, '{"a": 1}', (201,)),
    )
    return replace(target, **waited_out)


@pytest.mark.parametrize("check", CHECKS.values(), ids=CHECKS)
def test_an_app_without_a_fault_passes(check: Check) -> None:
    """No check blames an app that does what is asked for."""
    verdict = judge(check, example())

    assert ("pass", "") == (verdict.outcome, verdict.because), verdict.evidence


@pytest.mark.parametrize(("fault", "name"), SEEN)
def test_a_fault_is_seen(fault: str, name: str) -> None:
    """The check that a fault is for says so, with evidence."""
    verdict = judge(CHECKS[name], example(fault), attempts=1)

    assert "fail" == verdict.outcome, verdict.evidence
    assert verdict.evidence[-1].endswith(": no")


def test_every_check_has_been_seen_to_fail() -> None:
    """No check is here that no fault has turned red."""
    assert sorted(CHECKS) == sorted({name for names in FAULTS.values() for name in names})


def test_a_red_control_is_no_verdict() -> None:
    """An app whose good request already fails is not blamed for what follows."""
    verdict = judge(CHECKS["busy_connections_lose_nothing"], example("no-quick"))

    assert ("not tested", "the control is red: GET /quick is answered with 200 (404)") == (
        verdict.outcome,
        verdict.because,
    )


def test_a_failure_that_does_not_come_again_is_unstable(tmp_path: Path) -> None:
    """One failure of two attempts is told with its rate."""
    verdict = judge(CHECKS["it_ends_with_zero_when_told_to"], example("flaky", COUNTER=str(tmp_path / "starts")))

    assert ("unstable", "1 of 2 attempts: exit code 0 within 6 s of SIGTERM") == (verdict.outcome, verdict.because)
