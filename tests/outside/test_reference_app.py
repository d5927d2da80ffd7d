"""What the reference app does, seen from outside, attached to a real PostgreSQL, a real Redis and the exchange."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.outside.suite import checks
from tests.outside.target import Request, Target
from tests.outside.verdict import Check, judge

APP = Path(__file__).parents[2] / "snippets" / "app"
sys.path[:0] = [str(APP / "src"), str(APP / "tests")]

from fixtures.backing import Exchange, Redis, new_database, postgres, running  # noqa: E402
from fixtures.environment import environ_of  # noqa: E402

ORDER = '{"symbol": "AAPL", "side": "buy", "quantity": "1", "price": "100"}'


@pytest.fixture(scope="module")
def target() -> Iterator[Target]:
    """The app with everything that it is attached to."""
    with postgres() as server, running(Redis()) as redis, running(Exchange(dedup=True)) as exchange:
        yield Target(
            name="reference app",
            command=(sys.executable, "-m", "app"),
            port_variable="SERVICE_PORT",
            environment={
                **environ_of(**new_database(server), **redis.environ, **exchange.environ),
                "PYTHONPATH": str(APP / "src"),
                "PYTHONDONTWRITEBYTECODE": "1",
                "PRESTOP_SECONDS": "0",
                "DRAIN_SECONDS": "1",
            },
            quick=Request(path="/health/live"),
            write=Request(
                "POST", "/orders", {"Content-Type": "application/json", "Idempotency-Key": "outside"}, ORDER, (200, 201)
            ),
        )


@pytest.mark.parametrize("check", [pytest.param(check, id=check.__name__) for check in checks()])
def test_the_reference_app_holds_from_outside(target: Target, check: Check) -> None:
    """Each check passes, but for those that need a request which this app does not have."""
    verdict = judge(check, target)

    expected = "not tested" if check.__name__ == "requests_in_flight_are_finished" else "pass"
    assert expected == verdict.outcome, (verdict.because, verdict.evidence)
