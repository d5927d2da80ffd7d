"""The judges of the family TWF: the twelve factors."""

from __future__ import annotations

from apparch.checks._backing import twf003, twf005
from apparch.checks._listening import twf006
from apparch.checks._locks import twf002
from apparch.checks._one_process import twf007, twf008
from apparch.checks._run_stage import twf004

__all__ = ["twf002", "twf003", "twf004", "twf005", "twf006", "twf007", "twf008"]
