"""A Dockerfile's instructions, as far as reading needs them: no variable is expanded, nothing is run."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from apparch.repository.places import Place, Problem

_INSTRUCTION = re.compile(r"\s*([A-Za-z]+)(?:\s+(.*))?", re.DOTALL)
_KNOWN = frozenset(
    [
        "ADD",
        "ARG",
        "CMD",
        "COPY",
        "ENTRYPOINT",
        "ENV",
        "EXPOSE",
        "FROM",
        "HEALTHCHECK",
        "LABEL",
        "MAINTAINER",
        "ONBUILD",
        "RUN",
        "SHELL",
        "STOPSIGNAL",
        "USER",
        "VOLUME",
        "WORKDIR",
    ]
)


@dataclass(frozen=True)
class Instruction:
    """One instruction, its continued lines joined."""

    name: str
    argument: str
    place: Place

    @property
    def words(self) -> list[str]:
        """The argument's words; of the exec form, its strings."""
        try:
            listed = json.loads(self.argument)
        except (ValueError, RecursionError):
            return self.argument.split()
        return [str(word) for word in listed] if isinstance(listed, list) else self.argument.split()


def parse_dockerfile(text: str, path: str) -> tuple[Instruction, ...] | Problem:
    """Every instruction in order; a line that is none is a problem."""
    found: list[Instruction] = []
    lines = enumerate(text.splitlines(), start=1)
    for number, line in lines:
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        whole = line
        while whole.rstrip().endswith("\\"):
            whole = whole.rstrip()[:-1]
            following = next(lines, None)
            if following is None:
                break
            if following[1].strip() and not following[1].lstrip().startswith("#"):
                whole += " " + following[1].strip()
            else:
                whole += "\\"
        match = _INSTRUCTION.fullmatch(whole)
        if match is None or match[1].upper() not in _KNOWN:
            said = " ".join(whole.split()[:1]) or "an empty line that goes on"
            return Problem(Place(path, number), f"{said} is no Dockerfile instruction")
        argument = (match[2] or "").strip()
        found.append(Instruction(match[1].upper(), argument, Place(path, number)))
        holds = match[1].upper() in ("RUN", "COPY", "ADD")
        for heredoc in re.finditer(r"<<-?[\"']?([A-Za-z_]\w*)[\"']?", argument) if holds else ():
            if not any(each.strip() == heredoc[1] for _, each in lines):
                return Problem(Place(path, number), f"the text that begins with {heredoc[0]} does not end")
    return tuple(found)


def last_stage(instructions: tuple[Instruction, ...]) -> tuple[Instruction, ...]:
    """What is built when no target is named: everything from the last FROM on."""
    begin = max((index for index, each in enumerate(instructions) if each.name == "FROM"), default=0)
    return instructions[begin:]


def chain(instructions: tuple[Instruction, ...]) -> list[Instruction]:
    """The last stage, and before it the stages that it is built from, the outermost first."""
    stages: list[list[Instruction]] = []
    for each in instructions:
        if each.name == "FROM":
            stages.append([each])
        elif stages:
            stages[-1].append(each)
    found: list[Instruction] = []
    at = len(stages) - 1
    while at >= 0:
        found = [*stages[at], *found]
        base = stages[at][0].words[0].lower() if stages[at][0].words else ""
        names = [_named(stage[0]) for stage in stages[:at]]
        at = len(names) - 1 - names[::-1].index(base) if base in names else -1
    return found


def _named(begin: Instruction) -> str:
    words = [each.lower() for each in begin.words]
    return words[words.index("as") + 1] if "as" in words[:-1] else ""
