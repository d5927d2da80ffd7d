"""What a diagram shows, in words: a line for each arrow and note, in the diagram's order."""

from __future__ import annotations

import re
from collections.abc import Iterator

from apparch.catalogue import Language, Text

MARKS = re.compile(r"[*_<\[\]]")
TITLE = Text("그림을 글로 읽기", "The diagram in words")
START = Text("시작", "start")
NODE = re.compile(r'(?P<id>[\w*\[\]]+?)(?P<shape>[\[({]+"(?P<label>[^"]*)"[\])}]+)?(?=\s|$)')
EDGE = re.compile(r'\s*(?P<arrow><?-+\.?(?: (?P<dotted>[^-]+?) \.)?-*>?)(?:\|"?(?P<label>[^|"]*)"?\|)?\s*')
MESSAGE = re.compile(r"(?P<one>\w+)\s*--?>>\s*(?P<other>\w+): (?P<said>.*)")
STEP = re.compile(r"(?P<one>\S+) --> (?P<other>\w+)(?:: (?P<said>.*))?")
NOTE = re.compile(r"[Nn]ote (?:over|right of|left of) (?P<at>\w+): (?P<said>.*)")
NAMED = re.compile(r'participant (?P<id>\w+)(?: as (?P<name>.+))?|state "(?P<label>[^"]*)" as (?P<state>\w+)')
BREAK = re.compile(r"\s*<br/?>\s*")
BLOCK = re.compile(r"(?:par|and|opt|alt|else|loop) (?P<said>.+)")


def described(diagram: str, language: Language) -> list[str]:
    """The Markdown of a diagram's words, folded away below it.

    The drawing is for the eye; without scripts, and for who listens to the page, this is the diagram.
    """
    lines = [MARKS.sub(r"\\\g<0>", line) for line in in_words(diagram, language)]
    return [f'??? diagram-text "{TITLE[language]}"', "", *(f"    - {line}" for line in lines), ""]


def in_words(diagram: str, language: Language) -> list[str]:
    """The lines of a flowchart, a sequence diagram or a state diagram; what is only there for its look is left out."""
    kind, *lines = [line.strip() for line in diagram.strip().split("\n")]
    made = _flow(lines) if kind.startswith("flowchart") else _steps(lines, language)
    return [BREAK.sub(_joined, line) for line in made]


def _joined(match: re.Match[str]) -> str:
    """What stands for a broken line: nothing more where the parts make one question or are divided already."""
    before, after = match.string[: match.start()], match.string[match.end() :]
    return " " if before.endswith(",") or after.startswith("(") or re.match(r"[^→↔–]*\?", after) else ", "


def _flow(lines: list[str]) -> Iterator[str]:
    nodes = {match["id"]: match["label"] for line in lines for match in NODE.finditer(line) if match["label"]}
    members: list[str] = []
    group = ""
    for line in lines:
        if line.startswith("subgraph "):
            group, members = nodes[line.split()[1].split("[")[0]], []
        elif line == "end" and group:
            yield f"{group}: {', '.join(members)}"
            group = ""
        else:
            members += [nodes[match["id"]] for match in NODE.finditer(line) if match["label"]]
            yield from _arrows(line, nodes)


def _arrows(line: str, nodes: dict[str, str]) -> Iterator[str]:
    """A sentence for each arrow of a line; `a & b --> c --> d` is two."""
    names, at = _names(line, 0, nodes)
    while edge := EDGE.match(line, at):
        others, at = _names(line, edge.end(), nodes)
        said = edge["label"] or edge["dotted"]
        sign = "↔" if edge["arrow"].startswith("<") else "→" if edge["arrow"].endswith(">") else "–"
        yield f"{names} {sign} {others}" + (f" ({said})" if said else "")
        names = others


def _names(line: str, at: int, nodes: dict[str, str]) -> tuple[str, int]:
    found = []
    while node := NODE.match(line, at):
        found.append(nodes.get(node["id"], node["id"]))
        at = node.end()
        if not line.startswith(" & ", at):
            break
        at += len(" & ")
    return ", ".join(found), at


def _steps(lines: list[str], language: Language) -> Iterator[str]:
    named = [match for line in lines if (match := NAMED.match(line))]
    names = {match["id"] or match["state"]: match["name"] or match["label"] or match["id"] for match in named}
    names["[*]"] = START[language]
    for line in lines:
        if NAMED.match(line):
            continue
        if note := NOTE.match(line):
            yield f"{names[note['at']]}: {note['said']}"
        elif step := MESSAGE.match(line) or STEP.match(line):
            arrow = f"{names[step['one']]} → {names[step['other']]}"
            yield f"{arrow}: {step['said']}" if step["said"] else arrow
        elif block := BLOCK.match(line):
            yield f"[{block['said']}]"
