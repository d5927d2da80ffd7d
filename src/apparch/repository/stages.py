"""A Dockerfile's stages: what each is built from and what it sets, with the defaults of its arguments put in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from apparch.repository.dockerfile import Instruction

_VARIABLE = re.compile(r"\\\$|\$(?:\{(\w+)(?::?([-+?])([^}]*))?\}|(\w+))")


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
    """Its FROM."""
    instructions: tuple[Instruction, ...]
    """What follows, without the FROM."""
    variables: Mapping[str, str | None]
    """The arguments that stand before the first FROM, with their defaults."""

    def all(self, name: str) -> list[Instruction]:
        """Its instructions of one name, in order."""
        return [each for each in self.instructions if each.name == name]

    @property
    def platform(self) -> str | None:
        """The platform that its FROM asks for, as it is written."""
        return self.begin.flag("platform")

    def expanded(self, text: str, before: Instruction | None = None) -> str | None:
        """A text of this stage with its variables put in; None where one has no value before the build.

        With `before`, only what is set above that instruction counts, as for the builder.
        """
        known: dict[str, str | None] = {}
        for each in self.instructions:
            if each is before:
                break
            for name, value in each.assignments if each.name in ("ARG", "ENV") else ():
                given = self.variables.get(name) if value is None and each.name == "ARG" else value
                known[name] = given if given is None else expand(given, known)
        return expand(text, known)


def stages(instructions: Sequence[Instruction]) -> tuple[Stage, ...]:
    """The stages in order; none where there is no FROM."""
    begins = [at for at, each in enumerate(instructions) if each.name == "FROM"]
    variables: dict[str, str | None] = {}
    for each in instructions[: begins[0] if begins else 0]:
        for name, value in each.assignments if each.name == "ARG" else ():
            variables[name] = value if value is None else expand(value, variables)
    found: list[Stage] = []
    for begin, end in pairwise([*begins, len(instructions)]):
        words = instructions[begin].rest.split()
        image = expand(words[0], variables) if words else "scratch"
        base = position(found, image) if image else None
        name = words[2].lower() if len(words) > 2 and words[1].lower() == "as" else ""
        body = tuple(instructions[begin + 1 : end])
        found.append(Stage(name, None if base is not None else image, base, instructions[begin], body, variables))
    return tuple(found)


def position(before: Sequence[Stage], name: str) -> int | None:
    """The last of these stages that has the name, by its position."""
    return next((at for at in reversed(range(len(before))) if name and before[at].name == name.lower()), None)


def lineage(all_stages: Sequence[Stage], stage: Stage) -> list[Stage]:
    """The stage and those that it is built from, itself first."""
    found = [stage]
    while found[-1].base is not None:
        found.append(all_stages[found[-1].base])
    return found


def effective(all_stages: Sequence[Stage], stage: Stage, name: str) -> Instruction | None:
    """The instruction of a name that holds in a stage: its own last one, else that of a stage below it.

    An ENTRYPOINT takes away the CMD of the stages below, as the builder does.
    """
    for each in lineage(all_stages, stage):
        own = each.all(name)
        if own:
            return own[-1]
        if name == "CMD" and each.all("ENTRYPOINT"):
            return None
    return None


def environment(all_stages: Sequence[Stage], stage: Stage) -> dict[str, tuple[str | None, Instruction]]:
    """The variables of a stage's image, its own and those of the stages below: the value, if known, and where."""
    found: dict[str, tuple[str | None, Instruction]] = {}
    for each in reversed(lineage(all_stages, stage)):
        for instruction in each.all("ENV"):
            for name, value in instruction.assignments:
                found[name] = (each.expanded(value or "", instruction), instruction)
    return found


def sources(all_stages: Sequence[Stage], at: int) -> Iterator[tuple[Instruction, int | None, str | None]]:
    """What the stage at a position takes from elsewhere by COPY, ADD or a mount of RUN.

    The instruction, and the stage by its position, or the image (None for both where an argument says it).
    """
    stage = all_stages[at]
    for each in stage.instructions:
        for name in _taken(each):
            known = expand(name, stage.variables)
            if known is None:
                yield each, None, None
            elif known.isdigit() and int(known) < at:
                yield each, int(known), None
            else:
                place = position(all_stages[:at], known)
                yield each, place, known if place is None else None


def needed(all_stages: Sequence[Stage], target: int) -> list[int]:
    """The positions of the stages that have to be built for one, itself included, in order."""
    found: set[int] = set()
    asked = [target]
    while asked:
        at = asked.pop()
        if at not in found:
            found.add(at)
            base = all_stages[at].base
            asked += [] if base is None else [base]
            asked += [place for _, place, _ in sources(all_stages, at) if place is not None]
    return sorted(found)


def expand(text: str, variables: Mapping[str, str | None]) -> str | None:
    """A text with its variables put in; None where one is not known."""
    missing = False

    def value(match: re.Match[str]) -> str:
        nonlocal missing
        if match[0] == "\\$":
            return "$"
        known = variables.get(match[1] or match[4])
        if match[2] == "-" and not known:
            return match[3]
        if match[2] == "+":
            return match[3] if known else ""
        missing = missing or known is None
        return known or ""

    found = _VARIABLE.sub(value, text)
    return None if missing or "${" in found else found


def _taken(instruction: Instruction) -> list[str]:
    if instruction.name in ("COPY", "ADD"):
        return [value for name, value in instruction.flags if name == "from"]
    if instruction.name != "RUN":
        return []
    mounts = [part for name, value in instruction.flags if name == "mount" for part in value.split(",")]
    return [part.removeprefix("from=") for part in mounts if part.startswith("from=")]
