"""The Dockerfiles that an app is released with, their final stages, and the images from elsewhere that they use."""

from __future__ import annotations

from collections.abc import Iterator

from apparch.app.dockerfiles import final, is_aside, is_released
from apparch.app.repo import AppRepo
from apparch.repository import Problem
from apparch.repository.dockerfile import Instruction, parse_dockerfile
from apparch.repository.stages import Stage, lineage, needed, sources, stages

__all__ = ["Stage", "assignments", "final", "is_aside", "lineage", "outside_images", "released", "shipped", "stages"]


def outside_images(all_stages: tuple[Stage, ...]) -> Iterator[tuple[Instruction, str | None]]:
    """Every image from elsewhere that a build takes something from, and the instruction that names it."""
    for at, stage in enumerate(all_stages):
        named = [(each, image) for each, place, image in sources(all_stages, at) if place is None]
        for each, image in [*([(stage.begin, stage.image)] if stage.base is None else []), *named]:
            yield each, None if image and "{{" in image else image


def released(app: AppRepo) -> Iterator[tuple[str, tuple[Stage, ...]]]:
    """The Dockerfiles that can make an image to release, each with its stages; one that cannot be read is left out.

    Where each is by its name there to build or develop with, the only one of all makes the image for all that.
    """
    named = [path for path in app.dockerfiles if is_released(path)]
    for path in named or app.dockerfiles[: len(app.dockerfiles) == 1]:
        instructions = app.root.parsed(path, parse_dockerfile)
        if not isinstance(instructions, Problem) and (found := stages(instructions)):
            yield path, found


def shipped(all_stages: tuple[Stage, ...]) -> list[Stage]:
    """The stages that the released one is made of, and those of others that start something."""
    ends = [at for at, each in enumerate(all_stages) if each is final(all_stages) or starts(all_stages, at)]
    return [all_stages[at] for at in sorted({before for end in ends for before in needed(all_stages, end)})]


def starts(all_stages: tuple[Stage, ...], at: int) -> bool:
    """Whether a stage by itself says what runs in it, and is not by its name one to develop or test with."""
    stage = all_stages[at]
    return not is_aside(stage.name) and bool(stage.all("CMD") or stage.all("ENTRYPOINT"))


def assignments(instruction: Instruction) -> list[tuple[str, str | None]]:
    """The names that an ARG, ENV or LABEL sets, with their values as written; None for an ARG without a default."""
    return instruction.assignments
