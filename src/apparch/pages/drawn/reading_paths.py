"""What to read first, by role, each step with the minutes that it takes and a box to tick."""

from __future__ import annotations

import html
import math
import re
from dataclasses import dataclass, replace
from typing import Any

from apparch.catalogue import Language, Text
from apparch.catalogue.model import RULE_ID
from apparch.pages.errors import PageError
from apparch.pages.written.fences import find_fences
from apparch.pages.written.links import relative, section_name
from apparch.pages.written.site import DOCUMENTS, Page, Site

PACE: dict[Language, int] = {"ko": 500, "en": 200}
"""What is read in a minute: syllables of Korean, words of English. Code is not counted."""
UNITS: dict[Language, re.Pattern[str]] = {
    "ko": re.compile(r"[가-힣]|[A-Za-z0-9_./-]+"),
    "en": re.compile(r"[\w./'-]+"),
}
MINUTES = Text("{}분", "{} min")
TOTAL = Text("모두 {}분", "{} min in all")
MARKUP = re.compile(r"<[^>]+>|\{[^}]*\}|\]\([^)]*\)|\[\[(?!rules)[^\]]*\]\]")


@dataclass(frozen=True)
class Step:
    """A page, or a section of a document, of a path."""

    link: str
    """Its Markdown."""
    minutes: int


def draw(page: Page, site: Site) -> list[str]:
    """A card for each role.

    Raises:
        PageError: a path leads to a page or section that does not exist.
    """
    language = page.language
    lines = [""]
    for path in site.paths:
        steps = [_timed(step, page, site) for step in path["steps"]]
        title = f"{path['role'][language]}"
        total = TOTAL[language].format(sum(step.minutes for step in steps))
        listed = [f"- [ ] {step.link} · {MINUTES[language].format(step.minutes)}" for step in steps]
        if page.flavour == "plain":
            lines += [f"### {title} ({total})", "", *listed, ""]
            continue
        lines += [
            f'<div class="reading-path" data-path="{html.escape(path["id"])}" markdown>',
            "",
            f"### {title} {{#path-{path['id']}}}",
            "",
            f'<p class="reading-time">{total}</p>',
            "",
            *listed,
            "",
            "</div>",
            "",
        ]
    if page.flavour == "plain":
        return lines
    return ["", '<div class="reading-paths" markdown>', *lines, "</div>", ""]


def minutes(text: str, language: Language, site: Site) -> int:
    """How long a text as written takes to read, the rules of its tables included; at least one minute."""
    lines = text.split("\n")
    code = {number for fence in find_fences(text) for number in range(fence.first, fence.last + 1)}
    prose = MARKUP.sub(" ", "\n".join(line for number, line in enumerate(lines) if number not in code))
    tables = [line for line in lines if line.startswith("[[rules:")]
    rules = [site.catalogue.rules[rule] for line in tables for rule in RULE_ID.findall(line)]
    prose += " ".join(rule.statement[language] for rule in rules if rule)
    return max(1, math.ceil(len(UNITS[language].findall(prose)) / PACE[language]))


def _timed(step: Any, page: Page, site: Site) -> Step:
    """A step; one that is done rather than read tells its minutes itself."""
    if isinstance(step, dict):
        return replace(_step(str(step["page"]), page, site), minutes=int(step["minutes"]))
    return _step(str(step), page, site)


def _step(step: str, page: Page, site: Site) -> Step:
    name, _, number = step.partition(" ")
    target = site.by_name.get((f"arch/{name}" if name in DOCUMENTS else name, page.language))
    if target is None:
        raise PageError(f"docs/paths.yaml: {step}: there is no such page")
    file = relative(page.name, f"{target.name}.md")
    if not number:
        return Step(f"[{_title(target)}]({file})", minutes(target.text, page.language, site))
    section = number.replace(".", "-")
    text = _below(target, section)
    if not text:
        raise PageError(f"docs/paths.yaml: {step}: there is no such section")
    title = re.sub(r"^[\d.]+ ", "", site.section_titles[(target.name, page.language)][section])
    words = f"{DOCUMENTS[name][page.language]} {section_name(section, page.language)}: {title}"
    return Step(f"[{words}]({file}#{section})", minutes(text, page.language, site))


def _below(page: Page, section: str) -> str:
    """A section with all of its subsections."""
    own = [each for each in page.sections if each.id == section or each.id.startswith(f"{section}-")]
    return "\n".join(each.text for each in own)


def _title(page: Page) -> str:
    return str(page.meta.get("title") or page.text.partition("\n")[0].lstrip("# "))
