"""The image, built twice from one commit, once per session whatever the number of workers."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.image.oci import Image, Store
from tests.image.services import services
from tests.image.workspace import checkout, dirtied, prepare
from tests.tools import cannot_run, require_tool


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Path:
    """A directory that all workers of this session share."""
    base = tmp_path_factory.getbasetemp()
    place = (base.parent if hasattr(request.config, "workerinput") else base) / "image"
    place.mkdir(exist_ok=True)
    return place


@pytest.fixture(scope="session")
def store(shared: Path) -> Store:
    """The image store, with the local base in it and the wheels of the locked requirements beside it."""
    for tool in ("buildah", "runc", "busybox"):
        require_tool(tool)
    if os.geteuid() != 0:
        cannot_run("images are built and run here as root: start the tests with sudo, or under `buildah unshare`")
    with _lock(shared):
        if not (shared / "ready").exists():
            made = prepare(shared)
            clean = checkout(shared / "clean")
            made.build(dirtied(clean, shared / "dirty"), "localhost/app:dirty")
            made.build(clean, "localhost/app:clean")
            (shared / "ready").touch()
    return Store(shared / "store", shared / "wheels")


@pytest.fixture
def context(store: Store, shared: Path, tmp_path: Path) -> Path:
    """A copy of the commit that the image was built from, to change and build."""
    return shutil.copytree(shared / "clean", tmp_path / "context")


@pytest.fixture(scope="session")
def image(store: Store) -> Image:
    """The image, built from a checkout full of things that must stay out."""
    return store.read("localhost/app:dirty")


@pytest.fixture(scope="session")
def again(store: Store) -> Image:
    """The same commit, built once more from a clean checkout in another place."""
    return store.read("localhost/app:clean")


@pytest.fixture(scope="module")
def attached(tmp_path_factory: pytest.TempPathFactory, store: Store) -> Iterator[dict[str, str]]:
    """The environment of a container whose services are all there."""
    with services(tmp_path_factory.mktemp("services")) as environ:
        yield environ


@contextmanager
def _lock(place: Path) -> Iterator[None]:
    """Hold the directory's lock until the block ends, against the other workers."""
    with (place / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
