"""YAML from strangers: bounded in depth, size and expansion, nothing constructed but plain values, all with places."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any, Final

import yaml

from apparch.repository.nodes import Node, Scalar
from apparch.repository.places import Place, Problem

DEPTH: Final = 60
"""How deep collections may nest."""
EXPANDED: Final = 200_000
"""How many nodes a file may have once every alias is replaced by what it stands for."""
WEIGHT: Final = 100
"""How many characters weigh as much as a node: a long text with many aliases is a bomb as well."""

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_INTEGER = re.compile(r"([-+]?)(?:0x([0-9a-fA-F]+)|0o?([0-7]+)|0b([01]+)|([0-9]+))")
_BASES = (16, 8, 2, 10)
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_WORDS: dict[str, Scalar] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_WORDS_1_1: dict[str, Scalar] = {
    **_WORDS,
    **dict.fromkeys(("y", "Y", "yes", "Yes", "YES", "on", "On", "ON"), True),
    **dict.fromkeys(("n", "N", "no", "No", "NO", "off", "Off", "OFF"), False),
}
_CORE = "tag:yaml.org,2002:"


def parse_yaml(text: str, path: str) -> tuple[Node, ...] | Problem:
    """Every document of a file, empty ones left out; the first thing wrong with it as a problem."""
    return _parse(text, _Builder(path, text))


def parse_yaml_1_1(text: str, path: str) -> tuple[Node, ...] | Problem:
    """The same with the words of YAML 1.1: `yes`, `off` and their like are bools, as in a kustomization."""
    return _parse(text, _Builder(path, text, _WORDS_1_1))


def _parse(text: str, builder: _Builder) -> tuple[Node, ...] | Problem:
    path = builder.path
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            builder.take(event)
    except _Refused as refused:
        return Problem(refused.place, str(refused))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = Place(path, mark.line + 1, mark.column + 1) if mark else Place(path)
        reason = getattr(error, "problem", None) or getattr(error, "reason", None) or "malformed"
        return Problem(place, f"not readable as YAML: {reason}")
    return tuple(builder.documents)


class _Refused(Exception):
    """The file is well-formed, and still not taken."""

    def __init__(self, place: Place, message: str) -> None:
        super().__init__(message)
        self.place = place


@dataclass
class _Open:
    """A collection that is not complete yet."""

    place: Place
    anchor: str | None
    mapping: bool
    nodes: list[Node]
    size: int = 1


class _Builder:
    """Builds from events, not by recursion: the depth of a file can exhaust no stack."""

    def __init__(self, path: str, text: str, words: dict[str, Scalar] | None = None) -> None:
        self.documents: list[Node] = []
        self.path = path
        self._lines = text.split("\n")
        self._words = words or _WORDS
        self._open: list[_Open] = []
        self._anchors: dict[str, tuple[Node, int]] = {}
        self._total = 0

    def take(self, event: Any) -> None:
        begin, end = event.start_mark, event.end_mark
        place = Place(self.path, begin.line + 1, begin.column + 1, end.line + 1, end.column + 1)
        match event:
            case yaml.DocumentStartEvent():
                self._anchors.clear()
            case yaml.ScalarEvent():
                self._complete(self._text(event, place), event.anchor, 1 + len(event.value) // WEIGHT)
            case yaml.AliasEvent():
                if event.anchor not in self._anchors:
                    raise _Refused(place, f"the alias *{event.anchor} stands for nothing before it")
                node, size = self._anchors[event.anchor]
                self._complete(node, None, size)
            case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                mapping = isinstance(event, yaml.MappingStartEvent)
                if event.tag not in (None, "!", _CORE + ("map" if mapping else "seq")):
                    raise _Refused(place, f"the tag {event.tag} is not understood")
                if len(self._open) >= DEPTH:
                    raise _Refused(place, f"nested deeper than {DEPTH} levels")
                self._open.append(_Open(place, event.anchor, mapping, []))
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                done = self._open.pop()
                # One in flow style ends with its bracket, any other with the last thing in it.
                last = place if end.column > begin.column or not done.nodes else done.nodes[-1].place
                done.place = replace(done.place, end_line=last.end_line, end_column=last.end_column)
                node = _mapping(done) if done.mapping else Node(list(done.nodes), done.place)
                self._complete(node, done.anchor, done.size)

    def _text(self, event: Any, place: Place) -> Node:
        value = _scalar(event, place, self._words)
        if event.style not in ("|", ">"):
            return Node(value, place, style=event.style or "")
        written = self._lines[place.line : place.end_line - (place.end_column == 1)]
        while written and not written[-1].strip():
            written.pop()
        indent = min((len(line) - len(line.lstrip(" ")) for line in written if line.strip()), default=0)
        end = (place.line + len(written), len(written[-1].rstrip()) + 1) if written else (place.line, 0)
        place = replace(place, end_line=end[0], end_column=end[1])
        return Node(value, place, style=event.style, indent=indent)

    def _complete(self, node: Node, anchor: str | None, size: int) -> None:
        self._total += size if not self._open else 0
        if max(self._total, size, *(each.size for each in self._open), 0) + size > EXPANDED:
            raise _Refused(node.place, f"more than {EXPANDED} values once its aliases are replaced")
        if anchor is not None:
            self._anchors[anchor] = (node, size)
        if self._open:
            self._open[-1].nodes.append(node)
            self._open[-1].size += size
        elif node.value is not None:
            self.documents.append(node)


def _mapping(done: _Open) -> Node:
    entries: dict[str, Node] = {}
    keys: dict[str, Place] = {}
    merged: list[Node] = []
    for key, node in zip(done.nodes[::2], done.nodes[1::2], strict=True):
        if isinstance(key.value, dict | list):
            raise _Refused(key.place, "a key must be a plain value")
        name = str(key)
        if name == "<<":
            merged += node.elements() or [node]
            continue
        if name in entries:
            raise _Refused(key.place, f"the key {name} stands twice; the first is in line {keys[name].line}")
        entries[name], keys[name] = node, key.place
    for source in merged:
        for name, node in source.items():
            entries.setdefault(name, node)
            keys.setdefault(name, source.key(name))
    return Node(entries, done.place, keys=keys)


def _scalar(event: Any, place: Place, words: dict[str, Scalar]) -> Scalar:
    """As Kubernetes reads it: `on` and `yes` are words, a date is a text."""
    text: str = event.value
    plain = event.style in (None, "")
    tag = None if event.tag in (None, "!") else event.tag
    if tag == _CORE + "str" or (tag is None and not plain) or event.tag == "!":
        return text
    if tag is not None and not tag.startswith(_CORE):
        raise _Refused(place, f"the tag {tag} is not understood")
    value = _resolve(text, words)
    kind = {"int": int, "float": float, "bool": bool, "null": type(None)}.get((tag or "").removeprefix(_CORE), object)
    if (tag and kind is object) or not isinstance(value, kind):
        raise _Refused(place, f"{text!r} does not fit the tag {tag}")
    return value


def _resolve(text: str, words: dict[str, Scalar]) -> Scalar:
    if text in words:
        return words[text]
    if len(text) > 100:  # longer than any number that means something, and Python bounds its digits
        return text
    # Kubernetes' reader takes underscores out of numbers and reads a leading zero as octal.
    number = text.replace("_", "") if text[:1] in "+-.0123456789" else text
    if (match := _INTEGER.fullmatch(number)) and not (match[5] and match[5] != "0" and match[5].startswith("0")):
        digits, base = next((group, base) for group, base in zip(match.groups()[1:], _BASES, strict=True) if group)
        return int(match[1] + digits, base)
    return float(number) if _FLOAT.fullmatch(number) else text
