"""The page that each rule has in each language."""

from __future__ import annotations

import html
from typing import Any

from apparch.catalogue import LANGUAGES, Language, Rule, Text
from apparch.pages.breaches import Breach
from apparch.pages.drawn import legend, rule_examples, status
from apparch.pages.drawn.labels import OWNERS, RAN
from apparch.pages.written.links import section_name
from apparch.pages.written.markup import Flavour, boxed
from apparch.pages.written.sections import number
from apparch.pages.written.site import DOCUMENTS, Page, Site

WHY = Text("왜 중요한가", "Why it matters")
REPAIR = Text("어긴 것을 고치는 법", "How to repair a breach")
EXAMPLES = Text("어긴 예와 지킨 예", "Examples")
BAD = Text("어긴 예", "Breaks the rule")
FINDING = Text("검사기의 지적", "What the checker says")
GOOD = Text("지킨 예", "Keeps the rule")
CHECK = Text("내 레포에서 이 규칙만 검사하기", "How to check this one rule")
CHECK_LEAD = Text(
    "레포의 최상위 디렉터리에서 실행한다. 처음 쓴다면 [우리 레포 검사하기](../start/check.md)를 따른다.",
    "Run it in the top directory of your repository; [Check your repo](../start/check.md) is the way for a first time.",
)
CITED = Text("문서에서 다루는 곳", "Where the documents speak of it")
PROOF = Text("이 빌드의 증명", "Its proof in this build")
REVIEW = Text("검토자의 질문", "The reviewer's question")
SEEN = Text("실패를 확인한 변경", "Has been seen to fail when")
SEEN_LEAD = Text(
    "레퍼런스 레포를 다음과 같이 바꾸면 이 규칙의 증명이 빨간불이 된다.",
    "One edit of the reference repositories at a time; each turns a proof of this rule red.",
)
ALLOWED = Text("이 규칙이 허용하여 증명이 초록불로 남는 변경:", "What the rule allows, on which its proofs stay green:")
IN_THIS_BUILD = {
    "passed": Text("이 빌드에서 확인함", "seen in this build"),
    "failed": Text("이 빌드에서 어긋남", "not so in this build"),
}
NOT_RUN = Text("이 빌드에서는 돌리지 않음", "not run in this build")
COPY = Text("인용 복사", "Copy reference")
TESTS = {"passed": Text("통과", "passed"), "failed": Text("실패", "failed"), "skipped": Text("건너뜀", "skipped")}


def rule_pages(site: Site, flavour: Flavour = "site") -> list[Page]:
    """A page for every rule of the catalogue, in both languages."""
    return [_page(rule, language, site, flavour) for rule in site.catalogue.rules.values() for language in LANGUAGES]


def _page(rule: Rule, language: Language, site: Site, flavour: Flavour) -> Page:
    title = f"{rule.id} {rule.title[language]}"
    summary = " ".join(rule.statement[language].split())
    meta = {"title": title, "description": summary, "rule": rule.id, "family": _family(rule, language, site)}
    return Page(f"rules/{rule.id}", language, "\n".join(_lines(rule, language, site, flavour)), meta)


def _family(rule: Rule, language: Language, site: Site) -> dict[str, Any]:
    """What stands where other pages have the navigation."""
    family = next(family for family in site.catalogue.families if family.id == rule.id[:3])
    rules = [{"id": member.id, "title": member.title[language]} for member in family.rules]
    return {"id": family.id, "title": family.title[language], "rules": rules}


def _lines(rule: Rule, language: Language, site: Site, flavour: Flavour) -> list[str]:
    summary = " ".join(rule.statement[language].split())
    home = f"[[{rule.document}.md]] {number(rule.section)}"
    lines = [
        f"# {rule.id} {rule.title[language]}",
        "",
        _facts(rule, language, site, flavour),
        "",
        *boxed([summary], "rule-statement", flavour),
        "",
        *_retired(rule, language),
        f"## {WHY[language]} {{#why}}",
        "",
        rule.reason[language],
        "",
        *_examples(rule, language, site),
        f"## {REPAIR[language]} {{#repair}}",
        "",
        rule.repair[language],
        "",
        *_check(rule, language, site),
    ]
    if rule.review:
        lines += [f"## {REVIEW[language]} {{#review}}", "", f"> {_flat(rule.review.question[language])}", ""]
        lines += [_flat(rule.review.why[language]), ""]
    lines += [f"## {PROOF[language]} {{#proof}}", "", *_proof(rule, language, site, flavour)]
    lines += _breaches(rule, language, site)
    lines += [f"## {CITED[language]} {{#cited}}", "", f"- {home}", *_citations(rule, language, site)]
    return "\n".join(lines).split("\n")


def _facts(rule: Rule, language: Language, site: Site, flavour: Flavour) -> str:
    """What is known of the rule at a glance, and on the site a button that copies its sentence and address."""
    family = next(family for family in site.catalogue.families if family.id == rule.id[:3])
    since = f"{rule.since}부터" if language == "ko" else f"since {rule.since}"
    facts = [OWNERS[rule.owner][language], family.title[language], since]
    if flavour == "plain":
        return " · ".join([rule.level, *facts])
    sentence = " ".join(rule.statement[language].split())
    reference = html.escape(f"{rule.id}: {sentence} {site.rule_url(rule.id, language)}")
    return (
        f'<p class="rule-facts">{legend.level(rule.level, flavour)} '
        f"{' '.join(f'<span>{fact}</span>' for fact in facts)} "
        f'<button class="copy-reference md-button" type="button" data-reference="{reference}">{COPY[language]}</button>'
        "</p>"
    )


def _examples(rule: Rule, language: Language, site: Site) -> list[str]:
    """Where the rule's examples are drawn, if it has some; their code would drown what a search looks for."""
    examples = site.examples.get(rule.id, ())
    if not examples:
        return []
    lines = [f"## {EXAMPLES[language]} {{#examples}}", ""]
    for part, title in (("bad", BAD), ("finding", FINDING), ("good", GOOD)):
        hidden = "" if part == "finding" else " data-search-exclude"
        lines += [f"### {title[language]} {{#{part}{hidden}}}", "", f"[[example: {rule.id} {part}]]", ""]
    return lines + ([f"[[example: {rule.id} others]]", ""] if rule_examples.has_others(examples) else [])


def _check(rule: Rule, language: Language, site: Site) -> list[str]:
    """The command that judges by this rule alone, where a tree can be judged by it."""
    if rule.id not in site.examples:
        return []
    return [
        f"## {CHECK[language]} {{#check}}",
        "",
        CHECK_LEAD[language],
        "",
        f"[[example: {rule.id} command]]",
        "",
    ]


def _retired(rule: Rule, language: Language) -> list[str]:
    if not rule.replaced_by:
        return []
    words = "폐기된 규칙이다. 대신하는 규칙:" if language == "ko" else "This rule is retired. Its successor:"
    return [f"> {words} {rule.replaced_by}", ""]


def _proof(rule: Rule, language: Language, site: Site, flavour: Flavour) -> list[str]:
    lines = [status.badge(rule, language, site, flavour), ""]
    for proof in site.proofs.rules.get(rule.id, ()):
        outcome = TESTS.get(proof.outcome, Text(proof.outcome, proof.outcome))[language]
        lines.append(f"- `{proof.test}` ({RAN[proof.kind][language]}, {outcome})")
    pending = site.ledger.get(rule.id)
    if pending:
        words = "증명을 가져올 것:" if language == "ko" else "What will bring the proof:"
        lines.append(f"{words} {pending[language]}")
    return [*lines, ""]


def _breaches(rule: Rule, language: Language, site: Site) -> list[str]:
    """The edits that its proofs have been seen to notice; one that no proof has noticed yet is not shown."""
    own = [breach for breach in site.breaches if breach.subject == rule.id]
    seen = [
        f"- {each.says[language]}<br>`{each.noticed_by}` ({_built(each, language, site)})"
        for each in own
        if each.noticed_by
    ]
    allowed = [f"- {each.says[language]} ({_built(each, language, site)})" for each in own if each.allowed]
    lines = [f"## {SEEN[language]} {{#breaches}}", "", SEEN_LEAD[language], "", *seen, ""] if seen else []
    return lines + ([ALLOWED[language], "", *allowed, ""] if seen and allowed else [])


def _built(breach: Breach, language: Language, site: Site) -> str:
    return IN_THIS_BUILD.get(site.proofs.outcome_of(breach.id) or "", NOT_RUN)[language]


def _citations(rule: Rule, language: Language, site: Site) -> list[str]:
    lines = []
    for name, section in site.citations.get(rule.id, []):
        document = name.rpartition("/")[2]
        if document == rule.document and section == rule.section:
            continue
        title = site.section_titles.get((name, language), {}).get(section)
        if title is None:
            continue
        page = DOCUMENTS[document][language] + " " + section_name(section, language) if document in DOCUMENTS else title
        anchor = "" if section == "top" else f"#{section}"
        lines.append(f"- [{page}](../{name}.md{anchor})")
    return lines


def _flat(text: str) -> str:
    return " ".join(text.split())
