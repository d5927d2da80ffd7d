"""The forms of a report that programs read, by name; each is imported when it is asked for."""

from __future__ import annotations

from apparch.report.model import Report


def as_form(report: Report, form: str, url: str) -> str:
    """A report as json, sarif, github, markdown or junit; `url` is the site that the rules stand on."""
    match form:
        case "json":
            from apparch.report.json_report import as_json

            return as_json(report)
        case "sarif":
            from apparch.report.sarif import as_sarif

            return as_sarif(report, url)
        case "github":
            from apparch.report.github import as_github

            return as_github(report)
        case "markdown":
            from apparch.report.markdown import as_markdown

            return as_markdown(report)
        case "junit":
            from apparch.report.junit import as_junit

            return as_junit(report)
    raise ValueError(f"{form} is no form of a report")
