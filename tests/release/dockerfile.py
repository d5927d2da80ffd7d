"""The stages of the reference Dockerfile as its judges compare them, and what its context leaves out."""

from __future__ import annotations

from dataclasses import dataclass

from apparch.repository import Problem
from apparch.repository import stages as read
from apparch.repository.dockerfile import parse_dockerfile
from apparch.repository.ignore import Ignore, parse_dockerignore


@dataclass(frozen=True)
class Stage:
    """One FROM and what follows it."""

    image: str
    name: str
    instructions: tuple[tuple[str, str], ...]

    def all(self, keyword: str) -> list[str]:
        """The arguments of every instruction with this keyword, in order."""
        return [arguments for word, arguments in self.instructions if word == keyword]


def stages(text: str) -> list[Stage]:
    """The stages in order; ValueError for what is no Dockerfile."""
    instructions = parse_dockerfile(text, "docker/Dockerfile")
    if isinstance(instructions, Problem):
        raise ValueError(instructions.message)
    return [
        Stage(each.begin.rest.split()[0], each.name, tuple((line.name, line.argument) for line in each.instructions))
        for each in read.stages(instructions)
    ]


def ignored(dockerignore: str, path: str) -> bool:
    """Whether a builder leaves a path of the context out."""
    return Ignore((parse_dockerignore(dockerignore, ".dockerignore"),), parents_bind=False).excluded(path)
