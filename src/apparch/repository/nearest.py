"""The most similar name: what was probably meant, so that both places of a renamed thing can be shown."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from itertools import islice

LENGTH, CANDIDATES = 100, 300
"""Longer names and more candidates are not compared: a guess is not worth minutes."""


def closest(name: str, candidates: Iterable[str], cutoff: float) -> str | None:
    """The candidate most like a name, or None if none is as similar as `cutoff`, from 0 to 1."""
    few = list(islice((each for each in candidates if len(each) <= LENGTH), CANDIDATES))
    if len(name) > LENGTH:
        return few[0] if few and cutoff == 0 else None
    return next(iter(difflib.get_close_matches(name, few, n=1, cutoff=cutoff)), None)
