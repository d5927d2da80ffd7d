"""Whether what other programs read is there, whole and true."""

from __future__ import annotations

import json
import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

import jsonschema
import pytest

from apparch.catalogue import LANGUAGES, load_catalogue
from apparch.pages.proofs import Proofs
from apparch.pages.put_out.exports import export_path, exports
from apparch.pages.put_out.published_pages import published_pages
from apparch.pages.written.fences import find_fences
from apparch.pages.written.site import Page, Site, load_site

ROOT = Path(__file__).parents[2]
LINK = re.compile(r"(?<!!)\[(?:[^\[\]]|\[[^\]]*\])*\]\((?P<target>[^)\s]+)[^)]*\)")


@pytest.fixture(scope="module")
def site() -> Site:
    """What the site was built from."""
    return load_site(ROOT, ROOT / "build/proofs.json")


@pytest.fixture(scope="module")
def pages(site: Site) -> list[Page]:
    """Every page that is exported."""
    return published_pages(site, "plain")


def prose(markdown: str) -> str:
    """A page without its code."""
    lines = markdown.split("\n")
    inside = {number for fence in find_fences(markdown) for number in range(fence.first, fence.last + 1)}
    text = "\n".join(line for number, line in enumerate(lines) if number not in inside)
    return re.sub(r"(`+).+?\1", "", text)


def test_every_page_is_there_as_markdown(built: Path, site: Site, pages: list[Page]) -> None:
    """Each page of each language has its plain Markdown beside it, but for a document's page for printing."""
    shown = {
        export_path(page) for page in published_pages(site) if "moved" not in page.meta and "robots" not in page.meta
    }

    assert shown < {export_path(page) for page in pages}
    assert [] == [export_path(page) for page in pages if not (built / export_path(page)).is_file()]


def test_a_page_names_its_markdown(built: Path) -> None:
    """Each page's head leads to its own plain Markdown, which is there; a page for printing has none."""
    wrong = []
    for file in built.rglob("index.html"):
        head = file.read_text("utf-8").partition("<body")[0]
        link = re.search(r'type="text/markdown" href="([^"]+)"', head)
        whole = 'name="robots"' in head or 'rel="canonical"' not in head or "r" in file.relative_to(built).parts[:1]
        if bool(link) == whole or (link and not (file.parent / link.group(1)).is_file()):
            wrong.append(file.relative_to(built).as_posix())

    assert [] == wrong


def test_markdown_is_plain(built: Path, pages: list[Page]) -> None:
    """No exported page holds an element or an attribute list that only the site's own theme understands."""
    left = re.compile(r"<(?:abbr|span|div|button)\b|\{:? ?[.#][a-z]|^:::|^\[\[", re.MULTILINE)
    texts = {export_path(page): prose((built / export_path(page)).read_text("utf-8")) for page in pages}

    assert {} == {name: left.findall(text)[:2] for name, text in texts.items() if left.search(text)}


def test_code_is_exported_as_it_was_proved(built: Path, site: Site) -> None:
    """The blocks of an exported page are those of the page that the site was built from."""
    checked = 0
    for page in published_pages(site):
        # A rule's page is held to its examples; an overview's address has the whole document for programs.
        if "rule" in page.meta or "moved" in page.meta:
            continue
        shown = find_fences((ROOT / "build/pages" / page.published).read_text("utf-8"))
        exported = find_fences((built / export_path(page).replace("/print.md", ".md")).read_text("utf-8"))
        assert [fence.body for fence in shown] == [fence.body for fence in exported], page.file
        checked += len(exported)

    assert checked


def test_links_between_exported_pages_hold(built: Path, pages: list[Page]) -> None:
    """Every relative link of an exported page leads to a file of the site."""
    broken, followed = [], 0
    for page in pages:
        file = built / export_path(page)
        for link in LINK.finditer(prose(file.read_text("utf-8"))):
            parts = urlsplit(link.group("target"))
            if not parts.scheme and parts.path:
                followed += 1
                if not (file.parent / unquote(parts.path)).is_file():
                    broken.append(f"{export_path(page)}: {link.group('target')}")

    assert followed
    assert [] == broken


def test_llms_txt_lists_every_page_with_its_description(built: Path, pages: list[Page]) -> None:
    """Each page stands in llms.txt once, in both languages, with a link and one line of description."""
    text = (built / "llms.txt").read_text("utf-8")
    entries = re.findall(r"^- \[.+\]\((\S+)\): (.*)$", text, re.MULTILINE)

    assert sorted(export_path(page) for page in pages) == sorted(target for target, _ in entries)
    assert [] == [target for target, description in entries if not description.strip()]


def test_rules_json_holds_the_catalogue(built: Path, site: Site) -> None:
    """Every rule is in rules.json with its sentence and permalink in both languages."""
    data = json.loads((built / "rules.json").read_text("utf-8"))
    rules = {entry["id"]: entry for entry in data["rules"]}

    assert list(load_catalogue().rules) == list(rules)
    for rule in load_catalogue().rules.values():
        for language in LANGUAGES:
            assert " ".join(rule.statement[language].split()) == rules[rule.id]["statement"][language]
            assert site.rule_url(rule.id, language) == rules[rule.id]["url"][language]


def test_rules_json_keeps_to_its_published_schema(built: Path) -> None:
    """The schema itself is sound, and nothing in the file is against it."""
    schema = json.loads((built / "rules.schema.json").read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    judge = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())

    assert [] == [error.message for error in judge.iter_errors(json.loads((built / "rules.json").read_text("utf-8")))]


def test_where_a_rule_is_cited_is_a_place_of_the_site(built: Path) -> None:
    """Each address of rules.json is a page of the build, with the section that it names."""
    data = json.loads((built / "rules.json").read_text("utf-8"))
    places = [place["url"] for rule in data["rules"] for place in rule["cited"]]
    places += [each["url"] for each in (*data["families"], *data["documents"])]
    ids: dict[str, set[str]] = {}
    missing = set()
    for url in {address for place in places for address in place.values()}:
        path, _, section = url.removeprefix(data["url"]).partition("#")
        if path not in ids:
            ids[path] = set(re.findall(r'\bid="([^"]+)"', (built / path / "index.html").read_text("utf-8")))
        if section and section not in ids[path]:
            missing.add(url)

    assert set() == missing


def test_everything_is_there_in_one_file(built: Path, site: Site) -> None:
    """Each language has one text that holds every page of it once."""
    for name, language in (("llms-full.txt", "ko"), ("en/llms-full.txt", "en")):
        text = (built / name).read_text("utf-8")
        pages = [page for page in published_pages(site, "plain") if page.language == language]
        names = [export_path(page) for page in pages if "part_of" not in page.meta]

        assert names == re.findall(r"^<!-- (\S+\.md) -->$", text, re.MULTILINE)


def test_rules_json_claims_no_more_than_the_record() -> None:
    """Without a proof record no rule is given as proved."""
    bare = load_site(ROOT)

    data = json.loads(dict(exports(bare))["rules.json"])

    assert Proofs() == bare.proofs
    assert [] == [entry["id"] for entry in data["rules"] if entry["proof"]["standing"] in ("proved", "failed")]
