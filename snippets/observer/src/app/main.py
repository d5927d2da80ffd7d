"""The entry point: builds the app from its parts and runs it until it is told to stop."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Protocol

from fastapi import APIRouter, FastAPI

from app import answers, health, logs, metrics
from app.lifecycle import Deadline, Server, cleanup
from app.services import AppServices
from app.settings import Settings

log = logging.getLogger(__name__)


class Services(Protocol):
    """What the app is for, as far as this module needs to know it."""

    @property
    def checks(self) -> Sequence[health.Check]:
        """The dependencies that readiness reports."""

    @property
    def routers(self) -> Sequence[APIRouter]:
        """The routes."""

    async def start(self) -> None:
        """Wait for what is needed and recover; an error ends the process."""

    async def work(self) -> None:
        """Run the loops until the drain starts; an error ends the process."""

    async def close(self) -> None:
        """Give the connections back."""


Build = Callable[[Settings, asyncio.Event, metrics.Metrics], Services]


# --8<-- [start:create]
def create_app(settings: Settings, build: Build = AppServices) -> FastAPI:
    """The whole app, not yet started: nothing is connected before the server listens."""
    draining, failed, gauges = asyncio.Event(), asyncio.Event(), metrics.Metrics()
    services = build(settings, draining, gauges)
    state = health.Health(
        services.checks,
        draining,
        timeout=settings.probe_timeout_seconds,
        ttl=settings.probe_ttl_seconds,
        on_result=lambda name, up: gauges.connection_up.labels(name).set(up),
    )

    async def live_on() -> None:
        try:
            await services.start()
            if not draining.is_set():
                state.started = True
                log.info("started")
                await services.work()
        except Exception:
            log.critical("cannot go on", exc_info=True)
            failed.set()

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        # Beside the server, not before it: the startup probe is answered while this still waits.
        life = asyncio.create_task(live_on())
        yield
        life.cancel()
        await cleanup(settings.cleanup_seconds, {"services": services.close})

    # No pages of documentation, and no redirect that repeats whatever host the caller named.
    app = FastAPI(lifespan=lifespan, openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    app.state.draining, app.state.failed = draining, failed
    app.state.metrics, app.state.health = gauges, state
    answers.explain(app)
    app.add_middleware(answers.BodyLimit)
    app.add_middleware(Deadline, seconds=settings.request_seconds)
    app.add_middleware(metrics.Record, metrics=gauges)
    for router in (health.router, metrics.router, *services.routers):
        app.include_router(router)
    return app


# --8<-- [end:create]


# --8<-- [start:run]
def run(settings: Settings, build: Build = AppServices) -> int:
    """Serve until SIGTERM; the exit code is 0 after an orderly stop, 1 if the app could not go on."""
    logs.configure(settings.log_level, settings.log_format, settings.secrets)
    app = create_app(settings, build)
    Server(app, settings, app.state.draining, app.state.failed, lambda: app.state.health.started).run()
    return 1 if app.state.failed.is_set() else 0


# --8<-- [end:run]
