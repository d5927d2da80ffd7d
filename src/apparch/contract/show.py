"""How a comparison is shown: text for people, JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Iterator

from apparch.catalogue import Catalogue, load_catalogue
from apparch.contract.compare import Comparison
from apparch.contract.model import Judgement
from apparch.links import neutral_url
from apparch.repository.safe_text import masked, printable

VERSION = 1
"""Of the JSON; it rises when a key is removed or changes its meaning, not when one is added."""


def as_text(comparison: Comparison, base: str) -> str:
    """The findings, grouped by the link of the contract, each with all its places and its rule's page."""
    environments = ", ".join(comparison.overlays) or "no environment"
    if comparison.uncompared:
        environments += f"; not compared: {', '.join(comparison.uncompared)}"
    count = len(comparison.findings)
    if not count:
        return f"The contract holds: {len(comparison.judgements)} comparisons in {environments}.\n"
    lines: list[str] = []
    for link in dict.fromkeys(each.link for each in comparison.findings):
        lines.append(link)
        for finding in comparison.findings:
            if finding.link == link:
                lines += [f"  {line}" for line in _lines(finding, base)]
    lines.append(f"{count} finding{'s' if count > 1 else ''} in {environments}.")
    return "".join(f"{line}\n" for line in lines)


def _lines(finding: Judgement, base: str) -> Iterator[str]:
    where = f"  [{', '.join(finding.overlays)}]" if finding.overlays else ""
    yield f"{finding.rule}  {printable(finding.subject)}{where}"
    yield f"  {printable(finding.wrong)}"
    for side in finding.sides:
        yield f"    {side.repository:<6}  {printable(str(side.place))}  {printable(side.value)}"
    yield f"  {neutral_url(base, finding.rule)}"
    yield ""


def as_json(comparison: Comparison, base: str) -> str:
    """One object, described by docs and by a schema in the tests:

    `version`; `agree`; `overlays`: the environments; `uncompared`: those that are not; `compared`: how many
    comparisons were made; `findings`: each with `rule`, `level`, `title`, `link`, `subject`, `message`, `repair`,
    `url`, `overlays`, and `places`, each of which has `repository` ("app" or "deploy"), `path`, `line`, `column`,
    `value`.
    """
    catalogue = load_catalogue() if comparison.findings else Catalogue()
    content = {
        "version": VERSION,
        "agree": not comparison.findings,
        "overlays": list(comparison.overlays),
        "uncompared": list(comparison.uncompared),
        "compared": len(comparison.judgements),
        "findings": [_entry(finding, catalogue, base) for finding in comparison.findings],
    }
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def _entry(finding: Judgement, catalogue: Catalogue, base: str) -> dict[str, object]:
    rule = catalogue.rules[finding.rule]
    return {
        "rule": finding.rule,
        "level": rule.level,
        "title": rule.title.en,
        "link": finding.link,
        "subject": masked(finding.subject),
        "message": masked(finding.wrong),
        "repair": rule.repair.en,
        "url": neutral_url(base, finding.rule),
        "overlays": list(finding.overlays),
        "places": [
            {
                "repository": side.repository,
                "path": side.place.path,
                "line": side.place.line,
                "column": side.place.column,
                "value": masked(side.value),
            }
            for side in finding.sides
        ],
    }
