"""What an image runs when it starts: the commands of its ENTRYPOINT and CMD, and of the script that they name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from apparch.app.repo import AppRepo
from apparch.app.stages import Stage, released
from apparch.checks._image import Start, entry_script, exec_form, start_of
from apparch.repository import Place
from apparch.repository.dockerfile import Instruction
from apparch.repository.places import spot
from apparch.repository.programs import Program, program
from apparch.repository.shell import Command, parse_commands

_WRAPPERS = frozenset(
    {"tini", "tini-static", "dumb-init", "catatonit", "opentelemetry-instrument", "ddtrace-run", "newrelic-admin"}
    | {"run-program", "chamber", "doppler", "infisical", "sentry-run"}
)
"""Programs that start the one behind them and are no server themselves."""


@dataclass(frozen=True)
class Started:
    """One command that runs when the image starts."""

    run: Program
    words: tuple[str, ...]
    place: Place
    command: Command | None
    """As a shell reads it; None where no shell does."""


def started(app: AppRepo) -> Iterator[Started]:
    """Every command that runs when a released image starts."""
    for _, stages in released(app):
        yield from started_by(app, stages)


def started_by(app: AppRepo, stages: tuple[Stage, ...]) -> Iterator[Started]:
    """Every command that runs when the image of these stages starts, in order."""
    start = start_of(stages)
    path = entry_script(app, start)
    text = app.root.text(path) if path else None
    if path is not None and isinstance(text, str):
        for command in parse_commands(text):
            if "$@" not in command.words:
                yield _of(command.words, spot(path, text, command.begin, command.end), command)
    yield from _stated(start, path is not None)


def _stated(start: Start, scripted: bool) -> Iterator[Started]:
    """What the two instructions say; what stands behind a script of the repository are the words that it is given."""
    plain: list[str] = []
    place: Place | None = None
    for instruction in (start.entrypoint, start.command):
        if instruction is None:
            continue
        words = exec_form(instruction)
        inline = _inline(instruction, words)
        if inline is not None:
            for command in parse_commands(inline):
                yield _of(command.words, instruction.place, command)
        elif words is not None and not (scripted and instruction is start.entrypoint):
            plain += words
            place = place or instruction.place
    if place is not None:
        yield _of(tuple(plain), place, None)


def _inline(instruction: Instruction, words: list[str] | None) -> str | None:
    """The text that a shell reads: of the shell form, or behind `sh -c`."""
    if words is None:
        return instruction.argument
    return next((each for flag, each in pairwise(words) if re.fullmatch(r"-\w*c", flag)), None)


def _of(words: tuple[str, ...], place: Place, command: Command | None) -> Started:
    left = list(words)
    while left and left[0].rpartition("/")[2] in _WRAPPERS:
        left = left[1:]
        while left and left[0].startswith("-"):
            left = left[1:]
    return Started(program(left), tuple(left), place, command)
