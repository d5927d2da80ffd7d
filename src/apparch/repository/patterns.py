"""Path patterns: `*` and `?` stay within one step of a path, `**` stands for any number of steps."""

from __future__ import annotations

from fnmatch import fnmatchcase


def fits(pattern: str, path: str) -> bool:
    """Whether a pattern means a whole path."""
    steps, wanted = path.split("/"), pattern.strip("/").split("/")
    reached = {0}
    for each in wanted:
        if each == "**":
            reached = set(range(min(reached, default=len(steps) + 1), len(steps) + 1))
        else:
            reached = {at + 1 for at in reached if at < len(steps) and fnmatchcase(steps[at], each)}
    return len(steps) in reached
