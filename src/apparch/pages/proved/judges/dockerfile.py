"""Dockerfiles: judged by hadolint; building one is the image tests' work."""

from __future__ import annotations

from pathlib import Path

from apparch.pages.proved.judges.model import Judge
from apparch.pages.proved.tools import run, tool
from apparch.pages.written.blocks import Block


def choose(_block: Block, _root: Path) -> Judge:
    """One judge serves every Dockerfile."""
    return Judge("hadolint", "dockerfile", lambda block, root: run([tool("hadolint"), "-"], stdin=block.text + "\n"))
