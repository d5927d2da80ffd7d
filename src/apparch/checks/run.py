"""The run of all judges over one repository: what each rule's answer is for each part."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from apparch.app.repo import AppRepo
from apparch.catalogue import Catalogue, Rule
from apparch.catalogue.model import Text
from apparch.checks import judges
from apparch.checks.unjudged import why_unjudged
from apparch.checks.whole import Whole
from apparch.deploy.repo import DeployRepo
from apparch.finding import Answer, Finding, Unknown
from apparch.repository.patterns import fits

Outcome = Literal["kept", "broken", "unknown", "not applicable", "not judged"]
MOST = 1000
"""Findings of one rule in one part; what follows is counted and not told."""


@dataclass(frozen=True)
class Standing:
    """How one rule stands in one part."""

    rule: str
    part: str
    """`app`, `deploy` or `both`, and where the part is not the whole repository its directory."""
    outcome: Outcome
    reason: Text | None = None
    """Why it does not apply or cannot be told."""


def judge_all(
    whole: Whole,
    catalogue: Catalogue,
    selected: Callable[[Rule], bool],
    progress: Callable[[str], None] = lambda _: None,
) -> tuple[list[Finding], list[Standing]]:
    """Every selected rule, judged for every part that it concerns."""
    rules = [rule for rule in catalogue.rules.values() if rule.replaced_by is None and selected(rule)]
    # All that will judge are loaded before the first one does, which has the questions of the others asked too.
    known = judges(rule.id for rule in rules if any(_parts(whole, rule)))
    findings: list[Finding] = []
    standings: list[Standing] = []
    for rule in rules:
        progress(rule.id)
        for name, part in _parts(whole, rule):
            judge = known.get(rule.id)
            reason = _inapplicable(rule, part)
            if judge is None:
                standings.append(Standing(rule.id, name, "not judged", why_unjudged(rule)))
            elif reason:
                standings.append(Standing(rule.id, name, "not applicable", reason))
            else:
                found = _bounded(judge(part))
                findings += [each for each in found if isinstance(each, Finding)]
                standings.append(_standing(rule.id, name, found))
    # Several apps of one repository share its workflows: what is wrong there is told once.
    return list(dict.fromkeys(findings)), standings


def _bounded(answers: Iterator[Answer]) -> list[Answer]:
    found: dict[Answer, None] = {}
    for each in answers:
        found[each] = None
        if len(found) >= MOST:
            break
    return list(found)


def _standing(rule: str, part: str, answers: Iterable[Answer]) -> Standing:
    unknown = [each for each in answers if isinstance(each, Unknown)]
    if any(isinstance(each, Finding) for each in answers):
        return Standing(rule, part, "broken")
    return Standing(rule, part, "unknown", unknown[0].reason) if unknown else Standing(rule, part, "kept")


def _parts(whole: Whole, rule: Rule) -> Iterator[tuple[str, Any]]:
    if rule.owner == "both":
        yield "both", whole
        return
    parts: tuple[AppRepo | DeployRepo, ...] = whole.apps if rule.owner == "app" else whole.deploys
    for part in parts:
        yield f"{rule.owner} {part.directory}".strip(), part


def _inapplicable(rule: Rule, part: AppRepo | DeployRepo | Whole) -> Text | None:
    """Why a rule's data say that it is not about this part."""
    if rule.applies.languages and isinstance(part, AppRepo) and not part.languages & set(rule.applies.languages):
        names = ", ".join(rule.applies.languages)
        return Text(ko=f"{names}에만 걸린다", en=f"it is about {names} only")
    if rule.applies.files and not isinstance(part, Whole):
        # Workflows and ignore files stand at the repository's root, also where the part does not.
        paths = {*part.repository.files, *part.root.files} if part.directory else part.repository.files
        if not any(fits(pattern, path) for path in paths for pattern in rule.applies.files):
            names = ", ".join(rule.applies.files)
            return Text(ko=f"{names} 같은 파일이 없다", en=f"there is no file like {names}")
    return None
