"""What starts a workflow: its events with their filters, in every form of `on`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from apparch.repository.nodes import Node
from apparch.repository.places import Place


@dataclass(frozen=True)
class Trigger:
    """One event of `on`."""

    name: str
    place: Place
    filters: Node
    """What is written below it; absent where nothing is."""

    def listed(self, key: str) -> tuple[str, ...]:
        """The texts of one filter, which may be a single one."""
        node = self.filters.at(key)
        found = node.elements() or ([node] if node.text is not None else [])
        return tuple(str(each) for each in found)

    @property
    def types(self) -> tuple[str, ...]:
        """The activities that it is limited to; empty where it has the event's own."""
        return self.listed("types")

    def takes_branch(self, name: str) -> bool:
        """Whether a push to a branch, or a pull request to it, starts it."""
        if not self._says("branches", "branches-ignore") and self._says("tags", "tags-ignore"):
            return False
        return self._takes("branches", [name])

    def takes_tag(self, name: str) -> bool:
        """Whether a push of a tag starts it."""
        if not self._says("tags", "tags-ignore") and self._says("branches", "branches-ignore"):
            return False
        return self._takes("tags", [name])

    def takes_paths(self, paths: Iterable[str]) -> bool:
        """Whether a change of these files starts it."""
        return self._takes("paths", list(paths))

    def _says(self, *keys: str) -> bool:
        return any(self.filters.at(key).present for key in keys)

    def _takes(self, key: str, names: list[str]) -> bool:
        if self.filters.at(key).present:
            return any(meant(self.listed(key), name) for name in names)
        ignored = self.listed(f"{key}-ignore")
        return not names or not all(meant(ignored, name) for name in names)


def read_triggers(node: Node) -> tuple[Trigger, ...]:
    """Every event of `on`, whether it is one name, a list or a mapping."""
    if node.text is not None:
        return (Trigger(node.text, node.place, Node(None, node.place, present=False)),)
    listed = [each for each in node.elements() if each.text is not None]
    found = [Trigger(str(each), each.place, Node(None, each.place, present=False)) for each in listed]
    return (*found, *(Trigger(name, node.key(name), below) for name, below in node.items()))


def meant(patterns: Iterable[str], name: str) -> bool:
    """Whether filter patterns of GitHub take a branch, tag or path: the last that fits decides, `!` takes away."""
    taken = False
    for pattern in patterns:
        if _expression(pattern.removeprefix("!")).fullmatch(name):
            taken = not pattern.startswith("!")
    return taken


@lru_cache(maxsize=1024)
def _expression(pattern: str) -> re.Pattern[str]:
    """`*` stops at a slash, `**` does not; `?` and `+` speak of the character before them."""
    written = ""
    if len(pattern) > 500 or len(re.findall(r"[*+?]+", pattern)) > 12:
        return re.compile(r"(?!)")
    for sign in re.finditer(r"\\(.)|\*\*/?|\*|[?+]|(\[[^\]]+\])|.", pattern, re.DOTALL):
        if sign[1]:
            written += re.escape(sign[1])
        elif sign[2]:
            written += sign[2].replace("\\", "\\\\")
        elif sign[0] == "**/":
            written += "(?:.*/)?"
        elif sign[0].startswith("*"):
            written += ".*" if sign[0] == "**" else "[^/]*"
        elif sign[0] in "?+" and written:
            written += sign[0]
        else:
            written += re.escape(sign[0])
    try:
        return re.compile(written, re.DOTALL)
    except re.error:
        return re.compile(r"(?!)")
