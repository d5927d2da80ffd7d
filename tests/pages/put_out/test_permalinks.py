"""What stands beside the editions of a deployed tree, for addresses without a version."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.pages.small import a_rule, a_site, write_snippet

from apparch.pages.errors import PageError
from apparch.pages.put_out.permalinks import write_permalinks
from apparch.pages.put_out.rule_addresses import rule_addresses

HEAD = """<!doctype html><html lang="en"><head><title>A &amp; B</title>
<meta name="description" content="Say &quot;so&quot;"><link rel="canonical" href="{base}{path}">
<link rel="alternate " hreflang="ko" href="{base}a/"><link rel="alternate" type="application/atom+xml" href="x.atom">
<meta property="og:url" content="{base}{path}"></head><body><meta property="og:title" content="no"></body></html>"""
BASE = "https://docs.example/arch/3.1/"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A tree with one edition of one page, a rule's address, and what programs read."""
    write_snippet(tmp_path, "latest/en/a/index.html", HEAD.format(base=BASE, path="en/a/"))
    for name in ("rules.json", "en/a.md", "404.html", "en/404.html", "versions.json", "search/search_index.json"):
        write_snippet(tmp_path, f"latest/{name}", name)
    for name, text in rule_addresses(a_site(tmp_path), (), BASE):
        write_snippet(tmp_path, f"latest/{name}", text)
    return tmp_path


def test_a_stub_tells_what_its_page_tells(tree: Path) -> None:
    """Title, description, alternates and og tags are the page's own, at addresses without a version."""
    write_permalinks(tree)
    head = (tree / "en/a/index.html").read_text("utf-8").partition("<script>")[0].splitlines()[1:]

    assert head == [
        '<html lang="en">',
        "<head>",
        '<meta charset="utf-8">',
        "<title>A &amp; B</title>",
        '<meta name="description" content="Say &quot;so&quot;">',
        '<link rel="canonical" href="https://docs.example/arch/en/a/">',
        '<link rel="alternate" hreflang="ko" href="https://docs.example/arch/a/">',
        '<meta property="og:url" content="https://docs.example/arch/en/a/">',
    ]


def test_a_stub_leads_on_with_scripts_and_without(tree: Path) -> None:
    """Both ways are relative, so that a mirror keeps its readers."""
    write_permalinks(tree)
    text = (tree / "en/a/index.html").read_text("utf-8")

    assert 'location.replace("../../latest/en/a/" + location.search + location.hash)' in text
    assert '<meta http-equiv="refresh" content="0; url=../../latest/en/a/">' in text


@pytest.mark.parametrize("name", ["IMG002", "img002"])
def test_a_rules_address_leads_straight_to_the_newest_edition(tree: Path, name: str) -> None:
    """Its links and its scripts enter the edition, and it names itself without a version."""
    write_permalinks(tree)
    text = (tree / f"r/{name}/index.html").read_text("utf-8")

    assert '{ ko: "../../latest/rules/IMG002/", en: "../../latest/en/rules/IMG002/" }' in text
    assert '<meta property="og:url" content="https://docs.example/arch/r/IMG002/">' in text
    assert '"../../rules' not in text
    assert "3.1" not in text


def test_what_programs_read_is_there_without_a_version(tree: Path) -> None:
    """Data, Markdown and the page for unknown addresses are copied; what belongs to an edition is not."""
    write_permalinks(tree)
    files = {
        path.relative_to(tree).as_posix() for path in tree.rglob("*") if path.is_file() and "latest" not in path.parts
    }

    assert files - {"en/a/index.html"} == {
        "404.html",
        "en/404.html",
        "en/a.md",
        "r/IMG002/index.html",
        "r/img002/index.html",
        "r/index.json",
        "rules.json",
    }


def test_a_page_that_names_another_as_itself_is_refused(tree: Path) -> None:
    """A canonical address of somewhere else would lead every preview there."""
    write_snippet(tree, "latest/b/index.html", HEAD.format(base=BASE, path="en/a/"))

    with pytest.raises(PageError, match=r"^b: its canonical address is .*/3\.1/en/a/, another page's$"):
        write_permalinks(tree)


def test_a_retired_rules_address_names_its_successor(tmp_path: Path) -> None:
    """In both languages, with a link to the successor's own address."""
    site = a_site(tmp_path, rules=(a_rule("IMG001", replaced_by="IMG002"), a_rule("IMG002")))
    text = dict(rule_addresses(site, (), BASE))["r/IMG001/index.html"]

    assert '폐기된 규칙이다. 대신하는 규칙: <a href="../IMG002/">IMG002</a>' in text
    assert 'This rule is retired. Its successor: <a href="../IMG002/">IMG002</a>' in text
