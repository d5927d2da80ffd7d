"""What a judge is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from apparch.pages.written.blocks import Block


@dataclass(frozen=True)
class Judge:
    """Something that runs or validates a block."""

    name: str
    """What the reader is told: the tools' names."""
    kind: str
    """What kind of block it judges."""
    verdict: Callable[[Block, Path], str | None]
    """None where the block is good, else what is wrong; raises Unavailable where its tool cannot be had."""
