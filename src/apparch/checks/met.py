"""The judges of the family MET: what an app measures, and who asks for it."""

from __future__ import annotations

from apparch.checks._labels import met005
from apparch.checks._probes import met007

__all__ = ["met005", "met007"]
