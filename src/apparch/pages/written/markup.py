"""Markup that the site's theme understands, and what stands for it where only plain Markdown is."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from typing import Literal

Flavour = Literal["site", "plain"]
"""Whom a page is expanded for: the site with its theme, or any reader of Markdown."""

ATTRIBUTES = re.compile(r"[ ]?\{:? ?[.#][^}`\n]*\}")
ELEMENT = re.compile(r"</?(?:abbr|span|p|div|strong)(?: [^>]*)?>")
CODE = re.compile(r"(`(?<!``)`*)(?!`).+?(?<!`)\1(?!`)")


def styled(words: str, classes: str, flavour: Flavour, title: str = "") -> str:
    """Words with the theme's classes, and what is told of them to those who point at them."""
    told = f' title="{html.escape(title)}"' if title else ""
    return f'<span class="{classes}"{told}>{words}</span>' if flavour == "site" else words


def explained(word: str, meaning: str, flavour: Flavour) -> str:
    """A word with its meaning behind it."""
    return f'<abbr title="{html.escape(meaning)}">{word}</abbr>' if flavour == "site" else word


def tagged(words: str, language: str, flavour: Flavour) -> str:
    """Words of another language than their page's."""
    return f'<span lang="{language}">{words}</span>' if flavour == "site" else words


def boxed(lines: Sequence[str], classes: str, flavour: Flavour, *, searched: bool = True) -> list[str]:
    """Lines of Markdown in a box of their own, whose words a search may pass over."""
    if flavour == "plain":
        return list(lines)
    hidden = "" if searched else " data-search-exclude"
    return [f'<div class="{classes}"{hidden} markdown>', "", *lines, "", "</div>"]


def classes(names: str, flavour: Flavour) -> str:
    """The attribute list of what stands before it, or above it; nothing where nobody reads it."""
    return "{ " + " ".join(f".{name}" for name in names.split()) + " }" if flavour == "site" else ""


def titled(title: str, flavour: Flavour) -> str:
    """A link's title as it stands behind its address."""
    return f' "{html.escape(title)}"' if flavour == "site" else ' "' + title.replace('"', "'") + '"'


def bare(line: str) -> str:
    """An author's line without the elements and attribute lists of the theme; code keeps them."""
    if "{" not in line and "<" not in line and "&" not in line:
        return line
    parts, last = [], 0
    for code in CODE.finditer(line):
        parts += [_bare(line[last : code.start()]), code.group()]
        last = code.end()
    return "".join([*parts, _bare(line[last:])])


def _bare(text: str) -> str:
    return html.unescape(ELEMENT.sub("", ATTRIBUTES.sub("", text)))
