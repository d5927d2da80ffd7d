"""The image, built twice from one commit, once per session whatever the number of workers."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.image.local_base import make_root
from tests.image.oci import Image, Store
from tests.image.services import services
from tests.tools import require_tool

ROOT = Path(__file__).parents[2]
CANARY = "canary-5f1d0c7e"
# What lies about in a developer's checkout, and has no business in an image.
DIRT = (
    ".env", ".env.production", "config/.env.production", "src/app/.env.local", "kubeconfig", "id_rsa",
    ".git/config", ".venv/pyvenv.cfg", ".pytest_cache/README.md", ".mypy_cache/x.json", ".coverage",
    "htmlcov/index.html", "src/app/__pycache__/main.cpython-312.pyc", "src/app/tests/test_hidden.py",
    "src/app.egg-info/PKG-INFO", "dist/app.whl", "node_modules/x.js",
)  # fmt: skip


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
    for tool in ("buildah", "runc"):
        require_tool(tool)
    if os.geteuid() != 0:
        message = "images are built and run here as root: start the tests with sudo, or under `buildah unshare`"
        pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)
    busybox = require_tool("busybox")
    made = Store(shared / "store", shared / "wheels")
    with _lock(shared):
        if not (shared / "ready").exists():
            made.directory.mkdir()
            _download_wheels(made.wheels)
            made.add_base(make_root(shared / "base", busybox))
            made.build(checkout(shared / "dirty", dirty=True), "localhost/app:dirty")
            made.build(checkout(shared / "clean", dirty=False), "localhost/app:clean")
            (shared / "ready").touch()
    return made


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


def checkout(place: Path, *, dirty: bool) -> Path:
    """The files of the reference app that Git tracks or would track; dirty, with a canary in everything else."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "snippets/app"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.splitlines()  # fmt: skip
    for name in listed:
        target = place / Path(name).relative_to("snippets/app")
        target.parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / name).exists():
            shutil.copy(ROOT / name, target)
    for name in DIRT if dirty else ():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text(f"SECRET={CANARY}\n")
    return place


def _download_wheels(place: Path) -> None:
    requirements = [ROOT / "snippets/app/requirements.txt", ROOT / "snippets/app/docker/build-requirements.txt"]
    listed = [argument for file in requirements for argument in ("-r", str(file))]
    download = [sys.executable, "-m", "pip", "download", "--quiet", "--require-hashes", "--only-binary=:all:"]
    subprocess.run([*download, *listed, "-d", place], check=True)


@contextmanager
def _lock(place: Path) -> Iterator[None]:
    """Hold the directory's lock until the block ends, against the other workers."""
    with (place / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
