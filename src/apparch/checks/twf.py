"""The judges of the family TWF: the twelve factors."""

from __future__ import annotations

from apparch.checks._locks import twf002
from apparch.checks._run_stage import twf004

__all__ = ["twf002", "twf004"]
