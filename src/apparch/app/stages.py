"""The Dockerfiles that an app is released with, their final stages, and the images from elsewhere that they use."""

from __future__ import annotations

from collections.abc import Iterator

from apparch.app.dockerfiles import final, is_aside, is_released
from apparch.app.repo import AppRepo
from apparch.repository import Problem
from apparch.repository.dockerfile import Instruction, parse_dockerfile
from apparch.repository.stages import Stage, lineage, sources, stages

__all__ = ["Stage", "assignments", "final", "is_aside", "lineage", "outside_images", "released", "stages"]


def outside_images(all_stages: tuple[Stage, ...]) -> Iterator[tuple[Instruction, str | None]]:
    """Every image from elsewhere that a build takes something from, and the instruction that names it."""
    for at, stage in enumerate(all_stages):
        named = [(each, image) for each, place, image in sources(all_stages, at) if place is None]
        for each, image in [*([(stage.begin, stage.image)] if stage.base is None else []), *named]:
            yield each, None if image and "{{" in image else image


def released(app: AppRepo) -> Iterator[tuple[str, tuple[Stage, ...]]]:
    """The Dockerfiles that can make an image to release, each with its stages; one that cannot be read is left out."""
    for path in app.dockerfiles:
        if not is_released(path):
            continue
        instructions = app.root.parsed(path, parse_dockerfile)
        if not isinstance(instructions, Problem) and (found := stages(instructions)):
            yield path, found


def assignments(instruction: Instruction) -> list[tuple[str, str | None]]:
    """The names that an ARG, ENV or LABEL sets, with their values as written; None for an ARG without a default."""
    return instruction.assignments
