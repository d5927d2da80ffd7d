"""Source in languages that no parser is at hand for: its code without comments, and its string literals."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from apparch.app.languages import LANGUAGES
from apparch.app.repo import AppRepo
from apparch.repository import Place
from apparch.repository.places import spot

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
    r"|^//(?:go:build| \+build) ignore$",
    re.DOTALL | re.MULTILINE,
)
"""What source begins with that a tool wrote, or that Go builds into nothing."""
_TOOL = re.compile(r".*[.]config[.]\w+|.*rc[.]\w+|gulpfile[.]\w+|Gruntfile[.]\w+|webpack[.]\w+([.]\w+)?[.]js")


@dataclass(frozen=True)
class Literal:
    """A string literal, and what stands before it on its line."""

    text: str
    before: str
    place: Place


def code(app: AppRepo, path: str) -> str:
    """The file's text with its comments blanked, of the same length; empty for tools' settings and generated code."""
    known = app.root.memo(code)
    if path not in known:
        text = _source(app, path)
        known[path] = _pattern(path).sub(_blanked, text) if text else ""
    return str(known[path])


def literals(app: AppRepo, path: str) -> tuple[Literal, ...]:
    """The string literals of a file that may be addresses or paths, in order: those that hold a dot or a slash."""
    known = app.root.memo(literals)
    if path not in known:
        known[path] = tuple(_literals(app, path))
    found: tuple[Literal, ...] = known[path]
    return found


def _literals(app: AppRepo, path: str) -> Iterator[Literal]:
    text = _source(app, path)
    for match in _pattern(path).finditer(text):
        if match["text"] and ("." in match["text"] or "/" in match["text"] or "\\" in match["text"]):
            before = text[text.rfind("\n", 0, match.start()) + 1 : match.start()]
            yield Literal(match["text"][1:-1], before, spot(path, text, match.start(), match.end()))


def _blanked(match: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", match[0]) if match["comment"] else match[0]


def _source(app: AppRepo, path: str) -> str:
    pure = PurePosixPath(path)
    if pure.suffix not in _ENDINGS or _TOOL.fullmatch(pure.name):
        return ""
    text = app.glance(path)
    return "" if _LEFT_OUT.search(text[:2000]) else text


def _pattern(path: str) -> re.Pattern[str]:
    ending = PurePosixPath(path).suffix
    return _HASHED if ending in _HASH_ENDINGS else _RUST if ending == ".rs" else _SLASHED
