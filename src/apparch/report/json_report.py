"""The report for programs: one JSON object, as report.schema.json describes it."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

from apparch import __version__
from apparch.report.model import Report, Result
from apparch.repository import Place
from apparch.repository.safe_text import masked

VERSION = 1
"""Of the JSON; it rises when a key is removed or changes its meaning, not when one is added."""


def as_json(report: Report) -> str:
    """The object, with one finding a result, each rule's answer, and the rules that are named."""
    return json.dumps(as_data(report), indent=2, ensure_ascii=False) + "\n"


def schema() -> str:
    """The JSON Schema of the report."""
    return (files("apparch.report") / "report.schema.json").read_text("utf-8")


def as_data(report: Report) -> dict[str, Any]:
    """The report as plain data."""
    return {
        "version": VERSION,
        "tool": __version__,
        "repository": report.name,
        "clean": not report.new,
        "parts": [
            {
                "kind": each.kind,
                "directory": each.directory,
                "evidence": each.evidence,
                "shown": [{"place": place, "says": says[report.language]} for place, says in each.shown],
            }
            for each in report.parts
        ],
        "neither": report.neither and report.neither[report.language],
        "findings": [_finding(each, report) for each in report.results],
        "gone": list(report.gone),
        "answers": [
            {
                "rule": each.rule,
                "part": each.part,
                "outcome": each.outcome,
                "reason": each.reason and each.reason[report.language],
            }
            for each in report.standings
        ],
    }


def _finding(result: Result, report: Report) -> dict[str, Any]:
    finding, rule = result.finding, report.rules[result.finding.rule]
    return {
        "rule": rule.id,
        "level": rule.level,
        "title": rule.title[report.language],
        "message": masked(finding.message[report.language]),
        "repair": rule.repair[report.language],
        "url": rule.url,
        **_place(finding.place),
        "related": [
            {**_place(each.place), "message": masked(each.message[report.language])} for each in finding.related
        ],
        "state": result.state,
        "because": result.because,
        "fingerprint": result.fingerprint,
    }


def _place(place: Place) -> dict[str, Any]:
    return {
        "path": place.path,
        "line": place.line,
        "column": place.column,
        "end_line": place.end_line or None,
        "end_column": place.end_column or None,
    }
