"""The report as GitHub's workflow commands: an annotation for each finding at its line."""

from __future__ import annotations

from apparch.report.model import Report, Result
from apparch.repository.safe_text import masked

_LEVELS = {"MUST": "error", "SHOULD": "warning", "MAY": "notice"}


def as_github(report: Report) -> str:
    """A command a finding; what the repository holds can end no command and begin none."""
    return "".join(f"{_command(each, report)}\n" for each in report.new)


def _command(result: Result, report: Report) -> str:
    finding, rule = result.finding, report.rules[result.finding.rule]
    place = finding.place
    properties = {"file": place.path, "line": place.line, "col": place.column}
    if place.end_line:
        properties |= {"endLine": place.end_line}
    if place.end_line == place.line:
        # GitHub refuses columns of a range over several lines.
        properties |= {"endColumn": place.end_column}
    properties["title"] = f"{rule.id} {rule.title[report.language]}"
    shown = ",".join(f"{key}={_property(str(each))}" for key, each in properties.items())
    text = f"{masked(finding.message[report.language])}\n{rule.repair[report.language]}\n{rule.url}"
    return f"::{_LEVELS[rule.level]} {shown}::{_data(text)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
