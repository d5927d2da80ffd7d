"""Source in languages that no parser is at hand for: its code without comments, and its string literals."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from apparch.app.languages import LANGUAGES
from apparch.repository.path_names import ending, name

_SLASHED = re.compile(
    r"""(?P<comment>//[^\n]*|/\*.*?(?:\*/|\Z))"""
    r"""|(?P<text>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`)""",
    re.DOTALL,
)
_HASHED = re.compile(
    r"""(?P<comment>(?<![$\w"'])\#[^\n]*|^=begin.*?^=end)|(?P<text>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')""",
    re.DOTALL | re.MULTILINE,
)
_RUST = re.compile(r"""(?P<comment>//[^\n]*|/\*.*?(?:\*/|\Z))|(?P<text>"(?:\\.|[^"\\])*")""", re.DOTALL)
_HASH_ENDINGS = frozenset({".rb", ".ex", ".exs"})
_ENDINGS = frozenset(ending for each in LANGUAGES for ending in each.endings) - {".py"}
_LEFT_OUT = re.compile(
    r"\A.{0,500}(?:Code generated [^\n]* DO NOT EDIT|@generated)"
    r"|^//(?:go:build| \+build) ignore$|^//go:build (?:e2e|integration|tests?)\b|^[ \t]+\"testing\"$",
    re.DOTALL | re.MULTILINE,
)
"""What source begins with that a tool wrote, that Go builds into nothing, or into tests alone."""
_TOOL = re.compile(r".*[.]config[.]\w+|.*rc[.]\w+|gulpfile[.]\w+|Gruntfile[.]\w+|webpack[.]\w+([.]\w+)?[.]js")


_BEFORE = 300
"""How much of a line before a literal is looked at: a line of minified code has no end."""


@dataclass(frozen=True)
class Literal:
    """A string literal, and what stands before it on its line."""

    text: str
    before: str
    begin: int
    """Where it begins in the file's text, with its quotes."""
    end: int


def is_code(path: str) -> bool:
    """Whether a file is source in one of these languages, and not the settings of a tool."""
    is_built = "webpack" in path.split("/")
    return ending(path) in _ENDINGS and not _TOOL.fullmatch(name(path)) and not is_built


def code_of(path: str, text: str) -> str:
    """The text of a source file with its comments blanked, of the same length; empty for generated code."""
    return "" if _LEFT_OUT.search(text[:2000]) else _pattern(path).sub(_blanked, text)


def literals_of(path: str, text: str) -> Iterator[Literal]:
    """The string literals of a source file that may be addresses or paths: those that hold a dot or a slash."""
    if _LEFT_OUT.search(text[:2000]):
        return
    for match in _pattern(path).finditer(text):
        if match["text"] and ("." in match["text"] or "/" in match["text"] or "\\" in match["text"]):
            before = text[max(text.rfind("\n", 0, match.start()) + 1, match.start() - _BEFORE) : match.start()]
            yield Literal(match["text"][1:-1], before, match.start(), match.end())


def _blanked(match: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", match[0]) if match["comment"] else match[0]


def _pattern(path: str) -> re.Pattern[str]:
    written = ending(path)
    return _HASHED if written in _HASH_ENDINGS else _RUST if written == ".rs" else _SLASHED
