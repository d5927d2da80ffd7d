"""The report as SARIF 2.1.0, as GitHub's code scanning and editors read it."""

from __future__ import annotations

import json
import os
from typing import Any
from urllib.parse import quote

from apparch import __version__
from apparch.report.model import Report, Result, RuleText
from apparch.repository import Place
from apparch.repository.safe_text import masked

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
LEVELS = {"MUST": "error", "SHOULD": "warning", "MAY": "note"}


def as_sarif(report: Report, information: str) -> str:
    """One run. Waived findings carry a suppression, and with a baseline every finding its state against it.

    `information` is the address of the site that the rules stand on.
    """
    names = list(dict.fromkeys(each.finding.rule for each in report.results))
    baseline = bool(report.gone) or any(each.state == "baselined" for each in report.results)
    run = {
        "tool": {
            "driver": {
                "name": "apparch",
                "version": __version__,
                "informationUri": information,
                "rules": [_rule(report.rules[name], report) for name in names],
            }
        },
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {"SRCROOT": {"description": {"text": "The repository that was checked."}}},
        "results": [_result(each, names.index(each.finding.rule), report, baseline) for each in report.results],
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False) + "\n"


def _rule(rule: RuleText, report: Report) -> dict[str, Any]:
    language = report.language
    parts = (rule.statement[language], rule.reason[language], rule.repair[language])
    return {
        "id": rule.id,
        "name": rule.id,
        "shortDescription": {"text": rule.title[language]},
        "fullDescription": {"text": rule.statement[language]},
        "help": {"text": "\n\n".join(parts), "markdown": "\n\n".join((*parts, f"[{rule.id}]({rule.url})"))},
        "helpUri": rule.url,
        "defaultConfiguration": {"level": LEVELS[rule.level]},
        "properties": {"tags": [rule.id[:3], rule.level]},
    }


def _result(result: Result, index: int, report: Report, baseline: bool) -> dict[str, Any]:
    finding, rule = result.finding, report.rules[result.finding.rule]
    found: dict[str, Any] = {
        "ruleId": rule.id,
        "ruleIndex": index,
        "level": LEVELS[rule.level],
        "message": {"text": masked(finding.message[report.language])},
        "locations": [{"physicalLocation": _location(finding.place)}],
        "partialFingerprints": {"apparch/v1": result.fingerprint},
    }
    if finding.related:
        found["relatedLocations"] = [
            {
                "id": number,
                "physicalLocation": _location(each.place),
                "message": {"text": masked(each.message[report.language])},
            }
            for number, each in enumerate(finding.related, 1)
        ]
    if result.state == "waived":
        found["suppressions"] = [{"kind": "external", "status": "accepted", "justification": result.because}]
    if baseline:
        found["baselineState"] = "unchanged" if result.state == "baselined" else "new"
    return found


def _location(place: Place) -> dict[str, Any]:
    region: dict[str, int] = {"startLine": place.line, "startColumn": place.column}
    if place.end_line:
        region |= {"endLine": place.end_line, "endColumn": place.end_column}
    return {"artifactLocation": {"uri": quote(os.fsencode(place.path)), "uriBaseId": "SRCROOT"}, "region": region}
