"""The judges of the family TRD: how an app trades."""

from __future__ import annotations

from apparch.checks._decimals import trd011

__all__ = ["trd011"]
