"""What is pinned: everything that is asked for, extras included, for each Python that is supported."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from requirements.state import packages
from tests.setup.machine import ROOT

APP = ROOT / "snippets/app"
OBSERVER = ROOT / "snippets/observer"
FILES = [
    *(ROOT / "requirements").glob("*.txt"),
    *(file for app in (APP, OBSERVER) for file in app.glob("requirements*.txt")),
    APP / "docker/build-requirements.txt",
]


def declared(file: Path, *groups: str) -> list[str]:
    """What a pyproject.toml asks for, in the package itself and in its groups."""
    project = tomllib.loads(file.read_text())
    return [
        *project["project"]["dependencies"],
        *(line for name in groups for line in project["dependency-groups"][name]),
    ]


def unpinned(wanted: list[str], pinned: set[str]) -> set[str]:
    """What is asked for on this Python, directly or through what is installed, and is not pinned."""
    seen: set[tuple[str, str]] = set()
    missing: set[str] = set()
    todo = [(Requirement(line), "") for line in wanted]
    while todo:
        requirement, extra = todo.pop()
        if requirement.marker and not requirement.marker.evaluate({"extra": extra}):
            continue
        name = canonicalize_name(requirement.name)
        if name not in pinned:
            missing.add(name)
        for wanted_extra in ("", *requirement.extras):
            if (name, wanted_extra) not in seen:
                seen.add((name, wanted_extra))
                todo += [(Requirement(line), wanted_extra) for line in requires_of(name)]
    return missing


def requires_of(name: str) -> list[str]:
    """What the installed package says that it depends on."""
    try:
        return requires(name) or []
    except PackageNotFoundError:
        return []


SITE = declared(ROOT / "pyproject.toml", "site")
APP_DEVELOPS = declared(APP / "pyproject.toml", "dev")
ASKED = {
    "the site": (SITE, ["requirements/site.txt"]),
    "the tests": (
        [*SITE, *declared(ROOT / "pyproject.toml", "test"), *APP_DEVELOPS],
        ["requirements/site.txt", "requirements/test.txt"],
    ),
    "the workflow over many repositories": (
        declared(ROOT / "pyproject.toml", "action", "fleet"),
        ["requirements/fleet.txt"],
    ),
    "the app": (declared(APP / "pyproject.toml"), ["snippets/app/requirements.txt"]),
    "the app's development": (APP_DEVELOPS, ["snippets/app/requirements-dev.txt"]),
    "the collector": (declared(OBSERVER / "pyproject.toml"), ["snippets/observer/requirements.txt"]),
    "the collector's development": (
        declared(OBSERVER / "pyproject.toml", "dev"),
        ["snippets/observer/requirements-dev.txt"],
    ),
}


@pytest.mark.parametrize("what", ASKED)
def test_everything_that_is_asked_for_is_pinned(what: str) -> None:
    """Also what is asked for as an extra, which pip does not check."""
    wanted, files = ASKED[what]
    assert unpinned(wanted, {name for file in files for name in packages(ROOT / file)}) == set()


def test_a_pin_that_is_missing_is_noticed() -> None:
    """One that only an extra asks for."""
    wanted, (file,) = ASKED["the app"]
    assert "sqlalchemy[asyncio]>=2.0.36,<3" in wanted
    assert unpinned(wanted, packages(ROOT / file) - {"greenlet"}) == {"greenlet"}


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_every_line_is_a_version_with_its_hashes_and_no_host(file: Path) -> None:
    """Nothing in it could lead to another file than the one that was looked at."""
    lines = file.read_text().replace("\\\n", " ").splitlines()
    assert lines
    assert [
        line for line in lines if not re.fullmatch(r"[a-z0-9-]+==\S+( ; [^#]+?)?( +--hash=sha256:[0-9a-f]{64})+", line)
    ] == []


def test_the_supported_pythons_are_the_same_everywhere() -> None:
    """In the set-up, in what the package says of itself, in the workflow and for the reader."""
    script = (ROOT / "requirements/environment").read_text()
    newest, oldest = (int(re.search(rf"\b{name}=(\d+)", script)[1]) for name in ("newest", "oldest"))  # type: ignore[index]
    every = [f"3.{minor}" for minor in range(oldest, newest + 1)]
    workflow = yaml.safe_load((ROOT / ".github/workflows/test.yml").read_text())
    assert workflow["jobs"]["test"]["strategy"]["matrix"]["python"] == every
    for project in (ROOT, APP):
        assert tomllib.loads((project / "pyproject.toml").read_text())["project"]["requires-python"] == f">={every[0]}"
    assert f"Python {every[0]} to {every[-1]}" in (ROOT / "README.md").read_text()
    assert f"Python {every[0]}부터 {every[-1]}까지" in (ROOT / "README.ko.md").read_text()
    assert f"Python {every[0]} to {every[-1]}" in (APP / "docs/README.md").read_text()
    oldest_pips = re.findall(r"python_version [=>]= '(.*)'", (ROOT / "requirements/lock.py").read_text())
    assert oldest_pips == every
