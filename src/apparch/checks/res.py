"""The judges of the family RES: how an app bears faults, and what it is given to run with."""

from __future__ import annotations

from apparch.checks._bounds import res025
from apparch.checks._breakers import res015, res016, res017
from apparch.checks._calling import res007, res008, res011
from apparch.checks._pods import res019, res020
from apparch.checks._retries import res009, res010, res021
from apparch.checks._starting import res005

__all__ = [
    "res005",
    "res007",
    "res008",
    "res009",
    "res010",
    "res011",
    "res015",
    "res016",
    "res017",
    "res019",
    "res020",
    "res021",
    "res025",
]
