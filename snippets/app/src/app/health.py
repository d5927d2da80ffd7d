"""The probes: alive, started, ready (App document 6.1)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse

router = APIRouter(prefix="/health", tags=["health"])


# --8<-- [start:check]
@dataclass(frozen=True)
class Check:
    """A dependency: `probe` raises when it is down and may return details to show, which hold no secret.

    Without a critical one the service cannot work; an optional one is reported, but does not take the pod away.
    """

    name: str
    probe: Callable[[], Awaitable[Mapping[str, object] | None]]
    critical: bool = True


class Health:
    """The state that the probes report: however many ask, each dependency is asked once per `ttl` seconds."""

    def __init__(
        self,
        checks: Sequence[Check],
        draining: asyncio.Event,
        *,
        timeout: float,
        ttl: float,
        on_result: Callable[[str, bool], None] = lambda name, ok: None,
    ) -> None:
        self.started = False
        self.draining = draining
        self._checks, self._timeout, self._ttl, self._on_result = checks, timeout, ttl, on_result
        self._round: asyncio.Task[dict[str, dict[str, object]]] | None = None
        self._round_ended = 0.0
        self._probes: dict[str, asyncio.Task[dict[str, object]]] = {}

    async def results(self) -> dict[str, dict[str, object]]:
        """The state of each dependency, at most `ttl` old; takes no longer than `timeout`."""
        now = asyncio.get_running_loop().time()
        if self._round is None or (self._round.done() and now - self._round_ended >= self._ttl):
            self._round = asyncio.create_task(self._ask_all())
        # A probe that hangs up must not cancel the round that the others wait for.
        return await asyncio.shield(self._round)

    async def _ask_all(self) -> dict[str, dict[str, object]]:
        answers = await asyncio.gather(*(self._ask(check) for check in self._checks))
        self._round_ended = asyncio.get_running_loop().time()
        return {check.name: answer for check, answer in zip(self._checks, answers, strict=True)}

    async def _ask(self, check: Check) -> dict[str, object]:
        verdict = await self._verdict(check)
        # Told at once: after a slower one has answered, it may no longer be so.
        self._on_result(check.name, verdict["ok"] is True)
        return verdict

    async def _verdict(self, check: Check) -> dict[str, object]:
        probe = self._probes.get(check.name)
        # One that ignores its cancellation is waited for again, so that hung probes do not pile up.
        if probe is None or probe.done():
            probe = self._probes[check.name] = asyncio.create_task(self._probe(check))
        await asyncio.wait([probe], timeout=self._timeout)
        verdict: dict[str, object] = {"ok": False, "critical": check.critical}
        if not probe.done():
            probe.cancel()
            return verdict | {"error": "timeout"}
        if probe.cancelled():
            return verdict | {"error": "cancelled"}
        # The kind of the error only: its text may quote an address or a password.
        if error := probe.exception():
            return verdict | {"error": type(error).__name__}
        return verdict | {"ok": True} | probe.result()

    async def _probe(self, check: Check) -> dict[str, object]:
        # Inside the task, a probe that fails before there is anything to await is down like any other.
        return dict(await check.probe() or {})


# --8<-- [end:check]


# --8<-- [start:live]
@router.get("/live")
async def live() -> JSONResponse:
    """The event loop turns; no dependency is asked, as a restart would repair none of them."""
    return _answer(200, {"status": "alive"})


# --8<-- [end:live]


# --8<-- [start:ready]
@router.get("/ready")
async def ready(request: Request) -> JSONResponse:
    """This pod can serve: initialised, not stopping, every critical dependency up."""
    health: Health = request.app.state.health
    if health.draining.is_set():
        return _answer(503, {"status": "draining"})
    checks = await health.results()
    up = all(check["ok"] for check in checks.values() if check["critical"])
    status = "starting" if not health.started else "ready" if up else "unavailable"
    return _answer(200 if status == "ready" else 503, {"status": status, "checks": checks})


# --8<-- [end:ready]


# --8<-- [start:startup]
@router.get("/startup")
async def startup(request: Request) -> JSONResponse:
    """Initialisation has ended; it runs beside the server, so that this can be asked before."""
    started = request.app.state.health.started
    return _answer(200 if started else 503, {"status": "started" if started else "starting"})


# --8<-- [end:startup]


def _answer(status: int, body: dict[str, object]) -> JSONResponse:
    return JSONResponse(body, status_code=status, headers={"Cache-Control": "no-store"})
