"""The judges of the family OWN: what belongs to the App repo and what to the Deploy repo."""

from __future__ import annotations

from apparch.checks._addresses import own015
from apparch.checks._own_deployed import own008, own009, own010, own011, own012, own013, own017
from apparch.checks._own_flow import own002, own014, own019, own020
from apparch.checks._own_parts import own004, own005, own007
from apparch.checks._secrets import own016
from apparch.checks._sql import own026

__all__ = [
    "own002",
    "own004",
    "own005",
    "own007",
    "own008",
    "own009",
    "own010",
    "own011",
    "own012",
    "own013",
    "own014",
    "own015",
    "own016",
    "own017",
    "own019",
    "own020",
    "own026",
]
