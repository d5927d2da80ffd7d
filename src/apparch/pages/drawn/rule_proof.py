"""What a rule's page tells of its proof: what it means, when it ran on what, each test by its sentence."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from apparch.catalogue import Language, Rule, Text
from apparch.pages.breaches import Breach
from apparch.pages.drawn import commands, status
from apparch.pages.drawn.labels import MEANS, RAN
from apparch.pages.drawn.tests_told import linked, source_of
from apparch.pages.written.markup import boxed
from apparch.pages.written.site import Page, Site

PROOF = Text("이 빌드의 증명", "Its proof in this build")
OF_OURS = Text(
    "증명은 이 프로젝트의 레퍼런스 앱과 그 Deploy 레포, 그리고 규칙의 예에 대한 것이다.",
    "It speaks of this project's reference app, its Deploy repo and the rule's examples.",
)
OF_YOURS = Text("여러분의 레포는 [위의 명령](#check)이 판정한다.", "Yours is judged by [the command above](#check).")
NOT_OF_YOURS = Text(
    "여러분의 레포가 이 규칙을 지키는지는 말하지 않는다.", "Whether your repository keeps the rule, it does not say."
)
RECORDED = Text("{when}에 {commit}에서 돌렸다.", "Run on {when} at {commit}.")
CHANGED = Text("그때 커밋되지 않은 변경이 있었다.", "Some files differed from it at that time.")
COMMIT, NO_COMMIT = Text("커밋 {}", "commit {}"), Text("커밋을 알 수 없는 파일", "files of no known commit")
UNRECORDED = Text(
    "이 빌드는 증명의 기록 없이 만들었다. `./dev test`가 증명을 돌리고 기록을 남긴다.",
    "This build was made without a record of proofs; `./dev test` runs them and leaves one.",
)
PENDING = Text("증명을 가져올 것: {}", "What will bring the proof: {}")
IN_ENGLISH = Text(
    "테스트마다 무엇을 확인하는지 한 문장으로 적고, 그 소스로 잇는다. 문장은 소스에 적힌 영어 그대로다.",
    "Each test in one sentence, which leads to its source.",
)
TESTS = {"passed": Text("통과", "passed"), "failed": Text("실패", "failed"), "skipped": Text("건너뜀", "skipped")}
CASES = Text("{} 사례", "{} cases")
MANY = 8
"""Tests up to which all of them are shown at once."""
MORE = Text("나머지 테스트 {}개", "{} more tests")

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


@dataclass(frozen=True)
class Proving:
    """One test of a rule with all its cases."""

    test: str
    """Its node id without a case."""
    kind: str
    outcomes: tuple[str, ...]

    @property
    def outcome(self) -> str:
        """How it ended: as the worst of its cases."""
        return next(each for each in ("failed", "skipped", "passed") if each in self.outcomes)


def proof(rule: Rule, page: Page, site: Site) -> list[str]:
    """Standing, meaning, time and tests of a rule's proof; what is not recorded is not claimed."""
    language = page.language
    lines = [f"## {PROOF[language]} {{#proof}}", "", status.badge(rule, language, site, page.flavour), ""]
    tests = proving(rule, site)
    kinds = [kind for kind in MEANS if kind in {each.kind for each in tests}]
    if kinds:
        lines += [*(f"- **{RAN[kind][language]}** {MEANS[kind][language]}" for kind in kinds), ""]
        ours = OF_YOURS if commands.check(rule, site) or commands.compare(rule, site) else NOT_OF_YOURS
        lines += [f"{OF_OURS[language]} {ours[language]}", "", recorded(site, language), ""]
    elif status.status(rule, site) == "review":
        lines += [MEANS["review"][language], ""]
    elif not site.proofs.recorded:
        lines += [UNRECORDED[language], ""]
    if rule.id in site.ledger:
        lines += [PENDING[language].format(site.ledger[rule.id][language]), ""]
    return [*lines, *_tests(tests, page, site)]


def proving(rule: Rule, site: Site) -> list[Proving]:
    """The tests that named the rule in this build, the strongest kind first."""
    cases: dict[tuple[str, str], list[str]] = {}
    for each in site.proofs.rules.get(rule.id, ()):
        cases.setdefault((each.test.partition("[")[0], each.kind), []).append(each.outcome)
    order = list(MEANS)
    found = [Proving(test, kind, tuple(outcomes)) for (test, kind), outcomes in cases.items()]
    return sorted(found, key=lambda each: (order.index(each.kind), each.test))


def recorded(site: Site, language: Language) -> str:
    """When the proofs of this build ran, and on which commit; empty where the record does not say."""
    if not site.proofs.runs:
        return ""
    last = site.proofs.runs[-1]
    when = datetime.datetime.fromisoformat(last.ended).astimezone(datetime.UTC).strftime("%Y-%m-%d %H:%M UTC")
    commits = [_commit(each, language, site) for each in dict.fromkeys(run.commit for run in site.proofs.runs)]
    told = RECORDED[language].format(when=when, commit=", ".join(commits))
    return f"{told} {CHANGED[language]}" if any(run.changed for run in site.proofs.runs) else told


def breaches(rule: Rule, page: Page, site: Site) -> list[str]:
    """The edits that its proofs have been seen to notice; one that no proof has noticed yet is not shown."""
    language = page.language
    own = [breach for breach in site.breaches if breach.subject == rule.id]
    seen = [f"- {each.says[language]} ({_noticed(each, page, site)})" for each in own if each.noticed_by]
    allowed = [f"- {each.says[language]} ({_built(each, language, site)})" for each in own if each.allowed]
    lines = [f"## {SEEN[language]} {{#breaches}}", "", SEEN_LEAD[language], "", *seen, ""] if seen else []
    return lines + ([ALLOWED[language], "", *allowed, ""] if seen and allowed else [])


def _commit(commit: str, language: Language, site: Site) -> str:
    if not commit:
        return NO_COMMIT[language]
    short = f"`{commit[:12]}`"
    return COMMIT[language].format(f"[{short}]({site.origin.url}/commit/{commit})" if site.origin else short)


def _tests(tests: Sequence[Proving], page: Page, site: Site) -> list[str]:
    if not tests:
        return []
    lines = [f"- {_told(each, page, site)}" for each in tests]
    shown, more = lines[:MANY], lines[MANY:]
    if len(more) == 1:
        shown, more = lines, []
    if more and page.flavour == "site":
        more = [f'??? note "{MORE[page.language].format(len(more))}"', "", *(f"    {line}" for line in more), ""]
    elif more:
        shown, more = lines, []
    return [IN_ENGLISH[page.language], "", *boxed([*shown, "", *more], "proof-tests", page.flavour, searched=False), ""]


def _told(test: Proving, page: Page, site: Site) -> str:
    language = page.language
    words = [RAN[test.kind][language]]
    if len(test.outcomes) > 1:
        words.append(CASES[language].format(len(test.outcomes)))
    words.append(TESTS.get(test.outcome, Text(test.outcome, test.outcome))[language])
    return f"{linked(test.test, page, site)} ({', '.join(words)})"


def _noticed(breach: Breach, page: Page, site: Site) -> str:
    """What became of a breach in this build, leading to the proof that notices it."""
    source = source_of(breach.noticed_by or "", page, site)
    words = _built(breach, page.language, site)
    return f"[{words}]({source})" if source else words


def _built(breach: Breach, language: Language, site: Site) -> str:
    return IN_THIS_BUILD.get(site.proofs.outcome_of(breach.id) or "", NOT_RUN)[language]
