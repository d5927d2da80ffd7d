"""The judges of the family NET: ports and addresses."""

from __future__ import annotations

from apparch.checks._addresses import net002
from apparch.checks._port import net001
from apparch.checks._probes import net003

__all__ = ["net001", "net002", "net003"]
