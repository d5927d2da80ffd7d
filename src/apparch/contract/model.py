"""The nouns of the comparison: what each side says about one subject, and whether they agree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from apparch.repository import Node, Place

Where = Literal["app", "deploy"]

LINKS: dict[str, tuple[str, ...]] = {
    "variables": ("ENV011", "ENV012"),
    "tag": ("IMG007", "TAG005", "OWN022"),
    "image": ("IMG013",),
    "migration": ("OWN006", "OWN026", "TWF008"),
    "port": ("NET001", "NET003"),
    "probes": ("PRB012", "PRB013"),
    "stop": ("SHD011",),
    "bounds": ("NET004",),
    "logs": ("LOG005",),
    "metrics": ("MET007",),
    "resources": ("RES019", "RES020", "TRD009", "TWF007"),
    "selectors": ("MAN013",),
    "boundary": ("OWN001", "OWN025"),
}
"""What connects the two repositories, and the rules that judge it (App document A.2)."""
SHARED = frozenset({"IMG013"})
"""Rules that something else proves for the App alone, and that a manifest can break as well."""


@dataclass(frozen=True, order=True)
class Side:
    """What one place says."""

    repository: Where
    place: Place
    value: str


@dataclass(frozen=True)
class Judgement:
    """One subject, compared: agreed, or wrong in a way that a sentence tells."""

    rule: str
    subject: str
    """What is compared, in the words of the files: a variable, a field."""
    sides: tuple[Side, ...]
    wrong: str = ""
    """Which values disagree and what to change; empty where the sides agree."""
    overlays: tuple[str, ...] = ()
    """The environments it was seen in; empty where it does not depend on one."""

    @property
    def link(self) -> str:
        """The link of the contract that the rule belongs to."""
        return next(link for link, rules in LINKS.items() if self.rule in rules)


def app(place: Place, value: object) -> Side:
    """What the App repository says at a place."""
    return Side("app", place, str(value))


def deploy(node: Node | Place, value: object = None) -> Side:
    """What the Deploy repository says at a place; of a node, by default its value."""
    if isinstance(node, Place):
        return Side("deploy", node, str(value))
    return Side("deploy", node.place, str(node if value is None else value))
