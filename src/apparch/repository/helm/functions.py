"""The functions of templates by their names: Go's own, sprig's and Helm's, but for those that carry templates out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from apparch.repository.helm import functions_data, functions_numbers, functions_text, versions

_OPEN: Mapping[str, Callable[..., Any]] = {**functions_text.OPEN, **functions_data.OPEN}
_KNOWN: Mapping[str, Callable[..., Any]] = {
    **functions_text.KNOWN,
    **functions_data.KNOWN,
    **functions_numbers.KNOWN,
    "semverCompare": versions.compares,
    "semver": versions.parts,
}
_FLAT = frozenset(
    str.split("""
    dict list tuple set append push prepend default coalesce get hasKey unset pick omit pluck dig index len first last
    rest initial reverse slice empty all any ternary not kindOf kindIs typeOf typeIs typeIsLike keys values concat
    """)
)


@dataclass(frozen=True, slots=True)
class Named:
    """A function of templates."""

    compute: Callable[..., Any]
    wants_all: bool
    """Whether its result says nothing where a part of what it is given is not known."""
    looks_below: bool
    """Whether it looks at what lies below what it is given, so that it costs as much as there is."""


def function(name: str) -> Named | None:
    """The function of a name, `mustX` being `x`; None for one that is not there, or needs what a tree does not have."""
    plain = name.removeprefix("must")
    plain = name if plain == name else plain[:1].lower() + plain[1:]
    found = _OPEN.get(plain) or _KNOWN.get(plain)
    return Named(found, plain not in _OPEN, plain not in _FLAT) if found else None
