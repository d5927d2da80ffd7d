"""Patterns and selectors as kustomize takes them from a file: bounded, because a stranger wrote them."""

from __future__ import annotations

import re
from functools import lru_cache

from apparch.repository.kustomize.errors import CannotRenderError
from apparch.repository.nodes import Node
from apparch.repository.places import Place

_KNOWN = re.compile(r"(?:[\w/:@.|*+?^$,{}-]|\\[.\-/]|\[[\w.-]+\]|\((?:\?:)?[\w./|-]+\))*")
_REQUIREMENT = re.compile(
    r"\s*(?:(?P<absent>!)\s*(?P<no>[\w./-]+)"
    r"|(?P<key>[\w./-]+)\s*(?:(?P<sign>==?|!=)\s*(?P<value>[\w.-]*)|\s(?P<set>in|notin)\s*\((?P<values>[^)]*)\))?)\s*"
)


def pattern(text: str, place: Place) -> re.Pattern[str]:
    """A pattern that has to fit a whole name; CannotRenderError for one that might run for hours."""
    found = _compiled(text)
    if found is None:
        raise CannotRenderError(place, f"not understood: the pattern {text[:100]}")
    return found


@lru_cache(maxsize=1_000)
def _compiled(text: str) -> re.Pattern[str] | None:
    plain = text.removesuffix(r"(:[a-zA-Z0-9_.{}-]*)?(@sha256:[a-zA-Z0-9_.{}-]*)?")
    repeats = plain.count("*") + plain.count("+") + plain.count("{")
    if len(plain) > 300 or repeats > 3 or not _KNOWN.fullmatch(plain):
        return None
    try:
        return re.compile(f"(?:{text})", re.ASCII)
    except re.error:
        return None


def labelled(selector: Node, labels: Node) -> bool:
    """Whether labels, or annotations, fulfil a selector in one line: `a=b, c!=d, e in (f, g), !h`."""
    text = selector.text or ""
    return all(_fulfilled(each, selector, labels) for each in re.split(r",(?![^(]*\))", text) if text.strip())


def _fulfilled(requirement: str, selector: Node, labels: Node) -> bool:
    match = _REQUIREMENT.fullmatch(requirement)
    if match is None:
        raise CannotRenderError(selector.place, f"not understood: the selector {requirement.strip()}")
    if match["absent"]:
        return not labels.at(match["no"]).present
    found = labels.at(match["key"])
    if match["set"]:
        listed = found.present and found.text in [each.strip() for each in match["values"].split(",")]
        return listed == (match["set"] == "in")
    if match["sign"]:
        equal = found.present and found.text == match["value"]
        return equal != (match["sign"] == "!=")
    return found.present
