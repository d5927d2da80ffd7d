"""The judge of IMG001: which registry the images go to, and under which name."""

from __future__ import annotations

import re
from collections.abc import Iterator

from apparch.app.ci import all_acts
from apparch.app.meanings import LOOPBACK
from apparch.app.recipes import sent
from apparch.app.references import metadata, pushed
from apparch.app.registries import GHCR, logged_in, registry_of
from apparch.app.repo import AppRepo
from apparch.checks._shared import finding
from apparch.finding import Answer
from apparch.repository import Place

_TRIAL = re.compile(
    r"kind|minikube|k3d|local|(^|[-_/.])(dev|e2e|tests?|sandbox|demo|playground|mirror|base|cache)([-_/.]|$)",
    re.IGNORECASE,
)
"""What a file, a target or an image is called with which nothing is published."""


def img001(app: AppRepo) -> Iterator[Answer]:
    """What is pushed goes to GHCR under the repository's own name."""
    names = [each for found in metadata(app.root) for each in found.names]
    told: set[tuple[Place, str]] = set()
    there = False
    for each in (*pushed(app.root), *names):
        registry, path = registry_of(each.name)
        registry = registry or logged_in(each.act)
        there = there or registry in (GHCR, "")
        if not registry or (each.place, each.name) in told:
            continue
        told.add((each.place, each.name))
        if registry != GHCR:
            yield _elsewhere(each.place, registry)
        elif not app.directory and (more := _beyond(path)):
            ko, en = (
                f"이미지의 이름에 레포의 이름 말고 {more}가 더 있다",
                f"the image's name has {more} beside the repo's own",
            )
            yield finding("IMG001", each.place, ko, en)
    yield from _unread(app)
    yield from _by_others(app, there=there)


def _elsewhere(place: Place, registry: str) -> Answer:
    ko, en = f"이미지를 GHCR이 아니라 {registry}에 올린다", f"the image is pushed to {registry} and not to GHCR"
    return finding("IMG001", place, ko, en)


def _unread(app: AppRepo) -> Iterator[Answer]:
    """A job that pushes what cannot be read, and is logged in to other registries only."""
    known = {each.act.step.place for each in pushed(app.root)} | {each.act.step.place for each in metadata(app.root)}
    for act in all_acts(app.root):
        if act.meaning == "push" and act.step.place not in known and (registry := logged_in(act)):
            steps = (act.step.job or act.job).steps
            logins = [step for step in steps if step.uses and step.uses.name == "docker/login-action"]
            place = next((each.given["registry"].place for each in logins if "registry" in each.given), None)
            place = place or next((each.uses.place for each in logins if each.uses), act.place)
            ko, en = f"GHCR이 아니라 {registry}에 로그인해 올린다", f"it logs in to {registry} and not to GHCR to push"
            yield finding("IMG001", place, ko, en)


def _by_others(app: AppRepo, *, there: bool) -> Iterator[Answer]:
    """What another CI pushes, and, where no workflow pushes to GHCR, what a Makefile or a script does."""
    told: set[tuple[str, str]] = set()
    for each in sent(app):
        registry, path = registry_of(each.name)
        if registry in ("", GHCR) or LOOPBACK.match(f"{registry}/") or (each.place.path, registry) in told:
            continue
        is_named = "/" in each.name and not _is_a_trial(each.place.path, each.target, path)
        if each.by == "ci" or (is_named and not there):
            told.add((each.place.path, registry))
            yield _elsewhere(each.place, registry)


def _is_a_trial(path: str, *names: str) -> bool:
    return any(_TRIAL.search(each.partition(":")[0]) for each in (path.rpartition("/")[2], *names))


def _beyond(path: str) -> str:
    """What an image's path has beside owner and repository."""
    if path.startswith("${{github.repository}}"):
        return path.removeprefix("${{github.repository}}").strip("/")
    steps = path.split("/")
    return "/".join(steps[2:]) if "$" not in "".join(steps[:2]) or len(steps) > 2 else ""
