"""A Dockerfile's stages: what each is built from, with the defaults of its arguments put in."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from apparch.app.repo import AppRepo
from apparch.repository import Problem
from apparch.repository.dockerfile import Instruction, parse_dockerfile

_VARIABLE = re.compile(r"\$(?:\{(\w+)(?::?([-+])([^}]*))?\}|(\w+))")
_ASIDE = re.compile(
    r"(^|[-_.])(dev|devel|develop|development|local|test|tests|testing|ci|lint|debug|e2e|bench|docs?|builder|playground)"
    r"([-_.]|$)",
    re.IGNORECASE,
)
"""A Dockerfile, or a stage, that is called so makes no image that is released."""
_TEMPLATES = frozenset({".j2", ".jinja", ".jinja2", ".tmpl", ".tpl", ".template", ".in", ".erb", ".mustache", ".hbs"})


@dataclass(frozen=True)
class Stage:
    """One FROM and what follows it."""

    name: str
    """In lower case; empty where it has none."""
    image: str | None
    """What it is built from, where that is no stage; None where an argument without a default says it."""
    base: int | None
    """The stage it is built from, by its position."""
    begin: Instruction
    instructions: tuple[Instruction, ...]
    variables: Mapping[str, str | None]
    """The arguments that stand before the first FROM, with their defaults."""

    def all(self, name: str) -> list[Instruction]:
        """Its instructions of one name, in order."""
        return [each for each in self.instructions if each.name == name]

    def expanded(self, text: str) -> str | None:
        """A text of this stage with its variables put in; None where one has no value before the build."""
        known: dict[str, str | None] = {}
        for each in self.instructions:
            for name, value in assignments(each) if each.name in ("ARG", "ENV") else ():
                known[name] = self.variables.get(name) if value is None and each.name == "ARG" else value
        return expand(text, known)


def stages(instructions: tuple[Instruction, ...]) -> tuple[Stage, ...]:
    """The stages in order."""
    variables: dict[str, str | None] = {}
    begins: list[tuple[Instruction, list[Instruction]]] = []
    for each in instructions:
        if each.name == "FROM":
            begins.append((each, []))
        elif begins:
            begins[-1][1].append(each)
        elif each.name == "ARG":
            variables.update((name, expand(value, variables) if value else value) for name, value in assignments(each))
    found: list[Stage] = []
    for begin, body in begins:
        words = [word for word in begin.words if not word.startswith("--")]
        image = expand(words[0], variables) if words else "scratch"
        base = _position(found, image) if image else None
        name = words[2].lower() if len(words) > 2 and words[1].lower() == "as" else ""
        found.append(Stage(name, None if base is not None else image, base, begin, tuple(body), variables))
    return tuple(found)


def lineage(all_stages: tuple[Stage, ...], stage: Stage) -> list[Stage]:
    """The stage and those that it is built from, itself first."""
    found = [stage]
    while found[-1].base is not None:
        found.append(all_stages[found[-1].base])
    return found


def outside_images(all_stages: tuple[Stage, ...]) -> Iterator[tuple[Instruction, str | None]]:
    """Every image from elsewhere that a build takes something from, and the instruction that names it."""
    for at, stage in enumerate(all_stages):
        if stage.base is None:
            yield stage.begin, stage.image
        for each in stage.instructions:
            sources = each.words if each.name in ("COPY", "ADD") else _mounts(each) if each.name == "RUN" else ()
            for word in sources:
                if match := re.fullmatch(r"(?:--)?from=(.+)", word):
                    image = expand(match[1], stage.variables)
                    if not (image and (image.isdigit() or _position(all_stages[:at], image) is not None)):
                        yield each, image


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
    try:
        words = shlex.split(instruction.argument, posix=True)
    except ValueError:
        words = instruction.argument.split()
    if instruction.name == "ENV" and words and "=" not in words[0]:
        return [(words[0], " ".join(words[1:]))]
    pairs = [word.partition("=") for word in words]
    return [(name, value if equals else None) for name, equals, value in pairs]


def expand(text: str, variables: Mapping[str, str | None]) -> str | None:
    """A text with its variables put in; None where one is not known."""
    missing = False

    def value(match: re.Match[str]) -> str:
        nonlocal missing
        known = variables.get(match[1] or match[4])
        if match[2] == "-" and not known:
            return match[3]
        if match[2] == "+":
            return match[3] if known else ""
        missing = missing or known is None
        return known or ""

    found = _VARIABLE.sub(value, text)
    return None if missing or "$" in found else found


def _position(before: list[Stage] | tuple[Stage, ...], name: str) -> int | None:
    return next((at for at in reversed(range(len(before))) if before[at].name == name.lower() and name), None)


def _mounts(instruction: Instruction) -> list[str]:
    options = re.findall(r"--mount=(\S+)", instruction.argument)
    return [part for option in options for part in option.split(",")]
