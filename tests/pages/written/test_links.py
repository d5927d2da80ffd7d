"""Which mentions in prose become links, and what is left as it stands."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.pages.small import APP, DEPLOY, a_page, a_rule, a_site

from apparch.catalogue import Language, Text
from apparch.pages.errors import PageError
from apparch.pages.written.links import Linker, relative
from apparch.pages.written.site import Site, Term

DEPLOY_PAGE = "## 3 구조 {#3}\n### 3.2 볼륨(PVC)과 GHCR {#3-2}\n## 부록 A {#a}\n### A.2 계약 {#a-2}"
APP_PAGE = "## 4 태그 {#4}\n### 4.2 정책 {#4-2}\n## 부록 A {#a}\n### A.2 연결 {#a-2}"

GHCR = Term(Text("GHCR", "GHCR"), Text("이미지 저장소", "An image registry"))
PROBE = Term(Text("프로브", "probe"), Text("상태 확인", "A check"))
DEPLOY_REPO = Term(Text("Deploy 레포", "Deploy repo"), Text("배포 레포", "The repo that deploys"))
DEPLOYS = Term(Text("Deploy", "Deploy"), Text("배포", "Deploying"))

RULE_KO = '[IMG002](../rules/IMG002.md "태그는 움직이지 않는다"){ .rule }'
RULE_EN = '[IMG002](../rules/IMG002.md "Tags never move"){ .rule }'
SECTION_KO = '[Deploy 문서 3.2절](k8s_sub_architecture.md#3-2 "3.2 볼륨(PVC)과 GHCR")'
SECTION_EN = '[Deploy document section 3.2](k8s_sub_architecture.md#3-2 "3.2 볼륨(PVC)과 GHCR")'


def small_site(*terms: Term) -> Site:
    """Two documents in both languages, one rule, the given glossary."""
    pages = [
        a_page(text, name, language)
        for name, text in ((APP, APP_PAGE), (DEPLOY, DEPLOY_PAGE))
        for language in ("ko", "en")
    ]
    return a_site(Path(), *pages, glossary=terms)


def linked(text: str, language: Language = "ko", *terms: Term) -> str:
    """The lines of a page of the App document, linked."""
    site = small_site(*terms)
    linker = Linker(site.by_name[(APP, language)], site)
    return "\n".join(linker.line(line) for line in text.split("\n"))


# Each row: the language, the text as written, the text as published.
LINKED: dict[str, tuple[Language, str, str]] = {
    "rule": ("en", "See IMG002.", f"See {RULE_EN}."),
    "rule with a particle": ("ko", "IMG002는 지킨다", f"{RULE_KO}는 지킨다"),
    "rule in brackets": ("ko", "고정했다(IMG002).", f"고정했다({RULE_KO})."),
    "rule in a table": ("ko", "| IMG002 | a |", f"| {RULE_KO} | a |"),
    "rule in bold": ("ko", "**IMG002**", f"**{RULE_KO}**"),
    "two rules": ("ko", "IMG002·IMG002", f"{RULE_KO}·{RULE_KO}"),
    "no rule: longer word": ("ko", "XIMG002 IMG0021 IMG002x A_IMG002", "XIMG002 IMG0021 IMG002x A_IMG002"),
    "no rule: other case": ("en", "img002", "img002"),
    "rule in code": ("ko", "`IMG002`", "`IMG002`"),
    "rule in longer code": ("ko", "``a ` IMG002``", "``a ` IMG002``"),
    "rule in a link": ("ko", "[IMG002](x.md)", "[IMG002](x.md)"),
    "rule in a link's title": ("ko", '[a](x.md "b (c) IMG002")', '[a](x.md "b (c) IMG002")'),
    "rule in an address": ("ko", "[a](rules/IMG002.md)", "[a](rules/IMG002.md)"),
    "rule in an address with brackets": ("ko", "[a](b_(c)_IMG002)", "[a](b_(c)_IMG002)"),
    "rule in HTML": ("ko", '<a id="IMG002">', '<a id="IMG002">'),
    "rule in a comment": ("ko", "<!-- IMG002 --> a", "<!-- IMG002 --> a"),
    "rule in a heading": ("ko", "### IMG002 {#4-2}", "### IMG002 {#4-2}"),
    "document": ("ko", "[[k8s_sub_architecture.md]]를 본다", "[Deploy 문서](k8s_sub_architecture.md)를 본다"),
    "section": ("ko", "[[k8s_sub_architecture.md]] 3.2", SECTION_KO),
    "section with 절 and a particle": ("ko", "[[k8s_sub_architecture.md]] 3.2절에서", f"{SECTION_KO}에서"),
    "section with a particle": ("ko", "[[k8s_sub_architecture.md]] 3.2를", f"{SECTION_KO}를"),
    "section at the end of a sentence": ("en", "[[k8s_sub_architecture.md]] 3.2. Next", f"{SECTION_EN}. Next"),
    "appendix": (
        "ko",
        "[[k8s_sub_architecture.md]] A.2",
        '[Deploy 문서 부록 A.2](k8s_sub_architecture.md#a-2 "A.2 계약")',
    ),
    "document before a word": (
        "en",
        "[[k8s_sub_architecture.md]] Also 3.2",
        "[Deploy document](k8s_sub_architecture.md) Also 3.2",
    ),
    "own section": ("ko", "[[4.2]]에서", '[4.2절](#4-2 "4.2 정책")에서'),
    "own section with 절": ("ko", "[[4.2]]절과 [[4]]장", '[4.2절](#4-2 "4.2 정책")과 [4장](#4 "4 태그")'),
    "own section in English": ("en", "see [[4.2]]", 'see [section 4.2](#4-2 "4.2 정책")'),
    "own appendix": ("ko", "[[A.2]]", '[부록 A.2](#a-2 "A.2 연결")'),
    "wiki link in code": ("ko", "`[[4.2]]`", "`[[4.2]]`"),
}


@pytest.mark.parametrize(("language", "text", "expected"), LINKED.values(), ids=LINKED)
def test_a_mention_becomes_a_link(language: Language, text: str, expected: str) -> None:
    """Rules, documents and sections are linked wherever prose names them, and nowhere else."""
    assert expected == linked(text, language)


# Each row: the text, then the whole message about it.
BROKEN: dict[str, tuple[str, str]] = {
    "unknown rule": ("ABC001을 본다", "ABC001: no such rule in the catalogue; correct the ID or add the rule"),
    "unknown document": (
        "[[k8s_other.md]]",
        "[[k8s_other.md]]: no such document; there are k8s_architecture, k8s_app_architecture, k8s_sub_architecture",
    ),
    "unknown section": (
        "[[k8s_sub_architecture.md]] 9.9",
        "[[k8s_sub_architecture.md]] 9.9: k8s_sub_architecture has no section 9.9 in ko",
    ),
    "unknown own section": ("[[9.9]]", "[[9.9]]: k8s_app_architecture has no section 9.9 in ko"),
}


@pytest.mark.parametrize(("text", "message"), BROKEN.values(), ids=BROKEN)
def test_a_broken_mention_is_refused(text: str, message: str) -> None:
    """A mention of what does not exist ends the page with a message that names it."""
    with pytest.raises(PageError) as refused:
        linked(text)

    assert message == str(refused.value)


ABBR = '<abbr title="이미지 저장소">GHCR</abbr>'
ABBR_PROBE = '<abbr title="상태 확인">프로브</abbr>'

# Each row: the text as written, the text as published, in Korean.
EXPLAINED: dict[str, tuple[str, str]] = {
    "once": ("GHCR에 올린 뒤 GHCR에서", f"{ABBR}에 올린 뒤 GHCR에서"),
    "once over lines": ("GHCR\nGHCR", f"{ABBR}\nGHCR"),
    "again in the next section": ("GHCR\n## B {#b}\nGHCR", f"{ABBR}\n## B {{#b}}\n{ABBR}"),
    "two terms": ("GHCR 프로브", f"{ABBR} {ABBR_PROBE}"),
    "with a particle": ("프로브는", f"{ABBR_PROBE}는"),
    "part of a word": ("startup프로브 GHCRs my-GHCR GHCR/app", "startup프로브 GHCRs my-GHCR GHCR/app"),
    "longest first": ("Deploy 레포", '<abbr title="배포 레포">Deploy 레포</abbr>'),
    "in code": ("`GHCR`", "`GHCR`"),
    "in a link": ("[GHCR](x.md)", "[GHCR](x.md)"),
    "in a heading": ("## GHCR {#a}", "## GHCR {#a}"),
    "in a link's title": ("[[k8s_sub_architecture.md]] 3.2", SECTION_KO),
    "in an admonition's title": ('!!! note "GHCR"', '!!! note "GHCR"'),
    "in a tab's title": ('=== "GHCR"', '=== "GHCR"'),
}


@pytest.mark.parametrize(("text", "expected"), EXPLAINED.values(), ids=EXPLAINED)
def test_a_term_is_explained_once_a_section(text: str, expected: str) -> None:
    """The first mention of a glossary term in each section carries its meaning."""
    assert expected == linked(text, "ko", GHCR, PROBE, DEPLOYS, DEPLOY_REPO)


def test_a_meaning_is_safe_in_html() -> None:
    """A meaning with quotes, angle brackets or code becomes plain attribute text."""
    term = Term(Text("GHCR", "GHCR"), Text('a "b" <c> `d`', "x"))

    assert '<abbr title="a &quot;b&quot; &lt;c&gt; d">GHCR</abbr>' == linked("GHCR", "ko", term)


def test_a_rule_of_each_language_has_its_own_title() -> None:
    """A link's title is the rule's title in the page's language, without marks."""
    site = a_site(Path(), a_page(""), rules=(a_rule(title=Text("`태그`", "`tag`")),))

    assert '[IMG002](../rules/IMG002.md "태그"){ .rule }' == Linker(site.pages[0], site).line("IMG002")


@pytest.mark.parametrize(
    ("page", "target", "expected"),
    [
        ("index", "rules/IMG002.md", "rules/IMG002.md"),
        ("arch/a", "rules/IMG002.md", "../rules/IMG002.md"),
        ("arch/a", "arch/b.md", "b.md"),
        ("rules/IMG002", "source/app/x.py/index.html", "../source/app/x.py/index.html"),
    ],
)
def test_a_path_is_relative_to_its_page(page: str, target: str, expected: str) -> None:
    """A link's path leads from the page's folder to the target."""
    assert expected == relative(page, target)
