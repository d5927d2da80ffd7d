"""docs/API.md names the routes and metrics that exist, and no others."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from fastapi import FastAPI

from app.config import load_settings
from app.main import create_app
from fixtures.environment import ENVIRONMENT

API = (Path(__file__).parents[2] / "docs/API.md").read_text()


@pytest.fixture
async def app() -> FastAPI:
    """The real app, not started."""
    return create_app(load_settings(ENVIRONMENT))


@pytest.mark.rule("OWN007")
async def test_the_routes_are_those_of_the_app(app: FastAPI) -> None:
    """Both ways; the names of path parameters do not matter."""
    documented = {
        (method, re.sub(r"\{\w+\}", "{}", path)) for method, path in re.findall(r"`(GET|POST) (/[^`]*)`", API)
    }
    served = {
        (method.upper(), re.sub(r"\{\w+\}", "{}", path))
        for path, item in app.openapi()["paths"].items()
        for method in item
    }
    assert documented == served


@pytest.mark.rule("OWN007")
async def test_the_metrics_are_those_of_the_app(app: FastAPI) -> None:
    """Both ways; those of the process come with the library."""
    rows = [row.split(" | ")[0] for row in API.splitlines() if row.startswith("| `")]
    documented = {name for row in rows for name in re.findall(r"`([a-z]+_[a-z_]+)`", row)}
    exposed = {
        metric.name + ("_total" if metric.type == "counter" else "")
        for metric in app.state.metrics.registry.collect()
        if not metric.name.startswith("process_")
    }
    assert documented == exposed
