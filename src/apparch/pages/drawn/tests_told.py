"""How a page tells of a test: by the sentence that it says of itself, which leads to its source."""

from __future__ import annotations

import re

from apparch.pages.drawn.captions import source_file
from apparch.pages.written.links import relative
from apparch.pages.written.markup import tagged
from apparch.pages.written.site import Page, Site


def linked(test: str, page: Page, site: Site) -> str:
    """A test's sentence, leading to its source; its name where it has no sentence, unlinked where it has no source."""
    source = site.proof_sources.of(test)
    if source is None:
        return f"`{test}`"
    sentence = re.sub(r"(?<=[^\s.])\.$", "", source.sentence)
    words = _escaped(sentence) if sentence else f"`{test}`"
    if sentence and page.language != "en":
        words = tagged(words, "en", page.flavour)
    return f"[{words}]({source_of(test, page, site)})"


def source_of(test: str, page: Page, site: Site) -> str | None:
    """Where a page leads for a test's source; None where there is none."""
    source = site.proof_sources.of(test)
    return f"{relative(page.name, source_file(source.path))}#L{source.line}" if source else None


def proof_files(site: Site) -> list[str]:
    """The files of all tests that pages lead to."""
    named = [proof.test for tests in site.proofs.rules.values() for proof in tests]
    named += [breach.noticed_by for breach in site.breaches if breach.noticed_by and not breach.prose]
    sources = filter(None, map(site.proof_sources.of, dict.fromkeys(named)))
    return sorted({source.path for source in sources})


def _escaped(sentence: str) -> str:
    """A sentence of a docstring as Markdown that says the same."""
    parts = re.split(r"(`[^`]*`)", sentence)
    return "".join(each if each.startswith("`") else re.sub(r"([\[\]<*_\\])", r"\\\1", each) for each in parts)
