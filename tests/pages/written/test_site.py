"""How a repository's files become a site."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.pages.small import write_snippet

from apparch.catalogue import CatalogueError, Text
from apparch.pages.errors import PageError
from apparch.pages.written.site import load_site


@pytest.fixture(autouse=True)
def no_override(monkeypatch: pytest.MonkeyPatch) -> None:
    """The address of somebody's own copy is left out."""
    monkeypatch.delenv("APPARCH_DOCS_URL", raising=False)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository with one page in two languages."""
    write_snippet(tmp_path, "mkdocs.yml", "site_url: https://docs.example\n")
    write_snippet(tmp_path, "docs/start/a.md", "---\ntitle: 가\n---\n\n# 가\n")
    write_snippet(tmp_path, "docs/start/a.en.md", "# A\n")
    return tmp_path


def test_pages_are_known_by_name_and_language(root: Path) -> None:
    """A page's name is the same in both languages."""
    assert [("start/a", "en"), ("start/a", "ko")] == sorted(load_site(root).by_name)


def test_front_matter_is_taken_off(root: Path) -> None:
    """A page's text begins behind its front matter, whose lines are counted."""
    page = load_site(root).by_name[("start/a", "ko")]

    assert ({"title": "가"}, "# 가\n", 4) == (page.meta, page.text, page.offset)


def test_wrong_front_matter_names_its_page(root: Path) -> None:
    """Front matter that is no YAML is named with its page."""
    write_snippet(root, "docs/start/a.md", "---\ntitle: [\n---\n\n# 가\n")

    with pytest.raises(PageError, match="docs/start/a: front matter is not readable as YAML"):
        load_site(root)


@pytest.mark.parametrize("name", ["glossary", "findings", "ledger"])
@pytest.mark.parametrize("text", ["- [", "a: 1\na: 2\n"], ids=["malformed", "key twice"])
def test_a_wrong_data_file_is_named(root: Path, name: str, text: str) -> None:
    """A data file that is no YAML, or says one thing twice, is named."""
    write_snippet(root, f"docs/{name}.yaml", text)

    with pytest.raises(PageError, match=rf"docs/{name}\.yaml: not readable as YAML: "):
        load_site(root)


@pytest.mark.parametrize("words", ["{ko: 비밀}", "{fr: [a]}", "[비밀]"], ids=["no list", "no language", "no languages"])
def test_rejected_words_need_a_list_for_each_language(root: Path, words: str) -> None:
    """A word in the place of a list would be read letter by letter."""
    write_snippet(root, "docs/glossary.yaml", f"- term: {{ko: 시크릿, en: secret}}\n  not: {words}\n")

    with pytest.raises(
        PageError, match=r"docs/glossary\.yaml: 시크릿: not needs a list of words for ko, for en, or for both"
    ):
        load_site(root)


def test_a_term_is_asked_for_by_other_words(root: Path) -> None:
    """By what no text uses and by what readers say, in Korean by the English word too; it is itself none of them."""
    words = "{ko: 시크릿, en: secret}\n  not: {ko: [비밀]}\n  also: {ko: [비밀값, 비밀], en: [credential]}\n"
    write_snippet(root, "docs/glossary.yaml", f"- term: {words}- term: SBOM\n")

    secret, sbom = load_site(root).glossary

    assert ("secret", "비밀", "비밀값") == secret.asked_for("ko")
    assert ("credential",) == secret.asked_for("en")
    assert () == sbom.asked_for("ko")


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ("site_url: https://a.example", "https://a.example/"),
        ('site_url: "https://a.example/b/"', "https://a.example/b/"),
        ('site_url: !ENV [APPARCH_DOCS_URL, "https://a.example/"]', "https://a.example/"),
    ],
)
def test_permalinks_begin_with_the_sites_address(root: Path, setting: str, expected: str) -> None:
    """The one setting is the base of every permalink, however it is written."""
    write_snippet(root, "mkdocs.yml", f"site_name: x\n{setting}\n")

    assert expected == load_site(root).url


def test_a_team_sets_its_own_address(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment variable overrides the setting."""
    monkeypatch.setenv("APPARCH_DOCS_URL", "https://team.example/docs")

    assert "https://team.example/docs/rules/IMG002/" == load_site(root).rule_url("IMG002", "ko")
    assert "https://team.example/docs/en/rules/IMG002/" == load_site(root).rule_url("IMG002", "en")


def test_a_site_without_an_address_is_refused(root: Path) -> None:
    """Without the setting no permalink can be made."""
    write_snippet(root, "mkdocs.yml", "site_name: x\n")

    with pytest.raises(PageError, match="site_url is missing"):
        load_site(root)


def test_the_ledger_is_read_in_both_languages(root: Path) -> None:
    """An entry of the ledger is a text in each language."""
    write_snippet(root, "docs/ledger.yaml", "not_yet:\n  IMG002: {ko: 나중에, en: later}\n")

    assert {"IMG002": Text("나중에", "later")} == load_site(root).ledger


@pytest.mark.parametrize("text", ["", "not_yet:\n", "not_yet: {}\n"])
def test_an_empty_ledger_owes_nothing(root: Path, text: str) -> None:
    """A ledger without entries is empty, as is a missing one."""
    write_snippet(root, "docs/ledger.yaml", text)

    assert {} == load_site(root).ledger


@pytest.mark.parametrize("entry", ["later", "{en: later}", '{ko: " ", en: later}', "{ko: 가, en: a, ja: b}"])
def test_an_entry_of_the_ledger_needs_both_languages(root: Path, entry: str) -> None:
    """An entry that a reader of one language could not read is refused."""
    write_snippet(root, "docs/ledger.yaml", f"not_yet:\n  IMG002: {entry}\n")

    with pytest.raises(PageError, match=r"docs/ledger\.yaml: IMG002: what will prove it needs a text in ko and in en"):
        load_site(root)


def test_a_term_may_be_the_same_in_both_languages(root: Path) -> None:
    """A glossary entry names its term once where both languages write it alike."""
    write_snippet(
        root,
        "docs/glossary.yaml",
        "- term: GHCR\n  definition: {ko: 저장소, en: A registry}\n"
        "- term: {ko: 프로브, en: probe}\n  definition: {ko: 확인, en: A check}\n",
    )

    assert [Text("GHCR", "GHCR"), Text("프로브", "probe")] == [term.term for term in load_site(root).glossary]


def test_a_mistake_in_the_catalogue_is_told(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong family file ends the loading with its own message."""

    def refuse() -> None:
        raise CatalogueError("IMG.yaml: wrong")

    monkeypatch.setattr("apparch.pages.written.site.load_catalogue", refuse)

    with pytest.raises(CatalogueError, match=r"IMG\.yaml: wrong"):
        load_site(root)


def test_citations_are_listed_in_reading_order(root: Path) -> None:
    """A rule's citations are the sections of the Korean pages that name it, once each."""
    write_snippet(root, "docs/start/a.md", "# 가\nIMG002\n## 나 {#b}\nIMG002, IMG003\n## 다 {#c}\nIMG002 IMG002")

    assert {
        "IMG002": [("start/a", "top"), ("start/a", "b"), ("start/a", "c")],
        "IMG003": [("start/a", "b")],
    } == load_site(root).citations
