"""The last step of a path and its ending: what `pathlib` tells too, at many times the cost."""

from __future__ import annotations


def name(path: str) -> str:
    """A file's name."""
    return path.rpartition("/")[2]


def ending(path: str) -> str:
    """What a file's name ends with, from its last dot on; empty where that is its first or last sign."""
    last = path.rpartition("/")[2]
    at = last.rfind(".")
    return last[at:] if 0 < at < len(last) - 1 else ""
