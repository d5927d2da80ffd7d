"""`python -m tests.release.draw`: write the diagram of section 4 anew from the workflow files."""

from __future__ import annotations

from tests.pages.drawn.test_release_flow import ROOT, WORKFLOWS

from apparch.pages.drawn.release_flow import diagram

if __name__ == "__main__":
    for language in ("ko", "en"):
        (ROOT / f"snippets/diagrams/flow.{language}.mmd").write_text(diagram(WORKFLOWS, language), encoding="utf-8")
