"""A Dockerfile as its stages and instructions, and a .dockerignore as a question about a path."""

from __future__ import annotations

import re
from dataclasses import dataclass


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
    """The stages in order; a line that is no instruction belongs to none."""
    joined = re.sub(r"\\\n", " ", re.sub(r"^\s*#.*\n", "", text, flags=re.MULTILINE))
    found: list[Stage] = []
    for line in filter(str.strip, joined.splitlines()):
        keyword, _, arguments = line.strip().partition(" ")
        if keyword.upper() == "FROM":
            image, _, name = arguments.partition(" AS ")
            found.append(Stage(image.strip(), name.strip(), ()))
        elif found:
            last = found[-1]
            found[-1] = Stage(last.image, last.name, (*last.instructions, (keyword.upper(), arguments.strip())))
    return found


def ignored(dockerignore: str, path: str) -> bool:
    """Whether a builder leaves a path of the context out: the last pattern that matches it or a parent decides."""
    out = False
    for line in dockerignore.splitlines():
        pattern = line.strip()
        if not pattern or pattern.startswith("#"):
            continue
        kept = pattern.startswith("!")
        expression = _expression(pattern.removeprefix("!").strip("/"))
        if any(expression.fullmatch(part) for part in _parents(path)):
            out = not kept
    return out


def _parents(path: str) -> list[str]:
    parts = path.split("/")
    return ["/".join(parts[: length + 1]) for length in range(len(parts))]


def _expression(pattern: str) -> re.Pattern[str]:
    translated = ""
    for part in re.split(r"(\*\*/|\*\*|\*|\?|\[[^\]]+\])", pattern):
        match part:
            case "**/":
                translated += "(?:.*/)?"
            case "**":
                translated += ".*"
            case "*":
                translated += "[^/]*"
            case "?":
                translated += "[^/]"
            case _ if part.startswith("["):
                translated += part
            case _:
                translated += re.escape(part)
    return re.compile(translated)
