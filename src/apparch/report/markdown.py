"""The report as Markdown that fits a comment on a pull request: grouped by rule, cut where a comment ends."""

from __future__ import annotations

from collections.abc import Iterator

from apparch.catalogue.model import Language
from apparch.report.model import Report, Result
from apparch.repository.safe_text import printable

MOST = 60_000
"""Characters; GitHub refuses a comment of more than 65,536."""


def as_markdown(report: Report) -> str:
    """A heading, a section a rule with its places, and how many more there are where they do not fit."""
    language = report.language
    count = len(report.new)
    name = _code(report.name)
    if not count:
        return f"### apparch: {name}\n\n{'어긴 규칙이 없다.' if language == 'ko' else 'No rule is broken.'}\n"
    head = f"{count}건을 찾았다" if language == "ko" else f"{count} finding{'s' if count > 1 else ''}"
    text, told = f"### apparch: {name}: {head}\n", 0
    for rule in dict.fromkeys(each.finding.rule for each in report.new):
        results = [each for each in report.new if each.finding.rule == rule]
        section = "".join(_section(rule, results, report))
        if len(text) + len(section) > MOST:
            return text + _rest(count - told, language)
        text += section
        told += len(results)
    return text


def _section(name: str, results: list[Result], report: Report) -> Iterator[str]:
    rule, language = report.rules[name], report.language
    yield f"\n#### [{rule.id}]({rule.url}) {rule.title[language]}\n\n"
    for each in results[:20]:
        place = each.finding.place
        yield f"- {_code(f'{place.path}:{place.line}')} {escaped(each.finding.message[language])}\n"
    if len(results) > 20:
        yield f"- {_rest(len(results) - 20, language)}"
    yield f"\n{rule.repair[language]}\n"


def _rest(count: int, language: Language) -> str:
    return f"그 밖에 {count}건이 더 있다.\n" if language == "ko" else f"{count} more.\n"


def _code(text: str) -> str:
    return f"`{printable(text).replace('`', chr(39))}`"


def escaped(text: str) -> str:
    """One line in which what would be markup is shown as it stands, and nobody is mentioned."""
    text = printable(text)
    for sign in "\\`*_[]<>|#~":
        text = text.replace(sign, f"\\{sign}")
    return text.replace("@", "@\N{ZERO WIDTH SPACE}")
