"""The figures of a published edition, written down beside those of the editions before it."""

from __future__ import annotations

from pathlib import Path

from apparch.pages.drawn.coverage import HELD, counted
from apparch.pages.written.site import Site

FILE = "docs/editions.yaml"


def record_figures(site: Site, edition: str) -> Path:
    """Add what today's files hold under an edition's name, once; the file."""
    file = site.root / FILE
    if edition not in {str(each["edition"]) for each in site.editions}:
        figures = counted(site)
        lines = [f"- edition: {edition}", *(f"  {key}: {figures[key]}" for key in HELD)]
        before = file.read_text("utf-8") if file.exists() else ""
        file.write_text(before + "\n".join(lines) + "\n", "utf-8")
    return file
