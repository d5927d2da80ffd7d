"""Every text that people read, gathered with its place and its language: pages, data, diagrams, runbooks."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from apparch.catalogue import LANGUAGES, Language, yaml_text
from apparch.pages.written.fences import find_fences

CODE = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)")
UNREAD = re.compile(r"<!--.*?-->|<[^>]+>|\{ ?[#:.][^}]*\}|^--8<--.*|\[\[[a-z-]+(?:: [^\]]*)?\]\]$")
# What a diagram shows: labels of nodes and arrows, messages and the names of those who send them.
LABEL = re.compile(r'(?<=").*?(?=")|(?<=\|)[^|"]+(?=\|)|(?<=: ).*|(?<= as ).*')
LINK = re.compile(r"!?\[((?:[^\[\]]|\[[^\]]*\])*)\]\((?:[^()\"]|\"[^\"]*\"|\([^()]*\))*\)")


@dataclass(frozen=True)
class Prose:
    """A line of text as its author wrote it."""

    place: str
    """Its file with the line, or with the entry that holds it."""
    language: Language
    text: str


def prose(root: Path) -> Iterator[Prose]:
    """Every text of a checkout that people read, in the order of its files.

    Pages, README files, runbooks, the catalogue, the data beside the pages, labels of diagrams, comments of trees and
    the words of generated parts; code is left to those who judge code.
    """
    for file in sorted((root / "docs").rglob("*.md")):
        yield from _markdown(root, file, "en" if file.name.endswith(".en.md") else "ko")
    for file in sorted({*root.glob("*.md"), *root.glob("snippets/**/*.md"), *root.glob("template/**/*.md")}):
        if not {".venv", "node_modules", ".git"} & set(file.parts):
            korean = file.name.endswith(".ko.md") or root / "template/ko" in file.parents
            yield from _markdown(root, file, "ko" if korean else "en")
    for file in sorted({*root.glob("docs/*.yaml"), *root.glob("src/apparch/catalogue/rules/*.yaml")}):
        yield from _data(file.relative_to(root).as_posix(), yaml_text.read(file.read_text("utf-8")), "")
    for pattern in ("snippets/diagrams/*.{}.mmd", "snippets/trees/*.{}.txt"):
        for language in LANGUAGES:
            for file in sorted(root.glob(pattern.format(language))):
                for number, line in enumerate(file.read_text("utf-8").split("\n"), 1):
                    text = " ".join(LABEL.findall(line)) if file.suffix == ".mmd" else line
                    if text.strip():
                        yield Prose(f"{file.relative_to(root).as_posix()}:{number}", language, text)
    for file in sorted((root / "src/apparch").rglob("*.py")):
        yield from _texts(root, file)


def spoken(text: str) -> str:
    """A line without what is not read aloud: markup, addresses of links, attribute lists."""
    return LINK.sub(r"\1", UNREAD.sub("", text)).replace("**", "")


def _markdown(root: Path, file: Path, language: Language) -> Iterator[Prose]:
    text = file.read_text("utf-8")
    fenced = {number for fence in find_fences(text) for number in range(fence.first, fence.last + 1)}
    head = text.partition("\n---\n")[0].count("\n") if text.startswith("---\n") else -1
    for number, line in enumerate(text.split("\n")):
        # What readers call a page need be no word of ours.
        if line.strip() and number not in fenced and not (number <= head and line.startswith("names:")):
            yield Prose(f"{file.relative_to(root).as_posix()}:{number + 1}", language, line)


def _data(place: str, node: object, name: str) -> Iterator[Prose]:
    match node:
        case {"ko": str(ko), "en": str(en)}:
            yield Prose(f"{place} {name}".rstrip(), "ko", ko)
            yield Prose(f"{place} {name}".rstrip(), "en", en)
        case dict():
            at = str(node.get("id") or name)
            for key, value in node.items():
                # What a glossary entry rejects, or a reader may type instead, is named there and not used.
                if key not in {"not", "except", "also", "aliases"}:
                    yield from _data(place, value, f"{at} {key}".strip() if isinstance(value, dict | list) else at)
        case list():
            for entry in node:
                yield from _data(place, entry, name)


def _texts(root: Path, file: Path) -> Iterator[Prose]:
    source = file.read_text("utf-8")
    if "Text(" not in source:
        return
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Call(
                func=ast.Name(id="Text"), args=[ast.Constant(value=str(ko)), ast.Constant(value=str(en))], lineno=line
            ):
                place = f"{file.relative_to(root).as_posix()}:{line}"
                yield Prose(place, "ko", ko)
                yield Prose(place, "en", en)
