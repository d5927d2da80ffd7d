"""What other programs read: every page as plain Markdown, llms.txt, rules.json."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from typing import Any

from apparch.catalogue import LANGUAGES, Language, Rule
from apparch.pages.drawn.status import status
from apparch.pages.put_out.published_pages import published_pages
from apparch.pages.put_out.summary import summary
from apparch.pages.written.fences import find_fences
from apparch.pages.written.site import Page, Site

API = re.compile(r"^::: (?P<module>[\w.]+)(?:\n {4}.*)*", re.MULTILINE)

INTRODUCTION = "The App repository architecture as an executable specification, in Korean and English."
NAMES: dict[Language, str] = {"ko": "한국어", "en": "English"}
RULES: dict[Language, str] = {"ko": "규칙", "en": "Rules"}


def exports(site: Site) -> Iterator[tuple[str, str]]:
    """Each exported file's path below the site's root with its text."""
    pages = [replace(page, text=_tidy(page.text)) for page in published_pages(site, "plain")]
    yield from ((export_path(page), page.text) for page in pages)
    yield "llms.txt", _llms(pages)
    yield "rules.json", _catalogue(site)


def export_path(page: Page) -> str:
    """Where a page's plain Markdown is: at its own address, with `.md` in place of the last slash."""
    return f"{'' if page.language == 'ko' else page.language + '/'}{page.name}.md"


def _tidy(text: str) -> str:
    """Prose without lines that hold only blanks, and with one empty line where there were several."""
    lines = text.split("\n")
    output: list[str] = []
    done = 0
    for fence in find_fences(text):
        output += [_prose(lines[done : fence.first]), *lines[fence.first : fence.last + 1]]
        done = fence.last + 1
    output.append(_prose(lines[done:]))
    return "\n".join(output).strip() + "\n"


def _prose(lines: Sequence[str]) -> str:
    # Two spaces at a line's end are a line break.
    text = "\n".join(line if line.endswith("  ") and line.strip() else line.rstrip() for line in lines)
    return re.sub(r"\n{3,}", "\n\n", API.sub(r"API of `\g<module>`: see the page itself.", text))


def _llms(pages: Sequence[Page]) -> str:
    lines = [
        "# apparch",
        "",
        f"> {INTRODUCTION}",
        "",
        "Every rule with its proof, for programs: [rules.json](rules.json)",
    ]
    written = [page for page in pages if "rule" not in page.meta]
    made = [page for page in pages if "rule" in page.meta]
    for heading, listed in ((NAMES, written), (RULES, made)):
        for language in LANGUAGES:
            title = heading[language] if heading is NAMES else f"{NAMES[language]}: {heading[language]}"
            lines += ["", f"## {title}", ""]
            for page in listed:
                if page.language == language:
                    lines.append(f"- [{_title(page)}]({export_path(page)}): {summary(page)}")
    return "\n".join(lines) + "\n"


def _title(page: Page) -> str:
    return str(page.meta.get("title") or page.text.partition("\n")[0].lstrip("# "))


def _catalogue(site: Site) -> str:
    """Every rule in a line of its own."""
    rules = ",\n".join(json.dumps(_rule(rule, site), ensure_ascii=False) for rule in site.catalogue.rules.values())
    return f'{{"url": {json.dumps(site.url)}, "rules": [\n{rules}\n]}}\n'


def _rule(rule: Rule, site: Site) -> dict[str, Any]:
    return {
        "id": rule.id,
        "level": rule.level,
        "owner": rule.owner,
        "document": rule.document,
        "section": rule.section,
        "since": rule.since,
        "replaced_by": rule.replaced_by,
        "url": {language: site.rule_url(rule.id, language) for language in LANGUAGES},
        **{
            name: {language: " ".join(getattr(rule, name)[language].split()) for language in LANGUAGES}
            for name in ("title", "statement", "reason", "repair")
        },
        "proof": {
            "kind": "review" if rule.proof == "review" else next(iter(site.proofs.kinds(rule.id)), None),
            "standing": status(rule, site),
            "tests": [asdict(proof) for proof in site.proofs.rules.get(rule.id, ())],
        },
        "review": rule.review
        and {
            name: {language: " ".join(getattr(rule.review, name)[language].split()) for language in LANGUAGES}
            for name in ("question", "why")
        },
    }
