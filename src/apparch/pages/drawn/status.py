"""What a build can say of a rule's proof."""

from __future__ import annotations

from typing import Literal

from apparch.catalogue import Language, Rule, Text
from apparch.pages.drawn.labels import RAN
from apparch.pages.drawn.markdown_table import table
from apparch.pages.written.markup import Flavour, styled
from apparch.pages.written.site import Page, Site

Status = Literal["proved", "asserted", "failed", "review", "not-yet", "long-run", "unverified"]

WORDS: dict[Status, Text] = {
    "proved": Text("증명됨", "proved"),
    "asserted": Text("레퍼런스 레포에서만 확인함", "asserted of the reference repository only"),
    "failed": Text("증명 실패", "proof failed"),
    "review": Text("리뷰어에게 묻는 질문", "a question for reviewers"),
    "not-yet": Text("아직 증명 없음", "no proof yet"),
    "long-run": Text("긴 실행만 증명함: `./dev test`", "proved by the long run only: `./dev test`"),
    "unverified": Text("이 빌드에서는 확인하지 않음", "not verified in this build"),
}
RAN_STATES: tuple[Status, ...] = ("proved", "asserted", "failed")
CHANGED = Text("고친 파일 있음", "with changed files")
RECORDED = Text("마지막 증명의 기록:", "The last proofs were recorded:")
NOTHING_OWED = Text("증명을 기다리는 규칙이 없다.", "No rule awaits its proof.")
NO_CHECKER = Text("아직 검사기가 없음", "no checker yet")


def status(rule: Rule, site: Site) -> Status:
    """A rule's standing in this build; it never claims more than the proof record holds."""
    if site.proofs.proves(rule.id):
        return "asserted" if site.proofs.kinds(rule.id) == ("reference",) else "proved"
    if any(proof.outcome == "failed" for proof in site.proofs.rules.get(rule.id, ())):
        return "failed"
    if rule.proof == "review":
        return "review"
    if rule.id in site.ledger:
        return "not-yet"
    return "long-run" if site.proofs.quick else "unverified"


def badge(rule: Rule, language: Language, site: Site, flavour: Flavour = "site") -> str:
    """A rule's standing as a badge; where it is proved, what ran stands in front."""
    state = status(rule, site)
    words = WORDS[state][language]
    if state == "proved":
        ran = (RAN[kind][language] for kind in site.proofs.kinds(rule.id) if kind != "reference")
        words = f"{', '.join(ran)}: {words}"
    elif state == "asserted" and rule.proof == "check" and rule.id not in site.examples:
        words = f"{words}; {NO_CHECKER[language]}"
    return styled(words, f"badge badge-{state}", flavour, run_told(site, language) if state in RAN_STATES else "")


def run_told(site: Site, language: Language) -> str:
    """When the last of the recorded runs ended and which commit it judged; empty where the record does not say."""
    if not site.proofs.runs:
        return ""
    last = site.proofs.runs[-1]
    at = f"{last.ended[:16].replace('T', ' ')} UTC"
    return f"{at}, {last.commit[:7] or '?'}{f', {CHANGED[language]}' if last.changed else ''}"


def ledger(page: Page, site: Site) -> list[str]:
    """The rules whose proof is still to come, with what will bring it."""
    pending = [rule for rule in site.catalogue.rules.values() if rule.id in site.ledger]
    if not pending:
        return ["", NOTHING_OWED[page.language], ""]
    header = ["규칙", "요약", "증명할 것"] if page.language == "ko" else ["Rule", "In short", "What will prove it"]
    rows = ([rule.id, rule.title[page.language], site.ledger[rule.id][page.language]] for rule in pending)
    return table(header, rows)


def totals(page: Page, site: Site) -> list[str]:
    """How many rules there are in each standing."""
    counts: dict[Status, int] = dict.fromkeys(WORDS, 0)
    for rule in site.catalogue.rules.values():
        counts[status(rule, site)] += 1
    header = ["상태", "규칙 수"] if page.language == "ko" else ["Standing", "Rules"]
    told = run_told(site, page.language)
    lines = ["", f"{RECORDED[page.language]} {told}"] if told else []
    return lines + table(
        header, ([WORDS[state][page.language], str(count)] for state, count in counts.items() if count)
    )
