"""The judges of the family RES: how an app bears faults, and what it is given to run with."""

from __future__ import annotations

from apparch.checks._pods import res019, res020
from apparch.checks._starting import res005

__all__ = ["res005", "res019", "res020"]
