"""The probes' answers: what they say, how long they take, how often they ask."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import cast

import anyio.to_thread
import httpx
import pytest
from fastapi import FastAPI

from app.config import load_settings
from app.health import Check, Health
from app.main import create_app
from app.metrics import Metrics
from app.services import AppServices
from fixtures.environment import ENVIRONMENT

Probe = Callable[[], Awaitable[Mapping[str, object] | None]]


class Parts:
    """Services that consist of checks."""

    def __init__(self, *checks: Check) -> None:
        self.checks, self.routers = checks, ()

    async def start(self) -> None:
        """Nothing to wait for."""

    async def work(self) -> None:
        """No loop."""

    async def close(self) -> None:
        """Nothing to give back."""


def app_with(*checks: Check, started: bool = True) -> FastAPI:
    """The app around these checks, without a server."""
    settings = load_settings(ENVIRONMENT | {"PROBE_TIMEOUT_SECONDS": "0.1", "PROBE_TTL_SECONDS": "0"})
    app = create_app(settings, lambda *_: Parts(*checks))
    app.state.health.started = started
    return app


async def get(app: FastAPI, path: str) -> httpx.Response:
    """Ask the app directly."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://app") as client:
        return await client.get(path)


async def up() -> Mapping[str, object]:
    """A dependency that works."""
    return {"latency_ms": 3}


async def down() -> None:
    """A dependency that does not."""
    raise ConnectionRefusedError("postgres://app:pa55@db")


async def numbers() -> list[int]:
    """A dependency whose check has a bug."""
    return [1]


async def hung() -> None:
    """A dependency that does not answer."""
    await asyncio.sleep(3600)


@pytest.mark.rule("PRB003", "PRB010")
async def test_ready_shows_each_dependency() -> None:
    """A monitoring eye sees at once which one it is, and no error's text, which may hold a password."""
    answer = await get(app_with(Check("db", up), Check("cache", down), Check("queue", hung)), "/health/ready")
    assert (answer.status_code, answer.json()["status"]) == (503, "unavailable")
    shown: dict[str, dict[str, object]] = {
        "db": {"ok": True, "critical": True, "latency_ms": 3},
        "cache": {"ok": False, "critical": True, "error": "ConnectionRefusedError"},
        "queue": {"ok": False, "critical": True, "error": "timeout"},
    }
    assert answer.json()["checks"].keys() == shown.keys()
    assert [name for name, state in shown.items() if not state.items() <= answer.json()["checks"][name].items()] == []
    assert "pa55" not in answer.text


@pytest.mark.rule("PRB010")
@pytest.mark.parametrize("draining", [False, True])
@pytest.mark.parametrize("started", [False, True])
@pytest.mark.parametrize("path", ["/health/live", "/health/startup", "/health/ready"])
async def test_every_answer_of_a_probe_is_json_that_nobody_stores(path: str, started: bool, draining: bool) -> None:
    """Yes or no, in each state that the app can be in."""
    app = app_with(Check("db", up), started=started)
    if draining:
        app.state.draining.set()
    answer = await get(app, path)
    assert (answer.headers["content-type"], answer.headers["cache-control"]) == ("application/json", "no-store")
    assert answer.json()["status"]


@pytest.mark.rule("PRB011")
@pytest.mark.parametrize("away", [down, hung])
async def test_an_optional_dependency_does_not_take_the_pod_away(away: Probe) -> None:
    """Refusing or hanging it is reported, even as the last of them, and the answer stays 200."""
    answer = await get(app_with(Check("db", up), Check("exchange", away, critical=False)), "/health/ready")
    assert (answer.status_code, answer.json()["status"]) == (200, "ready")
    state = answer.json()["checks"]["exchange"]
    assert (state["ok"], state["critical"]) == (False, False)


@pytest.mark.rule("PRB003", "SHD010")
async def test_it_is_not_ready_before_it_has_started() -> None:
    """All dependencies up is not enough."""
    answer = await get(app_with(Check("db", up), started=False), "/health/ready")
    assert (answer.status_code, answer.json()["status"]) == (503, "starting")


@pytest.mark.rule("PRB003", "SHD001")
async def test_it_is_not_ready_once_it_drains() -> None:
    """Without asking anybody."""
    app = app_with(Check("db", hung))
    app.state.draining.set()
    answer = await get(app, "/health/ready")
    assert (answer.status_code, answer.json()["status"]) == (503, "draining")


@pytest.mark.rule("PRB004")
@pytest.mark.parametrize("draining", [False, True])
@pytest.mark.parametrize(("started", "status"), [(False, 503), (True, 200)])
async def test_startup_follows_the_initialisation(started: bool, status: int, draining: bool) -> None:
    """503 first, 200 after, whatever becomes of the app then."""
    app = app_with(Check("db", down), started=started)
    if draining:
        app.state.draining.set()
    answer = await get(app, "/health/startup")
    assert (answer.status_code, answer.json()["status"]) == (status, "started" if started else "starting")


@pytest.mark.rule("PRB004")
async def test_a_new_app_has_not_started() -> None:
    """Only the end of its initialisation says so."""
    app = create_app(load_settings(ENVIRONMENT), lambda *_: Parts())
    assert app.state.health.started is False
    assert (await get(app, "/health/startup")).status_code == 503


@pytest.mark.rule("PRB002")
async def test_live_asks_no_dependency() -> None:
    """Made up or of the product; it is the same whether they work, and before the start and while draining."""
    probe, asked = counting()
    real = AppServices(load_settings(ENVIRONMENT), asyncio.Event(), Metrics()).checks
    watched = [Check("made up", probe), *(replace(check, probe=probe) for check in real)]
    app = app_with(*watched, started=False)
    app.state.draining.set()
    answer = await get(app, "/health/live")
    assert (answer.status_code, answer.json()["status"], asked) == (200, "alive", [])


@pytest.mark.rule("PRB001")
async def test_the_app_has_three_probes_and_no_other() -> None:
    """A bare /health would leave open which of the three is meant; no route of the app answers for one."""
    app = create_app(load_settings(ENVIRONMENT))
    answers = [await get(app, f"/health/{name}") for name in ("live", "ready", "startup")]
    assert [answer.status_code for answer in answers] == [200, 503, 503]
    assert [answer.json()["status"] for answer in answers] == ["alive", "starting", "starting"]
    others = ["/health", "/health/", "/ready", "/live", "/healthz"]
    assert [(await get(app, path)).status_code for path in others] == [404] * 5


@pytest.mark.rule("PRB006")
@pytest.mark.parametrize("started", [False, True])
@pytest.mark.parametrize("db", [up, down])
async def test_probes_leave_the_app_as_it_was(started: bool, db: Probe) -> None:
    """Fifty rounds of all three end with the answers and the metrics of the first, and end no process."""
    app = app_with(Check("db", db), started=started)
    paths = ["/health/live", "/health/ready", "/health/startup", "/metrics"]

    async def seen() -> list[tuple[int, str]]:
        answers = [await get(app, path) for path in paths]
        return [(each.status_code, re.sub(r"(?m)^process_.*$", "", each.text)) for each in answers]

    first = await seen()
    for _ in range(50):
        last = await seen()
    assert (last, app.state.failed.is_set(), app.state.draining.is_set()) == (first, False, False)
    assert last[2][0] == (200 if started else 503)


@pytest.mark.rule("PRB009")
async def test_no_probe_of_the_product_waits_for_a_thread() -> None:
    """With every thread of the pool taken each still answers, and no dependency's check is late for want of one."""
    app = create_app(load_settings(ENVIRONMENT))
    threads = anyio.to_thread.current_default_thread_limiter()
    for number in range(int(threads.total_tokens)):
        threads.acquire_on_behalf_of_nowait(number)
    async with asyncio.timeout(10):
        answers = [await get(app, f"/health/{name}") for name in ("live", "startup", "ready")]
    assert [answer.status_code for answer in answers] == [200, 503, 503]
    states = answers[2].json()["checks"].values()
    product = AppServices(load_settings(ENVIRONMENT), asyncio.Event(), Metrics()).checks
    assert (len(states), [state for state in states if state.get("error") == "timeout"]) == (len(product), [])


def health_of(*checks: Check, ttl: float = 0.0, timeout: float = 0.1) -> Health:
    """The checks without HTTP."""
    return Health(checks, asyncio.Event(), timeout=timeout, ttl=ttl)


@pytest.mark.rule("PRB008")
async def test_dependencies_are_asked_at_the_same_time() -> None:
    """Ten that wait for each other all answer."""
    gate = asyncio.Barrier(10)

    async def probe() -> None:
        await gate.wait()

    results = await health_of(*(Check(str(number), probe) for number in range(10)), timeout=1).results()
    assert [result["ok"] for result in results.values()] == [True] * 10


def counting(seconds: float = 0.01) -> tuple[Probe, list[int]]:
    """A probe that takes a moment, and how often it was asked."""
    calls: list[int] = []

    async def probe() -> None:
        calls.append(1)
        await asyncio.sleep(seconds)

    return probe, calls


@pytest.mark.rule("PRB008", "PRB006")
@pytest.mark.parametrize("well", [True, False])
async def test_a_hundred_probes_ask_a_dependency_once(well: bool) -> None:
    """Those at the same moment share a round, those within the TTL its result, good or bad."""
    counted, calls = counting()

    async def probe() -> None:
        await counted()
        if not well:
            raise OSError

    health = health_of(Check("db", probe), ttl=60)
    await asyncio.gather(*(health.results() for _ in range(100)))
    await health.results()
    assert len(calls) == 1


@pytest.mark.rule("PRB008")
async def test_a_result_older_than_the_ttl_is_not_used() -> None:
    """A dependency that came back is seen at the next probe."""
    probe, calls = counting()
    health = health_of(Check("db", probe), ttl=0.05)
    await health.results()
    await asyncio.sleep(0.06)
    await health.results()
    assert len(calls) == 2


async def test_without_a_ttl_each_probe_asks_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Even two in the same instant of a coarse clock."""
    probe, calls = counting(seconds=0)
    health = health_of(Check("db", probe), ttl=0)
    monkeypatch.setattr(asyncio.get_running_loop(), "time", lambda: 1000.0)
    await health.results()
    await health.results()
    assert len(calls) == 2


@pytest.mark.rule("PRB008")
async def test_a_probe_that_hangs_up_leaves_the_round_to_the_others() -> None:
    """The kubelet's timeout does not cancel the check that a second probe waits for."""
    probe, calls = counting()
    health = health_of(Check("db", probe))
    first, second = asyncio.create_task(health.results()), asyncio.create_task(health.results())
    await asyncio.sleep(0)
    first.cancel()
    assert ((await second)["db"]["ok"], len(calls)) == (True, 1)


@pytest.mark.rule("PRB007")
async def test_a_check_that_ignores_its_cancellation_does_not_pile_up() -> None:
    """Ten rounds against a deaf dependency leave one probe behind, not ten, and each ends in time."""
    calls, stop = 0, asyncio.Event()

    async def deaf() -> None:
        nonlocal calls
        calls += 1
        while not stop.is_set():
            try:
                await stop.wait()
            except asyncio.CancelledError:
                continue

    health = health_of(Check("db", deaf), timeout=0.01)
    try:
        async with asyncio.timeout(10):
            errors = [(await health.results())["db"]["error"] for _ in range(10)]
    finally:
        stop.set()
    assert (calls, errors) == (1, ["timeout"] * 10)


@pytest.mark.rule("PRB007")
@pytest.mark.parametrize("critical", [True, False])
@pytest.mark.parametrize("started", [True, False])
async def test_a_check_is_cancelled_at_its_timeout(critical: bool, started: bool) -> None:
    """Whatever it is for and whenever: what it holds is given back, and the next round asks anew."""
    ended: list[str] = []

    async def probe() -> None:
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            ended.append("cancelled")
            raise

    health = health_of(Check("db", probe, critical), timeout=0.01)
    health.started = started
    async with asyncio.timeout(10):
        assert [(await health.results())["db"]["error"] for _ in range(2)] == ["timeout", "timeout"]
    await asyncio.sleep(0)
    assert ended == ["cancelled", "cancelled"]


async def test_a_check_that_cancels_itself_is_down() -> None:
    """It neither counts as up nor ends the round."""

    async def probe() -> None:
        raise asyncio.CancelledError

    state = (await health_of(Check("db", probe)).results())["db"]
    assert (state["ok"], state["error"]) == (False, "cancelled")


async def test_each_round_tells_what_it_found() -> None:
    """Once for each dependency, by its name; the metrics are fed by it."""
    told: list[tuple[str, bool]] = []
    checks = [Check("db", up), Check("cache", down), Check("queue", hung)]
    health = Health(checks, asyncio.Event(), timeout=0.01, ttl=60, on_result=lambda name, ok: told.append((name, ok)))
    await health.results()
    await health.results()
    assert sorted(told) == [("cache", False), ("db", True), ("queue", False)]


@pytest.mark.rule("MET003")
async def test_an_answer_is_told_before_slower_ones_have_answered() -> None:
    """What a connection says of itself meanwhile is newer, and is not overwritten."""
    told: asyncio.Queue[tuple[str, bool]] = asyncio.Queue()
    gate = asyncio.Event()

    async def slow() -> None:
        await gate.wait()

    checks = [Check("db", slow), Check("queue", down)]
    health = Health(checks, asyncio.Event(), timeout=10, ttl=60, on_result=lambda *result: told.put_nowait(result))
    asking = asyncio.create_task(health.results())
    assert await asyncio.wait_for(told.get(), 1) == ("queue", False)
    gate.set()
    await asking
    assert told.get_nowait() == ("db", True)


async def test_a_check_with_a_bug_is_down_until_it_is_well() -> None:
    """It may raise before there is anything to wait for, or answer with what are no details."""
    answers: list[Callable[[], object]] = [lambda: 1 / 0, numbers, up]

    def probe() -> Awaitable[Mapping[str, object]]:
        return cast("Awaitable[Mapping[str, object]]", answers.pop(0)())

    health = health_of(Check("db", probe))
    found = [(await health.results())["db"] for _ in range(3)]
    assert [result.get("error") for result in found] == ["ZeroDivisionError", "TypeError", None]
    assert [result["ok"] for result in found] == [False, False, True]
