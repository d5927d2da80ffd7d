"""Requirement files of pip: what each line asks for, with hashes, markers and options."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from apparch.repository.places import Place, Problem

_NAME = re.compile(r"([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(?:\[([^\]]*)\])?\s*")
_SPECIFIER = re.compile(r"(?:(?:===|~=|==|!=|<=|>=|<|>)\s*[^\s,;#)]+\s*,?\s*)*")
_OPTION = re.compile(r"\s(--(?:hash|config-settings?|global-option|install-option))(?:=|\s+)(\S+)")
_COMMIT = re.compile(r"@[0-9a-f]{40}(?:$|[#?])|[#&](?:sha256|sha384|sha512)=")
_LOCATION = re.compile(
    r"(?:[a-z][a-z0-9+.-]*:|\.{0,2}/|[A-Za-z]:\\)\S*|\S+\.(?:whl|zip|tar\.gz|tgz|tar\.bz2)$|\.{1,2}$"
)
_EDITABLE = ("-e", "--editable")


@dataclass(frozen=True)
class Requirement:
    """One package that is asked for."""

    name: str
    """As an index compares names: small letters, dashes; empty for a path or address without one."""
    specifier: str
    """Such as `==1.2`, blanks taken out; empty where any version will do."""
    place: Place
    extras: tuple[str, ...] = ()
    marker: str = ""
    url: str = ""
    """The address or path that it is taken from, if it is not looked up by name."""
    hashes: tuple[str, ...] = ()
    editable: bool = False

    @property
    def pinned(self) -> bool:
        """Whether it always means the same version: one that is equal, a commit, or a digest in its address."""
        if self.url:
            return _COMMIT.search(self.url) is not None
        return re.fullmatch(r"(?:==[^*,]+|===[^,]+)", self.specifier) is not None

    @property
    def local(self) -> bool:
        """Whether it is a path of the repository itself."""
        return bool(self.url) and (
            self.url.startswith((".", "/", "file:")) or not re.match(r"[a-z][\w+.-]*:", self.url)
        )


@dataclass(frozen=True)
class Option:
    """A line such as `--index-url ADDRESS`."""

    name: str
    value: str
    place: Place


@dataclass(frozen=True)
class Requirements:
    """One file; a line that is not understood is a problem and takes nothing from the others."""

    path: str
    requirements: tuple[Requirement, ...]
    options: tuple[Option, ...]
    """`-r` and `-c` are among them."""
    problems: tuple[Problem, ...]


def parse_requirements(text: str, path: str) -> Requirements | Problem:
    """Every line of a file."""
    requirements: list[Requirement] = []
    options: list[Option] = []
    problems: list[Problem] = []
    for line, place in _lines(text, path):
        if line.startswith("-") and not line.startswith(_EDITABLE):
            name, _, value = re.sub(r"^(-[a-z])(?=[^\s-])", r"\1 ", line).replace("=", " ", 1).partition(" ")
            options.append(Option(name, value.strip().strip("'\""), place))
            continue
        found = parse_requirement(line, place)
        if isinstance(found, Problem):
            problems.append(found)
        else:
            requirements.append(found)
    return Requirements(path, tuple(requirements), tuple(options), tuple(problems))


def parse_requirement(line: str, place: Place) -> Requirement | Problem:
    """One requirement, as a line of a file or a text of pyproject.toml."""
    editable = line.startswith(_EDITABLE)
    line = re.sub(r"^(?:-e|--editable)[=\s]*", "", line) if editable else line
    hashes = tuple(match[2] for match in _OPTION.finditer(line) if match[1] == "--hash")
    line = _OPTION.sub("", line).strip()
    if _LOCATION.match(line):
        url, _, marker = line.partition(" ;") if " ;" in line else (line, "", "")
        named = re.search(r"[#&]egg=([\w.-]+)", url)
        name = _normal(named[1]) if named else ""
        return Requirement(name, "", place, marker=marker.strip(), url=url.strip(), hashes=hashes, editable=editable)
    begin = _NAME.match(line)
    if begin is None:
        return Problem(place, f"no requirement of pip: {line[:60]!r}")
    extras = tuple(each.strip() for each in (begin[2] or "").split(",") if each.strip())
    rest = line[begin.end() :]
    if rest.startswith("@"):
        url, _, marker = rest[1:].strip().partition(" ;") if " ;" in rest else (rest[1:].strip(), "", "")
        return Requirement(_normal(begin[1]), "", place, extras, marker.strip(), url.strip(), hashes, editable)
    rest, _, marker = rest.partition(";")
    specifier = _SPECIFIER.fullmatch(rest.strip().removeprefix("(").removesuffix(")").strip())
    if specifier is None:
        return Problem(place, f"no requirement of pip: {line[:60]!r}")
    return Requirement(
        _normal(begin[1]),
        re.sub(r"\s", "", specifier[0]).strip(","),
        place,
        extras,
        marker.strip(),
        "",
        hashes,
        editable,
    )


def _lines(text: str, path: str) -> Iterator[tuple[str, Place]]:
    """The lines that say something, continued ones joined, with the range of each."""
    written, begin = "", 0
    lines = text.split("\n")
    for number, raw in enumerate(lines, start=1):
        line = raw.removesuffix("\r")
        begin = begin or number
        goes_on = line.endswith("\\") and not line.lstrip().startswith("#")
        written += line[:-1] if goes_on else line
        if goes_on and number < len(lines):
            continue
        said = re.sub(r"(?:^|\s)#.*$", "", written).strip()
        if said:
            column = len(lines[begin - 1]) - len(lines[begin - 1].lstrip()) + 1
            yield said, Place(path, begin, column, number, len(re.sub(r"\s+#.*$", "", line).rstrip()) + 1)
        written, begin = "", 0


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
