"""A Dockerfile's instructions, with flags, both forms and here-documents: no variable is expanded, nothing is run."""

from __future__ import annotations

import json
import re
import shlex
from bisect import bisect_right
from dataclasses import dataclass, field

from apparch.repository.places import Place, Problem

_INSTRUCTION = re.compile(r"\s*([A-Za-z]+)(?:\s+(.*))?", re.DOTALL)
_DIRECTIVE = re.compile(r"#\s*([A-Za-z][A-Za-z0-9]*)\s*=\s*(.*?)\s*")
_FLAG = re.compile(r"--([A-Za-z][\w-]*)(?:=(\"[^\"]*\"|'[^']*'|\S*))?(?:\s+|$)")
_HEREDOC = re.compile(r"(?<![<\w'\"])[0-9]*<<(-?)([\"']?)([A-Za-z_][\w.-]*)\2(?=[\s;&|)<]|$)")
_KNOWN = frozenset(
    [
        "ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL", "MAINTAINER",
        "ONBUILD", "RUN", "SHELL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR",
    ]
)  # fmt: skip
_HOLDS_HEREDOCS = frozenset({"RUN", "COPY", "ADD"})


@dataclass(frozen=True)
class Heredoc:
    """A text that is written into the Dockerfile for an instruction."""

    name: str
    text: str
    expanded: bool
    """Whether variables in it are put in: its end is written without quotes."""
    place: Place


@dataclass(frozen=True)
class Instruction:
    """One instruction, its continued lines joined and its comments left out."""

    name: str
    """In capitals."""
    argument: str
    """Everything behind the name, flags included."""
    place: Place
    heredocs: tuple[Heredoc, ...] = ()
    _lines: tuple[tuple[int, int, int], ...] = field(default=(), repr=False, compare=False)
    """For each line that it is joined from, where it begins in the argument, and its line and column in the file."""

    @property
    def words(self) -> list[str]:
        """The argument's words, flags included; of the exec form, its strings alone."""
        listed = self.exec_form
        return self.argument.split() if listed is None else listed

    @property
    def flags(self) -> tuple[tuple[str, str], ...]:
        """The options in front, such as `("from", "build")`; one without a value has an empty one."""
        found, at = [], 0
        while flag := _FLAG.match(self.argument, at):
            found.append((flag[1], (flag[2] or "").strip("\"'")))
            at = flag.end()
        return tuple(found)

    def flag(self, name: str) -> str | None:
        """The value of a flag; None where it is not given."""
        return next((value for each, value in self.flags if each == name), None)

    @property
    def rest(self) -> str:
        """The argument without its flags."""
        at = 0
        while flag := _FLAG.match(self.argument, at):
            at = flag.end()
        return self.argument[at:]

    @property
    def exec_form(self) -> list[str] | None:
        """The strings of the form in brackets; None for the shell form, as which Docker reads what is no JSON."""
        return _listed(self.rest)

    @property
    def inner(self) -> Instruction | None:
        """The instruction that an ONBUILD holds back, or the command of a HEALTHCHECK."""
        if self.name not in ("ONBUILD", "HEALTHCHECK"):
            return None
        begin = len(self.argument) - len(self.rest) if self.name == "HEALTHCHECK" else 0
        match = _INSTRUCTION.fullmatch(self.argument, begin)
        if match is None or match[1].upper() not in _KNOWN:
            return None
        cut = match.start(2) if match[2] is not None else len(self.argument)
        lines = tuple((at - cut, line, column) for at, line, column in self._lines)
        return Instruction(match[1].upper(), self.argument[cut:], self.place, self.heredocs, lines)

    @property
    def assignments(self) -> list[tuple[str, str | None]]:
        """The names that an ARG, ENV or LABEL sets, with their values as written; None for an ARG without a default."""
        try:
            words = shlex.split(self.argument, posix=True)
        except ValueError:
            words = self.argument.split()
        if self.name in ("ENV", "LABEL") and words and "=" not in words[0]:
            return [(words[0], " ".join(words[1:]))]
        pairs = [word.partition("=") for word in words]
        return [(name, value if equals else None) for name, equals, value in pairs]

    def spot(self, begin: int, end: int) -> Place:
        """The place of `argument[begin:end]` in the file."""
        if not self._lines:
            return self.place
        line, column = self._position(begin)
        return Place(self.place.path, line, column, *self._position(end))

    def _position(self, at: int) -> tuple[int, int]:
        first, line, column = self._lines[max(bisect_right(self._lines, (at, 1 << 60, 0)) - 1, 0)]
        return line, column + at - first


def parse_dockerfile(text: str, path: str) -> tuple[Instruction, ...] | Problem:
    """Every instruction in order; a line that is none is a problem."""
    return _Reader(text.replace("\r\n", "\n").split("\n"), path).read()


def directives(text: str) -> dict[str, str]:
    """The parser directives at the top, such as `syntax` and `escape`; the first comment or instruction ends them."""
    found: dict[str, str] = {}
    for line in text.removeprefix("\ufeff").splitlines():
        match = _DIRECTIVE.fullmatch(line.strip())
        if match is None or match[1].lower() in found:
            break
        found[match[1].lower()] = match[2]
    return found


class _Reader:
    def __init__(self, lines: list[str], path: str) -> None:
        self._lines, self._path, self._at = lines, path, 0
        self._escape = "`" if directives("\n".join(lines[:20])).get("escape") == "`" else "\\"
        sign = re.escape(self._escape)
        self._continued = re.compile(rf"(?:(?<=[^{sign}])|^){sign}[ \t]*$")

    def read(self) -> tuple[Instruction, ...] | Problem:
        found: list[Instruction] = []
        while self._at < len(self._lines):
            line = self._lines[self._at]
            if not line.strip() or line.lstrip().startswith("#"):
                self._at += 1
                continue
            instruction = self._instruction()
            if isinstance(instruction, Problem):
                return instruction
            found.append(instruction)
        return tuple(found)

    def _instruction(self) -> Instruction | Problem:
        begin = self._at
        joined, lines = self._join()
        end = Place(self._path, begin + 1, 1, self._at, len(self._lines[self._at - 1].rstrip()) + 1)
        match = _INSTRUCTION.fullmatch(joined)
        if match is None or match[1].upper() not in _KNOWN:
            said = " ".join(joined.split()[:1]) or "an empty line that goes on"
            return Problem(end, f"{said} is no Dockerfile instruction")
        name, argument = match[1].upper(), (match[2] or "").rstrip()
        cut = match.start(2) if match[2] is not None else 0
        shifted = tuple((at - cut, line, column) for at, line, column in lines)
        place = Place(self._path, begin + 1, match.start(1) + 1, end.end_line, end.end_column)
        heredocs = self._heredocs(name, argument, place)
        if isinstance(heredocs, Problem):
            return heredocs
        return Instruction(name, argument, place, heredocs, shifted)

    def _join(self) -> tuple[str, list[tuple[int, int, int]]]:
        """One instruction with the lines that it goes on in; comments and empty lines among them are left out."""
        written, lines = "", []
        first = True
        while self._at < len(self._lines):
            line = self._lines[self._at]
            self._at += 1
            if not first and (not line.strip() or line.lstrip().startswith("#")):
                continue
            first = False
            lines.append((len(written), self._at, 1))
            goes_on = self._continued.search(line)
            written += line[: goes_on.start()] if goes_on else line
            if not goes_on:
                break
        return written, lines

    def _heredocs(self, name: str, argument: str, place: Place) -> tuple[Heredoc, ...] | Problem:
        holder = argument.split(maxsplit=1)[0].upper() if name == "ONBUILD" and argument else name
        found: list[Heredoc] = []
        if holder not in _HOLDS_HEREDOCS or "<<" not in argument:
            return ()
        for sign in _HEREDOC.finditer(argument):
            begin = self._at
            ends = (number for number in range(begin, len(self._lines)) if self._ends(number, sign[3], sign[1] == "-"))
            end = next(ends, None)
            if end is None:
                return Problem(place, f"the text that begins with {sign[0]} does not end")
            body = [line.lstrip("\t") if sign[1] else line for line in self._lines[begin:end]]
            self._at = end + 1
            text = "".join(f"{line}\n" for line in body)
            found.append(Heredoc(sign[3], text, not sign[2], Place(self._path, begin + 1, 1, max(end, begin + 1), 0)))
        return tuple(found)

    def _ends(self, number: int, name: str, tabs: bool) -> bool:
        line = self._lines[number]
        return (line.lstrip("\t") if tabs else line) == name


def _listed(text: str) -> list[str] | None:
    if not text.startswith("["):
        return None
    try:
        listed = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return listed if isinstance(listed, list) and all(isinstance(word, str) for word in listed) else None
