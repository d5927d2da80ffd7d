"""What an environment was made with: the content of each file, and the packages that it names."""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from pathlib import Path
from typing import TypedDict


class Made(TypedDict):
    """One file's part in an environment."""

    digest: str
    packages: list[str]


def is_recorded(venv: Path, file: Path) -> bool:
    """Whether the environment was made with the file as it is now."""
    made = _read(venv).get(_key(file))
    return made is not None and made["digest"] == _digest(file)


def record(venv: Path, files: list[Path]) -> None:
    """Write down that the environment holds what the files name."""
    made = _read(venv) | {_key(file): Made(digest=_digest(file), packages=sorted(packages(file))) for file in files}
    partial = venv / "made-with.json.partial"
    partial.write_text(json.dumps(made, indent=1))
    partial.rename(venv / "made-with.json")


def recorded_packages(venv: Path, beside: list[Path]) -> set[str]:
    """The packages of every file that the environment was made with, beside those given."""
    left_out = {_key(file) for file in beside}
    return {name for key, made in _read(venv).items() if key not in left_out for name in made["packages"]}


def packages(file: Path) -> set[str]:
    """The packages that a requirements file pins, or the one that a pyproject.toml describes, by their normal names."""
    if file.suffix == ".toml":
        return {normal(tomllib.loads(file.read_text())["project"]["name"])}
    return {normal(name) for name in re.findall(r"^([A-Za-z0-9][\w.-]*)==", file.read_text(), re.MULTILINE)}


def normal(name: str) -> str:
    """A package's name as the index compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _key(file: Path) -> str:
    return file.name


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _read(venv: Path) -> dict[str, Made]:
    try:
        made: dict[str, Made] = json.loads((venv / "made-with.json").read_text())
    except (FileNotFoundError, ValueError):
        # A record that cannot be read records nothing: all is fetched and compared again.
        return {}
    return made
