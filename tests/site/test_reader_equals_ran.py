"""Whether what a reader of the built site sees is what ran."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from apparch.catalogue.model import RULE_ID
from apparch.pages.drawn.captions import source_file
from apparch.pages.drawn.commands import COMPARED
from apparch.pages.drawn.tests_told import proof_files
from apparch.pages.proofs import PASSED, Proofs
from apparch.pages.written.blocks import digest
from apparch.pages.written.fences import find_fences
from apparch.pages.written.shown import shown_snippets
from apparch.pages.written.site import load_site

ROOT = Path(__file__).parents[2]
PRE = re.compile(r"<pre.*?</pre>", re.DOTALL)


@pytest.fixture(scope="module")
def proofs() -> Proofs:
    """The record of this run."""
    record = Proofs.read(ROOT / "build/proofs.json")
    assert record.recorded, "build/proofs.json is missing: run ./dev test"
    return record


def published_pages(built: Path) -> list[Path]:
    """Every built page except those that show a snippet file in full."""
    return [file for file in sorted(built.rglob("*.html")) if "source" not in file.relative_to(built).parts]


def of_a_rule(file: Path) -> bool:
    """Whether a page is a rule's own: its blocks are the rule's examples, which the judges' tests run."""
    return file.parent.parent.name == "rules" and bool(RULE_ID.fullmatch(file.parent.name))


def judged_pages(built: Path) -> list[Path]:
    """Every built page whose blocks are judged one by one; a document's page for printing repeats its chapters."""
    return [file for file in published_pages(built) if not of_a_rule(file) and file.parent.name != "print"]


def code_blocks(file: Path) -> Iterator[str]:
    """What a reader of a page sees in its code blocks; what the browser draws is told by its source."""
    soup = BeautifulSoup(file.read_text("utf-8"), "lxml")
    for code in soup.select("pre code, pre.diagram"):
        if code.name == "pre" and code.find("code"):
            continue
        yield code.get_text()


def test_every_block_of_the_built_site_ran(built: Path, proofs: Proofs) -> None:
    """Every code block of every page but the rules' own has the digest of a block that was judged good in this run."""
    good = {block.digest for block in proofs.blocks if block.outcome == PASSED}
    unproved = [
        f"{file.relative_to(built)}: {text.strip().splitlines()[0] if text.strip() else '(empty)'}"
        for file in judged_pages(built)
        for text in code_blocks(file)
        if digest(text) not in good
    ]

    assert [] == unproved


def test_every_block_that_ran_is_on_its_page(built: Path, proofs: Proofs) -> None:
    """Every block that was judged stands on the page that it was judged for, or on a chapter of that document."""
    shown: dict[str, set[str]] = {}
    missing = []
    for block in proofs.blocks:
        if block.page not in shown:
            page = built / page_path(block.page)
            chapters = page.parent.glob("[0-9a-z]/index.html")
            shown[block.page] = {digest(text) for file in (page, *chapters) for text in code_blocks(file)}
        if block.digest not in shown[block.page]:
            missing.append(f"{block.page}: {block.origin}")

    assert [] == missing


def test_the_site_shows_as_many_blocks_as_were_judged(built: Path, proofs: Proofs) -> None:
    """A page shows each of its judged blocks as often as it was judged."""
    shown = sum(1 for file in judged_pages(built) for _ in code_blocks(file))

    assert len(proofs.blocks) == shown


def test_a_rules_page_shows_its_examples_unchanged(built: Path) -> None:
    """The code blocks of every rule's own page are those that were drawn from its examples and its commands."""
    site = load_site(ROOT)
    wrong, shown = [], 0
    for rule in site.catalogue.rules:
        for language, prefix in (("ko", ""), ("en", "en/")):
            drawn = find_fences((ROOT / f"build/pages/{language}/rules/{rule}.md").read_text("utf-8"))
            blocks = [digest(text) for text in code_blocks(built / f"{prefix}rules/{rule}/index.html")]
            shown += len(blocks)
            # Markdown makes spaces of a Makefile's tabs.
            expected = [digest("\n".join(fence.body).expandtabs(4)) for fence in drawn]
            if blocks != expected or bool(blocks) != (rule in site.examples or rule in COMPARED):
                wrong.append(f"{language}/{rule}")

    assert shown
    assert [] == wrong


def test_a_source_page_shows_its_file(built: Path) -> None:
    """The page that a block's caption or a rule's proof leads to shows the file as it is in the repository."""
    wrong = []
    site = load_site(ROOT, ROOT / "build/proofs.json")
    for path in [*shown_snippets(site), *proof_files(site)]:
        text = (built / source_file(path)).read_text("utf-8")
        lines = [html.unescape(line) for line in re.findall(r'<li id="L\d+"><code>(.*?)</code></li>', text)]
        if lines != (ROOT / path).read_text("utf-8").rstrip("\n").split("\n"):
            wrong.append(path)

    assert [] == wrong


def test_no_include_or_directive_is_left(built: Path) -> None:
    """No built page shows an include marker or a directive that nothing expanded."""
    left = []
    for file in published_pages(built):
        text = file.read_text("utf-8")
        # Code may hold two brackets in a row: a type in Python, a list of tables in TOML.
        if re.search(r"--8&lt;--|--8<--", text) or re.search(r"\[\[[a-z-]+[:\]]", PRE.sub("", text)):
            left.append(str(file.relative_to(built)))

    assert [] == left


def page_path(page: str) -> str:
    """Where a page below docs/ stands in the built site."""
    stem = page.removesuffix(".md")
    prefix = "en/" if stem.endswith(".en") else ""
    stem = stem.removesuffix(".en")
    folder = stem.removesuffix("index") if stem.rpartition("/")[2] == "index" else f"{stem}/"
    return f"{prefix}{folder}index.html"
