"""The figures of the page "Coverage": what vouches for rules and blocks, in this build and in editions before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection

from apparch.catalogue import Rule, Text
from apparch.catalogue.editions import recorded
from apparch.catalogue.policy import Demand
from apparch.pages.drawn import rule_index
from apparch.pages.drawn.bars import beside, trend
from apparch.pages.drawn.labels import LEVELS, MEANS
from apparch.pages.drawn.legend import KINDS
from apparch.pages.drawn.markdown_table import table
from apparch.pages.errors import PageError
from apparch.pages.written.markup import boxed
from apparch.pages.written.shown import all_blocks
from apparch.pages.written.site import Page, Site

PROOF, RULES, MEANING = Text("증명", "Proof"), Text("규칙", "Rules"), Text("뜻", "Meaning")
FAMILY, SEEN = Text("계열", "Family"), Text("알아챈 변경", "Edits noticed")
RAN, ALLOWED = Text("이 빌드에서 확인", "Seen in this build"), Text("허용하는 변경", "Edits allowed")
TOTAL = Text("합계", "All")
JUDGE, BLOCKS, GOOD = Text("판정한 것", "Judge"), Text("코드 블록", "Code blocks"), Text("통과", "Passed")
NO_JUDGE = Text("이 빌드에서 판정하지 않음", "not judged in this build")
NONE = Text("이 빌드에 증명이 없다.", "Nothing proved it in this build.")
FIGURE, NOW, TREND = Text("수", "Figure"), Text("이 빌드", "This build"), Text("흐름", "Trend")
COUNTED = {
    "rules": Text("규칙", "Rules"),
    **{level: Text(f"{level} 규칙", f"{level} rules") for level in LEVELS},
    "questions": Text("리뷰어에게 묻는 규칙", "Rules that reviewers are asked"),
    "judged": Text("`apparch check`가 판정하는 규칙", "Rules that `apparch check` judges"),
    "ledger": Text("증명을 기다리는 규칙", "Rules awaiting proof"),
    "breaches": Text("증명이 알아챈 변경", "Edits that proofs noticed"),
    "blocks": Text("실행하거나 판정하는 코드 블록", "Code blocks that run or are judged"),
    "findings": Text("실행이 찾아낸 결함", "Defects that execution found"),
}
"""What is counted of an edition: its rules, by its record, then what its files held."""
HELD = ("judged", "ledger", "breaches", "blocks", "findings")
"""What docs/editions.yaml keeps of an edition, since no record of its rules has it."""


def render(words: str, page: Page, site: Site) -> list[str]:
    """The table that stands for `proofs`, `breaches`, `blocks` or `editions`.

    Raises:
        PageError: there is no such table.
    """
    if words not in TABLES:
        raise PageError(f"[[coverage: {words}]]: no such table; there are {', '.join(TABLES)}")
    lines = TABLES[words](page, site)
    return lines if words == "proofs" else boxed(lines, "counts", page.flavour)


def counted(site: Site) -> dict[str, int]:
    """The figures of this build's files, by the keys of COUNTED."""
    return {
        **_of_rules(site.catalogue.rules.values()),
        "judged": len(site.examples),
        "ledger": len(site.ledger),
        "breaches": sum(bool(breach.noticed_by) and not breach.prose for breach in site.breaches),
        "blocks": len(all_blocks(site)),
        "findings": len((site.findings or {}).get("findings", [])),
    }


def _proofs(page: Page, site: Site) -> list[str]:
    """Each rule once, by what shows most among its proofs in this build."""
    language = page.language
    counts = Counter(rule_index.proofs(rule, site)[0] for rule in site.catalogue.rules.values())
    words = {**KINDS, "none": rule_index.OTHERWISE["none"]}
    meanings = {**MEANS, "none": NONE}
    rows = [
        [
            f"[{words[kind][language]}](index.md?proof={kind})",
            beside(counts[kind], max(counts.values()), page.flavour),
            meanings[kind][language],
        ]
        for kind in words
        if counts[kind]
    ]
    return table([text[language] for text in (PROOF, RULES, MEANING)], rows)


def _breaches(page: Page, site: Site) -> list[str]:
    """For each family the edits that its proofs have noticed, and those of this build among them."""
    language = page.language
    rows = []
    for family in site.catalogue.families:
        own = [each for each in site.breaches if not each.prose and each.subject[:3] == family.id]
        noticed = [each for each in own if each.noticed_by]
        ran = sum(site.proofs.outcome_of(each.id) == "passed" for each in noticed)
        rows.append([len(family.rules), len(noticed), ran, sum(each.allowed for each in own)])
    named = [f"{family.id} · {family.title[language]}" for family in site.catalogue.families]
    most = max(row[1] for row in rows)
    drawn = [[str(rules), beside(seen, most, page.flavour), *map(str, rest)] for rules, seen, *rest in rows]
    drawn.append([str(sum(column)) for column in zip(*rows, strict=True)])
    return table(
        [text[language] for text in (FAMILY, RULES, SEEN, RAN, ALLOWED)],
        ([name, *row] for name, row in zip([*named, f"**{TOTAL[language]}**"], drawn, strict=True)),
    )


def _blocks(page: Page, site: Site) -> list[str]:
    """How many blocks each judge judged in this build, and how many it found good; those nothing judged last."""
    language = page.language
    judged, good = Counter[str](), Counter[str]()
    for block in site.proofs.blocks:
        judged[block.judge] += 1
        good[block.judge] += block.outcome == "passed"
    left = len(all_blocks(site)) - judged.total()
    rows = [[judge, str(count), str(good[judge])] for judge, count in sorted(judged.items(), key=lambda it: -it[1])]
    rows += [[NO_JUDGE[language], str(left), ""]] if left > 0 else []
    return table([text[language] for text in (JUDGE, BLOCKS, GOOD)], rows)


def _editions(page: Page, site: Site) -> list[str]:
    """Every figure in each edition and in this build; empty where an edition did not count it."""
    language, now = page.language, counted(site)
    held = {str(each["edition"]): each for each in site.editions}
    editions = {each.name: {**held.get(each.name, {}), **_of_rules(each.rules.values())} for each in recorded()}
    rows = []
    for key, name in COUNTED.items():
        values = [*((edition, each.get(key, "")) for edition, each in editions.items()), (NOW[language], now[key])]
        drawn = [trend(name[language].replace("`", ""), values)] if page.flavour == "site" else []
        rows.append([name[language], *(str(value) for _, value in values), *drawn])
    header = [FIGURE[language], *editions, NOW[language], *([TREND[language]] if page.flavour == "site" else [])]
    return table(header, rows)


def _of_rules(rules: Collection[Rule | Demand]) -> dict[str, int]:
    return {
        "rules": len(rules),
        **{level: sum(rule.level == level for rule in rules) for level in LEVELS},
        "questions": sum(rule.proof == "review" for rule in rules),
    }


TABLES: dict[str, Callable[[Page, Site], list[str]]] = {
    "proofs": _proofs,
    "breaches": _breaches,
    "blocks": _blocks,
    "editions": _editions,
}
