"""The Dockerfiles that an app is released with, their final stages, and the images from elsewhere that they use."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from apparch.app.repo import AppRepo
from apparch.repository import Problem
from apparch.repository.dockerfile import Instruction, parse_dockerfile
from apparch.repository.stages import Stage, lineage, sources, stages

__all__ = ["Stage", "assignments", "final", "lineage", "outside_images", "released", "stages"]

_ASIDE = re.compile(
    r"(^|[-_.])(coverage|dev|devel|develop|development|local|test|tests|testing|testbed"
    r"|ci|lint|debug|e2e|bench|docs?|builder|playground)([-_.]|$)",
    re.IGNORECASE,
)
"""A Dockerfile, or a stage, that is called so makes no image that is released."""
_TEMPLATES = frozenset({".j2", ".jinja", ".jinja2", ".tmpl", ".tpl", ".template", ".in", ".erb", ".mustache", ".hbs"})


def is_aside(image: str) -> bool:
    """Whether an image is by its name one to develop or test with, not the app's."""
    last = image.rpartition("/")[2].partition("@")[0].partition(":")[0]
    return bool(_ASIDE.search(last.strip("${}()")))


def outside_images(all_stages: tuple[Stage, ...]) -> Iterator[tuple[Instruction, str | None]]:
    """Every image from elsewhere that a build takes something from, and the instruction that names it."""
    for at, stage in enumerate(all_stages):
        if stage.base is None:
            yield stage.begin, stage.image
        yield from ((each, image) for each, place, image in sources(all_stages, at) if place is None)


def released(app: AppRepo) -> Iterator[tuple[str, tuple[Stage, ...]]]:
    """The Dockerfiles that can make an image to release, each with its stages; one that cannot be read is left out."""
    for path in app.dockerfiles:
        name = PurePosixPath(path).name
        without = re.sub(r"(?i)(docker|container)file", "", name)
        if _ASIDE.search(without) or PurePosixPath(path).suffix in _TEMPLATES:
            continue
        instructions = app.root.parsed(path, parse_dockerfile)
        if not isinstance(instructions, Problem) and (found := stages(instructions)):
            yield path, found


def final(all_stages: tuple[Stage, ...]) -> Stage:
    """The stage that is released: the last one, but for those that by their name are for development or tests."""
    return next((each for each in reversed(all_stages) if not _ASIDE.search(each.name)), all_stages[-1])


def assignments(instruction: Instruction) -> list[tuple[str, str | None]]:
    """The names that an ARG, ENV or LABEL sets, with their values as written; None for an ARG without a default."""
    return instruction.assignments
