"""A comparison of two repositories as a report about the one that is being checked, so that every form shows it."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Callable

from apparch.catalogue import Catalogue
from apparch.catalogue.model import Text
from apparch.checks.run import Standing
from apparch.contract.compare import Comparison
from apparch.contract.model import Judgement, Where
from apparch.finding import Finding, Related
from apparch.report.model import PartText, Report, Result, RuleText
from apparch.repository import Place

OTHER: dict[Where, Where] = {"app": "deploy", "deploy": "app"}


def report_of(
    comparison: Comparison, home: Where, name: str, catalogue: Catalogue, url: Callable[[str], str]
) -> Report:
    """A finding stands where `home` says its side, and shows the other repository's side beside it.

    `url` gives the page of a rule.
    """
    results: list[Result] = []
    seen: Counter[tuple[str, ...]] = Counter()
    for each in comparison.findings:
        key = (each.rule, each.subject, each.wrong, *each.overlays)
        seen[key] += 1
        digest = hashlib.sha256(os.fsencode("\n".join((*key, str(seen[key])))))
        results.append(Result(_finding(each, home), digest.hexdigest()[:20]))
    judged = list(dict.fromkeys(each.rule for each in comparison.judgements))
    broken = {each.rule for each in comparison.findings}
    return Report(
        name=name,
        parts=(PartText(home, "", name),),
        results=tuple(sorted(results, key=lambda each: (each.finding.place, each.finding.rule))),
        standings=tuple(Standing(rule, "contract", "broken" if rule in broken else "kept") for rule in judged),
        rules={rule: _text(catalogue, rule, url) for rule in judged},
        families={family.id: family.title for family in catalogue.families},
    )


def _finding(judgement: Judgement, home: Where) -> Finding:
    own = [side.place for side in judgement.sides if side.repository == home]
    there = [side for side in judgement.sides if side.repository == OTHER[home]]
    where = f" [{', '.join(judgement.overlays)}]" if judgement.overlays else ""
    said = f"{judgement.subject}: {judgement.wrong}{where}"
    if there:
        # A path of the other repository names no file here: it is told and not linked.
        said += f" ({OTHER[home]}: {there[0].place} {there[0].value})"
    related = tuple(Related(place, Text(ko=home, en=home)) for place in own[1:])
    return Finding(judgement.rule, own[0] if own else Place("."), Text(ko=said, en=said), related)


def _text(catalogue: Catalogue, name: str, url: Callable[[str], str]) -> RuleText:
    rule = catalogue.rules[name]
    return RuleText(name, rule.level, rule.title, rule.statement, rule.reason, rule.repair, url(name))
