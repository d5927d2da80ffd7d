"""The judges of the family MIG: how the schema of a database changes."""

from __future__ import annotations

from apparch.checks._starting import mig002

__all__ = ["mig002"]
