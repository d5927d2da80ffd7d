"""What a build starts from: a checkout of the reference app, clean or dirty, and a store with its base and wheels."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from tests.image.local_base import make_root
from tests.image.oci import Store
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


def prepare(directory: Path) -> Store:
    """A store in a directory of its own, ready to build; a package index must be in reach."""
    store = Store(directory / "store", directory / "wheels")
    store.directory.mkdir(parents=True)
    _download_wheels(store.wheels)
    store.add_base(make_root(directory / "base", require_tool("busybox")))
    return store


def checkout(place: Path) -> Path:
    """The files of the reference app that Git tracks or would track, as they are now."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "snippets/app"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.splitlines()  # fmt: skip
    for name in filter(lambda listed: (ROOT / listed).exists(), listed):
        target = place / Path(name).relative_to("snippets/app")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, target)
    return place


def dirtied(clean: Path, place: Path) -> Path:
    """The same checkout in another place, with a canary in everything that lies about there."""
    shutil.copytree(clean, place)
    for name in DIRT:
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text(f"SECRET={CANARY}\n")
    return place


def _download_wheels(place: Path) -> None:
    requirements = [ROOT / "snippets/app/requirements.txt", ROOT / "snippets/app/docker/build-requirements.txt"]
    listed = [argument for file in requirements for argument in ("-r", str(file))]
    pins_only = ["--no-deps", "--require-hashes", "--only-binary=:all:"]
    download = [sys.executable, "-m", "pip", "download", "--quiet", *pins_only, *listed, "-d", str(place)]
    subprocess.run(download, check=True)
