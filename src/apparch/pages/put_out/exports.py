"""What other programs read: every page as plain Markdown, their lists and their whole, the rules as data."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from apparch.catalogue import LANGUAGES, Language
from apparch.pages.put_out.feed import NAME, feed
from apparch.pages.put_out.published_pages import published_pages
from apparch.pages.put_out.rules_json import SCHEMA, rules_json, schema
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
    for language in LANGUAGES:
        yield _below("llms-full.txt", language), _whole([page for page in pages if page.language == language])
        yield _below(NAME, language), feed(site, language)
    yield "rules.json", rules_json(site)
    yield SCHEMA, schema()


def export_path(page: Page) -> str:
    """Where a page's plain Markdown is: at its own address, with `.md` in place of the last slash."""
    return _below(f"{page.name}.md", page.language)


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
        "The rules as data, and how each stands here: [rules.json](rules.json), by [its schema](rules.schema.json).",
        "Everything in one file: [English](en/llms-full.txt), [한국어](llms-full.txt).",
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


def _whole(pages: Sequence[Page]) -> str:
    """All pages of a language one after the other; what a chapter's page repeats of its document is not."""
    whole = [page for page in pages if "part_of" not in page.meta]
    return "\n---\n\n".join(f"<!-- {export_path(page)} -->\n\n{page.text}" for page in whole)


def _below(path: str, language: Language) -> str:
    return path if language == "ko" else f"{language}/{path}"


def _title(page: Page) -> str:
    return str(page.meta.get("title") or page.text.partition("\n")[0].lstrip("# "))
