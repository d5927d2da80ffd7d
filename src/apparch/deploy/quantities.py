"""Kubernetes quantities, such as `250m` and `128Mi`."""

from __future__ import annotations

import re


def quantity(text: str) -> float | None:
    """A Kubernetes quantity in its base unit, or None."""
    match = re.fullmatch(r"([0-9]{1,15}(?:\.[0-9]{1,9})?)(m|[kMGTPE]i?|Ki)?", text)
    if match is None:
        return None
    units = {"m": 1e-3, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15, "E": 1e18}
    units |= {f"{letter}i": 1024.0**power for power, letter in enumerate("KMGTPE", start=1)}
    return float(match[1]) * units.get(match[2] or "", 1.0)
