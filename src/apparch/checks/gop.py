"""The judges of the family GOP: how what is in Git reaches a cluster."""

from __future__ import annotations

from apparch.checks._argocd import gop009, gop011, gop015
from apparch.checks._automation import gop008
from apparch.checks._gop_flow import gop002, gop003, gop004, gop005, gop006
from apparch.checks._live import gop001, gop012, gop014

__all__ = [
    "gop001",
    "gop002",
    "gop003",
    "gop004",
    "gop005",
    "gop006",
    "gop008",
    "gop009",
    "gop011",
    "gop012",
    "gop014",
    "gop015",
]
