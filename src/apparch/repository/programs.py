"""A shell text's simple commands, as far as reading needs them: nothing is expanded, nothing is run."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

LONGEST = 200_000
"""How many characters of a script are read."""
_OPERATORS = ("&&", "||", ";;", "|&", ";", "|", "&", "(", ")", "\n")
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*\+?=.*", re.DOTALL)
_KEYWORDS = frozenset(
    {"if", "then", "else", "elif", "do", "while", "until", "!", "{", "}", "time", "fi", "done", "esac"}
)
_PREFIXES = {"sudo", "exec", "env", "nohup", "nice", "time", "command", "builtin", "xargs", "timeout", "doas"}
_HEREDOC = re.compile(r"<<(-?)\s*(['\"]?)([A-Za-z_]\w*)\2")


@dataclass(frozen=True)
class Command:
    """One simple command."""

    words: tuple[str, ...]
    """Without assignments before it and without redirections; quotes are taken off, `$x` stays as it is."""
    line: int
    """Counted from 1 within the text."""
    before: str
    """The operator that stands before it: `&&`, `||`, `|`, `;`, a newline, or nothing."""
    after: str
    """The operator that stands behind it."""

    @property
    def program(self) -> str:
        """The name of what it runs, without its folder and without `sudo`, `exec`, `env` and their like before it."""
        return self.bare[0] if self.bare else ""

    @property
    def bare(self) -> tuple[str, ...]:
        """Its words from the program on."""
        words = list(self.words)
        while words and words[0].rpartition("/")[2] in _PREFIXES:
            own = words.pop(0)
            while words and (words[0].startswith("-") or _ASSIGNMENT.fullmatch(words[0])):
                words.pop(0)
            if own == "timeout" and words:
                words.pop(0)
        return (words[0].rpartition("/")[2], *words[1:]) if words else ()

    def starts(self, *words: str) -> bool:
        """Whether it runs this program with these first arguments, options between them left out."""
        given = [self.program, *(word for word in self.bare[1:] if not word.startswith("-"))]
        return given[: len(words)] == list(words)

    def has(self, *options: str) -> bool:
        """Whether one of the options stands among its words, also as `--option=value`."""
        return any(word in options or word.partition("=")[0] in options for word in self.words)


def commands(text: str) -> tuple[Command, ...]:
    """Every simple command of a script in order, those in a substitution of a plain word left out."""
    found: list[Command] = []
    words: list[str] = []
    before, line = "", 1
    for kind, value, at in _tokens(text[:LONGEST]):
        if kind == "word":
            if not words:
                line = at
            words.append(value)
            continue
        if bare := _simple(words):
            found.append(Command(bare, line, before, value))
        if words or value not in ("\n", "(", ")"):
            before = value
        words = []
    if bare := _simple(words):
        found.append(Command(bare, line, before, ""))
    return tuple(found)


def _simple(words: list[str]) -> tuple[str, ...]:
    begin = 0
    while begin < len(words) and (words[begin] in _KEYWORDS or _ASSIGNMENT.fullmatch(words[begin])):
        begin += 1
    kept: list[str] = []
    skip = False
    for word in words[begin:]:
        if skip:
            skip = False
        elif re.fullmatch(r"\d*[<>]{1,3}&?|&>{1,2}", word):
            skip = True
        elif not re.match(r"(\d*|&)[<>]", word):
            kept.append(word)
    return tuple(kept)


def _tokens(text: str) -> Iterator[tuple[str, str, int]]:
    """Words and operators with their lines; texts of here-documents are left out."""
    at, line = 0, 1
    waiting: list[tuple[str, bool]] = []
    while at < len(text):
        character = text[at]
        if text.startswith("\\\n", at):
            at, line = at + 2, line + 1
        elif character in " \t\r":
            at += 1
        elif character == "#":
            at = _until(text, at, "\n")
        elif match := _HEREDOC.match(text, at):
            if text.startswith("<<<", at):
                at += 3
                continue
            waiting.append((match[3], bool(match[1])))
            at = match.end()
        elif operator := next((each for each in _OPERATORS if text.startswith(each, at)), None):
            yield "operator", operator, line
            at += len(operator)
            if operator == "\n":
                line += 1
                for end, tabs in waiting:
                    at, line = _after(text, at, line, end, tabs)
                waiting = []
        else:
            begin = line
            word, at, line = _word(text, at, line)
            yield "word", word, begin


def _word(text: str, at: int, line: int) -> tuple[str, int, int]:
    """The word that begins here, without its quotes, and what comes after it."""
    parts: list[str] = []
    while at < len(text):
        character = text[at]
        if text.startswith("\\\n", at):
            at, line = at + 2, line + 1
        elif character == "\\":
            parts.append(text[at + 1 : at + 2])
            at += 2
        elif character == "'":
            end = text.find("'", at + 1)
            end = len(text) if end < 0 else end
            parts.append(text[at + 1 : end])
            line += text.count("\n", at, end)
            at = end + 1
        elif character == '"':
            end = _closing(text, at + 1)
            parts.append(re.sub(r'\\(["\\$`])', r"\1", text[at + 1 : end]))
            line += text.count("\n", at, end)
            at = end + 1
        elif text.startswith(("$(", "${"), at) or character == "`":
            end = _balanced(text, at)
            parts.append(text[at:end])
            line += text.count("\n", at, end)
            at = end
        elif character in " \t\r\n;|()" or (
            character == "&" and text[at - 1] not in "<>" and text[at + 1 : at + 2] != ">"
        ):
            break
        else:
            parts.append(character)
            at += 1
    return "".join(parts), at, line


def _closing(text: str, at: int) -> int:
    while at < len(text) and text[at] != '"':
        if text[at] == "\\":
            at += 2
        elif text.startswith("$(", at):
            at = _balanced(text, at)
        else:
            at += 1
    return min(at, len(text))


def _balanced(text: str, at: int) -> int:
    """After the substitution that begins here."""
    if text[at] == "`":
        end = text.find("`", at + 1)
        return len(text) if end < 0 else end + 1
    opened, closed = text[at + 1], ")" if text[at + 1] == "(" else "}"
    depth, at = 0, at + 1
    while at < len(text):
        if text[at] == "\\":
            at += 1
        elif text[at] == "'" and opened == "(":
            end = text.find("'", at + 1)
            at = len(text) if end < 0 else end
        elif text[at] == opened:
            depth += 1
        elif text[at] == closed:
            depth -= 1
            if depth == 0:
                return at + 1
        at += 1
    return len(text)


def _until(text: str, at: int, mark: str) -> int:
    end = text.find(mark, at)
    return len(text) if end < 0 else end


def _after(text: str, at: int, line: int, end: str, tabs: bool) -> tuple[int, int]:
    """After the here-document whose text begins here."""
    while at < len(text):
        stop = _until(text, at, "\n")
        said = text[at:stop].rstrip("\r")
        at, line = stop + 1, line + 1
        if (said.lstrip("\t") if tabs else said) == end:
            break
    return min(at, len(text)), line
