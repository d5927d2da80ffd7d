"""One small report that the forms of output are tried with: a new finding, a waived one, one of the baseline."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from apparch.catalogue.model import Level, Text
from apparch.checks.run import Standing
from apparch.finding import Finding, Related
from apparch.report.model import PartText, Report, Result, RuleText
from apparch.repository import Place


def text(words: str) -> Text:
    """The same in both languages, told apart by a mark."""
    return Text(ko=f"가 {words}", en=words)


def finding(rule: str = "IMG015", message: str = "it has no digest", **given: Any) -> Finding:
    """A finding on the sixth line of a Dockerfile."""
    return Finding(rule, given.pop("place", Place("docker/Dockerfile", 6, 6, 6, 22)), text(message), **given)


def report(*results: Result, **given: Any) -> Report:
    """A report about an App repo."""
    levels: dict[str, Level] = {"IMG015": "MUST", "WFL012": "SHOULD"}
    rules = {
        name: RuleText(
            name, level, text(f"{name} title"), text("must"), text("because"), text("do it"), f"https://x/{name}/"
        )
        for name, level in levels.items()
    }
    known = (Standing("IMG015", "app", "broken"), Standing("WFL012", "app", "unknown", text("no workflow")))
    place = "docker/Dockerfile:1"
    part = PartText("app", "", place, ((place, Text(ko="이미지를 만든다", en="builds an image")),))
    base = Report("orders", (part,), results, known, rules)
    return replace(base, **given)


NEW = Result(
    finding(related=(Related(Place("docker/Dockerfile", 1), text("the first stage")),)),
    "aaaa",
    excerpt="FROM python:3.12-slim",
)
WAIVED = Result(finding("WFL012", "it has no record"), "bbbb", "waived", "later (ops, until 2027-01-31)")
KNOWN = Result(finding(message="another"), "cccc", "baselined")
