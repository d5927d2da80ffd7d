"""A registry for the whole session, and for each test a repository name of its own behind a door of its own."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from tests.release.loopback import Door, Registry, door_before, registry_server
from tests.release.repository import Origin, app_files, make_origin
from tests.release.runner import MakeRunner, Runner
from tests.tools import require_tool

sys.path.insert(0, str(Path(__file__).parents[2] / "snippets/app/docker"))


@pytest.fixture(scope="session")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    """The real registry, empty at first."""
    with registry_server(require_tool("docker-registry"), tmp_path_factory.mktemp("registry")) as server:
        yield server


@pytest.fixture
def door(registry: Registry) -> Iterator[Door]:
    """What workflows take for ghcr.io."""
    with door_before(registry) as opened:
        yield opened


@pytest.fixture(scope="session")
def app_origin(tmp_path_factory: pytest.TempPathFactory) -> Origin:
    """The reference app's own workflows and scripts, committed."""
    return make_origin(tmp_path_factory.mktemp("origin") / "app", app_files())


@pytest.fixture
def runner(app_origin: Origin, door: Door, tmp_path: Path, request: pytest.FixtureRequest) -> Runner:
    """A GitHub for the reference app; the image repository bears the test's name."""
    return Runner(app_origin, door, tmp_path / "runs", repository=repository_of(request.node.name))


@pytest.fixture
def mutated(door: Door, tmp_path: Path, request: pytest.FixtureRequest) -> MakeRunner:
    """Make a GitHub for changed files."""

    def make(files: Mapping[str, str], part: str = "mutated") -> Runner:
        origin = make_origin(tmp_path / part / "origin", files)
        return Runner(origin, door, tmp_path / part / "runs", repository=repository_of(request.node.name + part))

    return make


def repository_of(name: str) -> str:
    """A repository name of its own for a test: letters, digits and dashes."""
    return "org/" + "-".join("".join(c if c.isalnum() else " " for c in name.lower()).split())
