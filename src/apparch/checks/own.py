"""The judges of the family OWN: what belongs to the App repo and what to the Deploy repo."""

from __future__ import annotations

from apparch.checks._addresses import own015
from apparch.checks._meeting import own001, own022
from apparch.checks._one_process import own006
from apparch.checks._own_deployed import own008, own009, own010, own011, own012, own013, own017
from apparch.checks._own_flow import own002, own014, own019, own020
from apparch.checks._own_parts import own004, own005, own007
from apparch.checks._secrets import own016
from apparch.checks._sql import own026
from apparch.checks._starting import own021

__all__ = [
    "own001",
    "own002",
    "own004",
    "own005",
    "own006",
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
    "own021",
    "own022",
    "own026",
]
