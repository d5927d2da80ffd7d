"""The four answers that agents can ask for, each bounded, none of which changes anything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from apparch.assess import Options, check
from apparch.catalogue import Language, Rule, load_catalogue
from apparch.catalogue.lookup import find
from apparch.changes import ChangesError, changed_lines, lines_of_diff
from apparch.checks import judges
from apparch.links import neutral_url
from apparch.owner import owner_of
from apparch.report.model import Report, Result
from apparch.repository.nearest import closest
from apparch.repository.safe_text import masked, printable

MOST_RULES, MOST_FINDINGS, MOST_PATHS = 20, 50, 100
LONGEST_QUESTION, LONGEST_PATH, LONGEST_MESSAGE = 400, 1_000, 600
"""Characters."""
LARGEST_DIFF = 2_000_000
"""Characters of a diff that are read."""


class AnswerError(Exception):
    """The question cannot be answered; the message says how to ask."""


@dataclass(frozen=True)
class RuleSummary:
    """A rule in short."""

    id: str
    level: str
    owner: str
    title: str
    statement: str
    url: str


@dataclass(frozen=True)
class FoundRules:
    """The rules that a question is about."""

    rules: list[RuleSummary]
    more: int
    """How many others were found and are not told."""


@dataclass(frozen=True)
class RuleInFull:
    """A rule with all that its page says of how to keep it."""

    id: str
    level: str
    owner: str
    family: str
    title: str
    statement: str
    reason: str
    repair: str
    languages: list[str]
    files: list[str]
    proof: str
    question: str
    """What a reviewer asks where no machine can judge; empty elsewhere."""
    check: str
    """The command that judges a repository by this rule; empty where none can."""
    since: str
    replaced_by: str
    url: str


@dataclass(frozen=True)
class FindingInShort:
    """A place that breaks a rule."""

    rule: str
    level: str
    path: str
    line: int
    message: str
    repair: str
    url: str


@dataclass(frozen=True)
class Judged:
    """What a change breaks."""

    clean: bool
    kinds: list[str]
    """What the repository was taken for: app, deploy, both, or nothing."""
    findings: list[FindingInShort]
    more: int
    """How many others were found and are not told."""


@dataclass(frozen=True)
class Home:
    """Where a path belongs."""

    path: str
    home: str
    """`app`, `deploy`, `neither`, or `unknown` where its name does not tell."""
    rule: str
    url: str


@dataclass(frozen=True)
class Homes:
    """Where paths belong; files of both repositories are to be two changes."""

    paths: list[Home]
    split: bool


def find_rule(question: str, url: str, language: Language, limit: int = 5) -> FoundRules:
    """The rules that a question, a command or a name is about, best first."""
    found = find(question[:LONGEST_QUESTION])
    told = found[: max(1, min(limit, MOST_RULES))]
    return FoundRules([_summary(rule, url, language) for rule in told], len(found) - len(told))


def get_rule(rule_id: str, url: str, language: Language) -> RuleInFull:
    """A rule in full.

    Raises:
        AnswerError: there is no such rule; the nearest one is named.
    """
    catalogue = load_catalogue()
    name = rule_id.strip().upper()
    rule = catalogue.rules.get(name)
    if rule is None:
        near = closest(name[:LONGEST_QUESTION], list(catalogue.rules), 0.5)
        raise AnswerError(f"{printable(rule_id[:40])} is no rule{f'; did you mean {near}?' if near else ''}")
    family = next(each for each in catalogue.families if each.id == name[:3])
    return RuleInFull(
        id=rule.id,
        level=rule.level,
        owner=rule.owner,
        family=family.title[language],
        title=rule.title[language],
        statement=_flat(rule.statement[language]),
        reason=_flat(rule.reason[language]),
        repair=_flat(rule.repair[language]),
        languages=list(rule.applies.languages),
        files=list(rule.applies.files),
        proof=rule.proof,
        question=_flat(rule.review.question[language]) if rule.review else "",
        check=f"apparch check --select {rule.id}" if judges([rule.id]) else "",
        since=rule.since,
        replaced_by=rule.replaced_by or "",
        url=neutral_url(url, rule.id),
    )


def check_diff(folder: Path, url: str, language: Language, diff: str = "", base: str = "") -> Judged:
    """What the folder's files break on the lines of a change, which must have been made already.

    Args:
        folder: the repository.
        url: the site that the rules' links lead to.
        language: that of the texts.
        diff: a unified diff.
        base: a revision to compare with instead.

    Raises:
        AnswerError: both or neither are given, or what is given is no diff or no revision.
    """
    if bool(diff.strip()) == bool(base.strip()):
        raise AnswerError("give either a unified diff or a base revision")
    if len(diff) > LARGEST_DIFF:
        raise AnswerError(f"the diff is longer than {LARGEST_DIFF} characters; give a base revision, or a part of it")
    try:
        # Elsewhere a file with a diff may be named too; an agent does not get files opened that way.
        if base and Path(base.strip()).is_file():
            raise AnswerError("base names a file; give a revision")
        changed = lines_of_diff(diff) if diff.strip() else changed_lines(base.strip(), folder)
    except (ChangesError, OSError, ValueError) as error:
        raise AnswerError(printable(str(error))[:LONGEST_MESSAGE]) from None
    report = check(folder, Options(changed=changed, url=url, language=language))
    told = [_finding(each, report, url) for each in report.new[:MOST_FINDINGS]]
    kinds = sorted({part.kind for part in report.parts})
    return Judged(not report.new, kinds, told, len(report.new) - len(told))


def owners(paths: Sequence[str], url: str) -> Homes:
    """Which repository each path belongs to, by its name alone.

    Raises:
        AnswerError: there are none, or too many.
    """
    if not 0 < len(paths) <= MOST_PATHS:
        raise AnswerError(f"give between 1 and {MOST_PATHS} paths")
    found = [owner_of(path[:LONGEST_PATH]) for path in paths]
    homes = [
        Home(printable(each.path), each.home, each.rule, neutral_url(url, each.rule) if each.rule else "")
        for each in found
    ]
    return Homes(homes, {"app", "deploy"} <= {each.home for each in found})


def _summary(rule: Rule, url: str, language: Language) -> RuleSummary:
    return RuleSummary(
        rule.id,
        rule.level,
        rule.owner,
        rule.title[language],
        _flat(rule.statement[language]),
        neutral_url(url, rule.id),
    )


def _finding(result: Result, report: Report, url: str) -> FindingInShort:
    finding, rule = result.finding, report.rules[result.finding.rule]
    return FindingInShort(
        rule=rule.id,
        level=rule.level,
        path=printable(finding.place.path[:LONGEST_PATH]),
        line=finding.place.line,
        message=printable(masked(finding.message[report.language]))[:LONGEST_MESSAGE],
        repair=_flat(rule.repair[report.language]),
        url=rule.url if rule.id not in load_catalogue().rules else neutral_url(url, rule.id),
    )


def _flat(text: str) -> str:
    return " ".join(text.split())
