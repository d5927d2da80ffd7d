"""What each directive draws from data."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.pages.small import APP, DEPLOY, a_page, a_rule, a_site, write_snippet

from apparch.catalogue import Language, Text
from apparch.catalogue.model import RULE_ID
from apparch.pages.drawn import directives
from apparch.pages.drawn.directives import RENDERERS
from apparch.pages.errors import PageError
from apparch.pages.written.site import Site, Term

RULES = (
    a_rule("IMG001", level="SHOULD", owner="both", proof="check", title=Text("이름", "Name")),
    a_rule("IMG002"),
    a_rule("WFL001", title=Text("a | b", "a | b")),
)


def drawn(line: str, language: str = "ko", **more: object) -> list[str]:
    """The lines that a directive of the App document becomes."""
    page = a_page("", APP, "ko" if language == "ko" else "en")
    return render(line, a_site(Path(), page, rules=RULES, **more))


def render(line: str, site: Site) -> list[str]:
    """The lines that a directive on a site's first page becomes."""
    directive = directives.match(line)
    assert directive, f"{line} is no directive"
    return directives.render(directive, site.pages[0], site)


RUN = {
    "ended": "2026-11-27T18:00:00+00:00",
    "commit": "a" * 40,
    "machine": {"system": "Linux x86_64", "cores": 2, "python": "CPython 3.11.2", "load": 0.4},
}

MUST, SHOULD = '<span class="level level-must">MUST</span>', '<span class="level level-should">SHOULD</span>'

# Each row: the directive, then the table without its blank lines.
TABLES: dict[str, tuple[str, str, list[str]]] = {
    "default columns": (
        "[[rules: IMG002]]",
        "ko",
        ["| 규칙 | 수준 | 내용 |", "| --- | --- | --- |", f"| IMG002 | {MUST} | 올린 태그는 다시 쓰지 않는다. |"],
    ),
    "English": (
        "[[rules: IMG002]]",
        "en",
        [
            "| Rule | Level | Statement |",
            "| --- | --- | --- |",
            f"| IMG002 | {MUST} | A pushed tag must never be overwritten. |",
        ],
    ),
    "order as written": (
        "[[rules: IMG002 IMG001 | level]]",
        "en",
        ["| Rule | Level |", "| --- | --- |", f"| IMG002 | {MUST} |", f"| IMG001 | {SHOULD} |"],
    ),
    "named columns": (
        "[[rules: IMG001 | title owner proof]]",
        "en",
        [
            "| Rule | In short | Owner | Proof |",
            "| --- | --- | --- | --- |",
            "| IMG001 | **Name** | Both repos | "
            '<span class="badge badge-unverified">not verified in this build</span> |',
        ],
    ),
    "reason and repair": (
        "[[rules: IMG002|id reason repair]]",
        "en",
        [
            "| Rule | Reason | Repair |",
            "| --- | --- | --- |",
            "| IMG002 | One name, one content. | Make a new tag. |",
        ],
    ),
    "a bar in a text": (
        "[[rules: WFL001 | title]]",
        "en",
        ["| Rule | In short |", "| --- | --- |", "| WFL001 | **a \\| b** |"],
    ),
}


@pytest.mark.parametrize(("line", "language", "expected"), TABLES.values(), ids=TABLES)
def test_rules_are_drawn_as_a_table(line: str, language: str, expected: list[str]) -> None:
    """A table of rules has the asked columns in the page's language, the ID first."""
    assert expected == [text for text in drawn(line, language) if text]


# Each row: the directive, then the whole message about it.
REFUSED: dict[str, tuple[str, str]] = {
    "unknown directive": (
        "[[tables: IMG002]]",
        f"[[tables]]: no such directive; there are {', '.join(sorted(RENDERERS))}",
    ),
    "unknown column": (
        "[[rules: IMG002 | titel]]",
        "[[rules]]: no column titel; there are id, level, title, statement, reason, repair, owner, proof",
    ),
    "unknown column of the interface": (
        "[[interface | links]]",
        "[[interface]]: no column links; there are link, app, deploy, document",
    ),
    "no rules": ("[[rules]]", "[[rules: ...]] needs the IDs of its rules"),
    "unknown rule": (
        "[[rules: IMG002 ABC001]]",
        "ABC001: no such rule in the catalogue; correct the ID or add the rule",
    ),
}


@pytest.mark.parametrize(("line", "message"), REFUSED.values(), ids=REFUSED)
def test_a_wrong_directive_is_refused(line: str, message: str) -> None:
    """A directive that nothing draws, or that names nothing that exists, is refused in one line."""
    with pytest.raises(PageError) as refused:
        drawn(line)

    assert message == str(refused.value)


@pytest.mark.parametrize(
    "line", ["text", "[[4.2]]", "[[k8s_sub_architecture.md]]", "a [[ledger]]", "[[Rules: IMG002]]"]
)
def test_other_lines_are_no_directives(line: str) -> None:
    """Prose and wiki links are not taken for directives."""
    assert None is directives.match(line)


def test_the_index_lists_every_rule_by_family() -> None:
    """The index has a heading with an id for each family and a row for each rule."""
    lines = drawn("[[rule-index]]", "en")

    assert ["## IMG · Images and tags {#img}", "## WFL · Images and tags {#wfl}"] == [
        line for line in lines if line.startswith("## ")
    ]
    assert ["IMG001", "IMG002", "WFL001"] == [line[2:8] for line in lines if RULE_ID.match(line, 2)]


def test_levels_say_what_a_breach_means() -> None:
    """Each level is listed, the strictest first."""
    assert ["MUST", "SHOULD", "MAY"] == [
        level for line in drawn("[[levels]]", "en") for level in ("MUST", "SHOULD", "MAY") if f">{level}<" in line
    ]


def test_families_are_those_of_the_document() -> None:
    """A family is listed with its subject, the sections of its rules in reading order, and their number."""
    rules = (a_rule("IMG001", section="5-1"), a_rule("IMG002"), a_rule("IMG003"))
    page = a_page("## 4.2 b {#4-2}\n## 5.1 a {#5-1}\n")

    assert ["| **IMG** | 이미지와 태그 | [[4.2]], [[5.1]] | 3 |"] == render(
        "[[families]]", a_site(Path(), page, rules=rules)
    )[3:-1]
    assert [] == render("[[families]]", a_site(Path(), a_page("", DEPLOY), rules=rules))[3:-1]


INTERFACE = (
    "- {link: {ko: 태그, en: tag}, app: {ko: 만든다, en: makes}, deploy: {ko: 고른다, en: picks}, document: x}\n"
)


@pytest.mark.parametrize(
    ("line", "row"),
    [("[[interface]]", "| tag | makes | picks | x |"), ("[[interface | link app]]", "| tag | makes |")],
    ids=["all", "asked"],
)
def test_the_interface_is_drawn_from_one_list(tmp_path: Path, line: str, row: str) -> None:
    """The links of an image have all columns, or those that are asked for."""
    write_snippet(tmp_path, "docs/interface.yaml", INTERFACE)

    assert [row] == render(line, a_site(tmp_path, a_page("", APP, "en")))[3:-1]


def test_the_glossary_is_sorted_by_the_readers_language() -> None:
    """The glossary lists its terms in the order of the page's language."""
    terms = (
        Term(Text("나", "a"), Text("둘", "two")),
        Term(Text("가", "b"), Text("하나", "one")),
    )

    assert ["| **가** | 하나 |", "| **나** | 둘 |"] == drawn("[[glossary]]", "ko", glossary=terms)[3:5]
    assert ["| **a** | two |", "| **b** | one |"] == drawn("[[glossary]]", "en", glossary=terms)[3:5]


def test_each_entry_of_the_glossary_has_an_address() -> None:
    """A term's address is the same in both languages; its other words, used or not, stand with it."""
    terms = (
        Term(Text("App 레포", "App repo"), Text("하나", "one"), {"ko": ("앱 레포",)}, also={"ko": ("소스 레포",)}),
        Term(Text("GHCR", "GHCR"), Text("둘", "two")),
        Term(Text("말", "word")),
    )

    korean = [line for line in drawn("[[glossary: entries]]", "ko", glossary=terms) if line]
    assert [
        "## App 레포 {#app-repo}",
        "하나",
        '영어로는 <span lang="en">App repo</span>. 달리 부르는 말: 소스 레포. 이 문서에서 쓰지 않는 말: 앱 레포.',
    ] == korean[:3]
    assert ["## GHCR {#ghcr}", "둘"] == korean[3:]
    assert [
        "## App repo {#app-repo}",
        "one",
        'In Korean: <span lang="ko">App 레포</span>.',
        "## GHCR {#ghcr}",
        "two",
    ] == [line for line in drawn("[[glossary: entries]]", "en", glossary=terms) if line]


def test_two_terms_have_two_addresses() -> None:
    """Where two terms would have one address, the glossary cannot be drawn."""
    terms = (Term(Text("가", "a b"), Text("하나", "one")), Term(Text("나", "a-b"), Text("둘", "two")))

    with pytest.raises(PageError, match=r"docs/glossary\.yaml: a-b: another term has the address a-b"):
        drawn("[[glossary: entries]]", "ko", glossary=terms)


def test_a_chosen_word_without_a_meaning_is_not_shown() -> None:
    """What only had to be chosen is no entry of the glossary page."""
    assert [] == drawn("[[glossary]]", "en", glossary=(Term(Text("가", "a")),))[3:-1]


def test_the_ledger_lists_what_is_to_come() -> None:
    """The ledger's rows are its rules with what will prove them, in the page's language."""
    ledger = {"IMG002": Text("레지스트리 시험", "the registry test")}

    assert ["| IMG002 | Tags never move | the registry test |"] == drawn("[[ledger]]", "en", ledger=ledger)[3:4]


def test_the_totals_add_up_to_all_rules() -> None:
    """Each rule is counted in one standing."""
    ledger = {"IMG002": Text("가", "a")}

    assert ["| no proof yet | 1 |", "| not verified in this build | 2 |"] == drawn("[[totals]]", "en", ledger=ledger)[
        3:5
    ]


def test_cross_references_are_collected_from_the_text() -> None:
    """Each section that names a section of another document makes a row; the appendix that shows them makes none."""
    page = a_page(
        "## 4 태그 {#4}\n[[k8s_sub_architecture.md]] 3.2, [[4.2]]\n### src {#3-4-src}\n[[k8s_architecture.md]] 1\n"
        "## 부록 A {#a}\n[[k8s_sub_architecture.md]] 9"
    )
    site = a_site(Path(), page, a_page("", DEPLOY))

    assert [
        "| [[4]] | [[k8s_sub_architecture.md]] 3.2 |",
        "| [[3.4]] | [[k8s_architecture.md]] 1 |",
    ] == render("[[crossrefs]]", site)[3:5]


def test_cross_references_can_be_of_one_document() -> None:
    """A document named in the directive is the only one that is listed."""
    page = a_page("## 4 태그 {#4}\n[[k8s_sub_architecture.md]] 3.2 [[k8s_architecture.md]] 1")

    rows = render("[[crossrefs: k8s_architecture]]", a_site(Path(), page))[3:-1]

    assert ["| [[4]] | [[k8s_architecture.md]] 1 |"] == rows


def test_limits_are_told_in_the_pages_language(tmp_path: Path) -> None:
    """A point each, as the stand-in's own list has them."""
    (tmp_path / "tests/cluster").mkdir(parents=True)
    (tmp_path / "tests/cluster/limits.yaml").write_text("- {id: a, ko: 없다., en: None.}\n", "utf-8")
    assert render("[[limits]]", a_site(tmp_path, a_page("", APP, "en"))) == ["", "- None.", ""]


@pytest.mark.parametrize(
    ("language", "row"), [("ko", "| 잃은 주문 | 0 |"), ("en", "| lost | 0 |")], ids=["Korean", "English"]
)
def test_figures_are_shown_in_the_pages_language(tmp_path: Path, language: Language, row: str) -> None:
    """A cell that a benchmark wrote in both languages is shown in one."""
    write_snippet(tmp_path, "benchmarks/x.py", "")
    report = {
        "columns": {"ko": ["측정", "값"], "en": ["Measured", "Value"]},
        "rows": [[{"ko": "잃은 주문", "en": "lost"}, 0]],
    }
    write_snippet(tmp_path, "build/benchmarks/x.json", json.dumps({"report": report, "run": RUN}))

    assert row in render("[[benchmark: x]]", a_site(tmp_path, a_page("", APP, language)))


def test_figures_tell_the_run_that_they_rest_on(tmp_path: Path) -> None:
    """Recorded figures are shown with the day, the commit and the kind of machine; this build's own go before them."""
    write_snippet(tmp_path, "benchmarks/x.py", "")
    report = {"columns": {"ko": ["측정", "값"], "en": ["Measured", "Value"]}, "rows": [["a", 1]]}
    write_snippet(tmp_path, "docs/figures/x.yaml", json.dumps({"report": report, "run": RUN}))
    recorded = render("[[benchmark: x]]", a_site(tmp_path, a_page("", APP, "en")))
    own = {"report": report, "run": RUN | {"commit": "b" * 40}}
    write_snippet(tmp_path, "build/benchmarks/x.json", json.dumps(own))
    measured = render("[[benchmark: x]]", a_site(tmp_path, a_page("", APP, "en")))

    machine = "(Linux x86_64, 2 cores, CPython 3.11.2, load over 15 minutes 0.4)"
    assert f"Measured on 2026-11-27 at commit `aaaaaaa` {machine}." == recorded[1]
    assert f"Measured on 2026-11-27 at commit `bbbbbbb` {machine}." == measured[1]


def test_a_benchmark_that_has_not_run_shows_no_figures(tmp_path: Path) -> None:
    """The page says so, and how to run it."""
    write_snippet(tmp_path, "benchmarks/x.py", "")

    made = render("[[benchmark: x]]", a_site(tmp_path, a_page("", APP, "en")))

    assert ["No run is recorded yet. What measures it: `./dev bench x`"] == [line for line in made if line]
