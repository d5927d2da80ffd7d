"""What a command line runs: the program behind `sudo`, `env`, `uv run` and their like, and its arguments."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=.*", re.DOTALL)
_PREFIXES = frozenset(
    {
        "sudo",
        "doas",
        "env",
        "nohup",
        "nice",
        "time",
        "xargs",
        "timeout",
        "gosu",
        "su-exec",
        "setpriv",
        "xvfb-run",
        "npx",
        "bunx",
        "pnpx",
        "uvx",
        "retry",
    }
)
_RUNNERS: dict[str, str] = {
    "uv": "run",
    "poetry": "run",
    "pipenv": "run",
    "pdm": "run",
    "rye": "run",
    "bundle": "exec",
    "opam": "exec",
    "npm": "exec",
    "pnpm": "exec",
}
_TAKING = frozenset({"--with", "--extra", "--group", "--python", "-p", "-u", "-n", "--package"})
"""Options of those whose value is a word of its own."""


@dataclass(frozen=True)
class Program:
    """A program with its arguments."""

    name: str
    """Without its folder; empty where there is none."""
    arguments: tuple[str, ...]

    @property
    def words(self) -> tuple[str, ...]:
        """The arguments that are no options."""
        return tuple(word for word in self.arguments if not word.startswith("-"))

    def does(self, name: str, *words: str) -> bool:
        """Whether it is this program with these first arguments, options left out."""
        return self.name == name and self.words[: len(words)] == words

    def has(self, *options: str) -> bool:
        """Whether one of the options is given, also as `--option=value`."""
        return any(word in options or word.partition("=")[0] in options for word in self.arguments)

    def option(self, *names: str) -> list[str]:
        """The values of an option, however they are given."""
        found: list[str] = []
        for at, word in enumerate(self.arguments):
            if word in names and at + 1 < len(self.arguments):
                found.append(self.arguments[at + 1])
            elif word.partition("=")[0] in names and "=" in word:
                found.append(word.partition("=")[2])
        return found


def program(words: Sequence[str]) -> Program:
    """The program that a command's words run in the end, a Python module taken for one."""
    left = list(words)
    while left:
        name = left[0].rpartition("/")[2]
        if name in _PREFIXES:
            left = _without_options(left[1:])
            if name in ("timeout", "gosu", "su-exec", "retry") and len(left) > 1:
                left = left[1:]
        elif _RUNNERS.get(name) and _RUNNERS[name] in left[1:3]:
            left = _without_options(left[left.index(_RUNNERS[name]) + 1 :])
        elif re.fullmatch(r"python[0-9.]*|py", name) and "-m" in left[:-1]:
            left = left[left.index("-m") + 1 :]
            return Program(left[0], tuple(left[1:]))
        else:
            return Program(name, tuple(left[1:]))
    return Program("", ())


def _without_options(words: list[str]) -> list[str]:
    at = 0
    while at < len(words) and (words[at].startswith("-") or _ASSIGNMENT.fullmatch(words[at])):
        at += 2 if words[at] in _TAKING else 1
    return words[at:]
