"""Whether the deployed tree, one folder an edition, answers at every permalink."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from apparch.catalogue import load_catalogue

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tree of gh-pages after ./dev deploy in a fresh clone."""
    folder = tmp_path_factory.mktemp("deploy")
    clone, tree = folder / "clone", folder / "tree"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
    for key, value in (("user.name", "test"), ("user.email", "test@example.invalid")):
        subprocess.run(["git", "-C", str(clone), "config", key, value], check=True)
    environ = {**os.environ, "APPARCH_VENV": sys.prefix}
    done = subprocess.run(
        ["./dev", "deploy", "3.0"], cwd=clone, env=environ, capture_output=True, text=True, check=False
    )
    assert 0 == done.returncode, done.stdout + done.stderr
    subprocess.run(["git", "-C", str(clone), "worktree", "add", "--quiet", str(tree), "gh-pages"], check=True)
    return tree


def test_a_fault_of_the_english_site_stops_the_build(tmp_path: Path) -> None:
    """What is wrong with the site that is built beside the Korean one ends the whole build, and is told."""
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
    configuration = clone / "mkdocs.en.yml"
    configuration.write_text(configuration.read_text("utf-8").replace("start/change.md", "start/none.md"), "utf-8")
    environ = {**os.environ, "APPARCH_VENV": sys.prefix}

    done = subprocess.run(["./dev", "build"], cwd=clone, env=environ, capture_output=True, text=True, check=False)

    assert 0 != done.returncode
    assert "mkdocs.en.yml: the English site was not built:" in done.stderr
    assert "'start/none.md'" in done.stderr


def test_a_permalink_without_a_version_leads_to_the_newest_edition(deployed: Path) -> None:
    """Every rule's address without a version redirects to its page in `latest`, in both languages and in neither."""
    wrong = []
    for rule in load_catalogue().rules:
        for path in (f"rules/{rule}", f"en/rules/{rule}", f"r/{rule}", f"r/{rule.lower()}"):
            stub = deployed / path / "index.html"
            targets = re.findall(r'"((?:\.\./)+latest/[^"]*)"', stub.read_text("utf-8"))
            if not targets or not all((stub.parent / each / "index.html").resolve().is_file() for each in targets):
                wrong.append(path)

    assert [] == wrong


def test_the_root_leads_to_the_newest_edition(deployed: Path) -> None:
    """The site's root opens `latest`."""
    assert "latest/" in (deployed / "index.html").read_text("utf-8")


def test_alternates_name_the_same_page_of_the_same_edition(deployed: Path) -> None:
    """A deployed page's alternates are absolute, in its own edition, one a language."""
    soup = BeautifulSoup((deployed / "3.0/rules/IMG002/index.html").read_text("utf-8"), "lxml")

    links = {str(link["hreflang"]): str(link["href"]) for link in soup.select("link[hreflang]")}

    assert {
        "ko": "https://apparch.example/3.0/rules/IMG002/",
        "en": "https://apparch.example/3.0/en/rules/IMG002/",
        "x-default": "https://apparch.example/3.0/r/IMG002/",
    } == links


def test_the_copied_address_can_be_previewed(deployed: Path) -> None:
    """What a chat reads of it, without scripts and without an edition, are the rule's own title and sentence."""
    for path in ("r/IMG002", "en/rules/IMG002", "3.0/en/rules/IMG002"):
        soup = BeautifulSoup((deployed / path / "index.html").read_text("utf-8"), "lxml")
        told = {str(tag["property"]): str(tag["content"]) for tag in soup.select("meta[property]")}

        assert "Version tags never move" in told["og:title"]
        assert "A version tag that has been pushed must not be overwritten" in told["og:description"]
        assert f"https://apparch.example/{path}/" == told["og:url"]


def test_what_programs_read_has_an_address_without_a_version(deployed: Path) -> None:
    """Each export of the edition is there under its own name, and the same."""
    exports = [
        path.relative_to(deployed / "3.0")
        for pattern in ("*.md", "rules*.json", "llms*.txt", "*.atom")
        for path in (deployed / "3.0").rglob(pattern)
        if path.is_file() and path.relative_to(deployed / "3.0").parts[0] not in ("source", "assets")
    ]
    exports = [path for path in exports if path.parts[1:2] not in (("source",), ("assets",))]

    assert {"rules.json", "llms.txt", "rules/IMG002.md", "en/rules/IMG002.md"} <= {path.as_posix() for path in exports}
    assert [] == [path for path in exports if (deployed / path).read_bytes() != (deployed / "3.0" / path).read_bytes()]


def test_the_canonical_address_is_the_permalink_of_the_edition(deployed: Path) -> None:
    """A deployed page's canonical address is its own address."""
    soup = BeautifulSoup((deployed / "3.0/en/rules/IMG002/index.html").read_text("utf-8"), "lxml")
    link = soup.select_one("link[rel=canonical]")

    assert link is not None
    assert "https://apparch.example/3.0/en/rules/IMG002/" == link["href"]


def test_the_sitemap_lists_pages_that_exist(deployed: Path) -> None:
    """Every address of the edition's sitemap, alternates included, is a page of the tree."""
    text = (deployed / "3.0/sitemap.xml").read_text("utf-8")
    addresses = set(re.findall(r"https://apparch\.example/([^<\"]*)", text))

    missing = sorted(path for path in addresses if not (deployed / path / "index.html").is_file())

    assert addresses
    assert [] == missing


def test_the_not_found_page_speaks_both_languages(deployed: Path) -> None:
    """The edition's 404 page, and the same page at the root, hold a Korean and an English part."""
    for page in ("3.0/404.html", "404.html"):
        soup = BeautifulSoup((deployed / page).read_text("utf-8"), "lxml")

        assert ["ko", "en"] == [section["lang"] for section in soup.select(".not-found section")]


def test_the_english_menu_leads_to_the_english_pages_of_an_edition(deployed: Path) -> None:
    """The list that Material looks for above the English site names the edition's English root, and itself as open."""
    for edition in ("3.0", "latest"):
        [entry] = json.loads((deployed / edition / "versions.json").read_text("utf-8"))

        target = (deployed / edition / "en/.." / entry["version"] / "index.html").resolve()
        assert (deployed / "3.0/en/index.html").resolve() == target
        assert {"title": "3.0", "aliases": ["latest", "en"]} == {key: entry[key] for key in ("title", "aliases")}
