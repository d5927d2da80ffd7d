"""Shell scripts read as text: their commands, word by word, with nothing expanded and nothing run."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_KEYWORDS = frozenset(
    [
        "if",
        "then",
        "else",
        "elif",
        "fi",
        "while",
        "until",
        "do",
        "done",
        "esac",
        "!",
        "{",
        "}",
        "time",
        "exec",
        "command",
    ]
)
_TESTS = frozenset({"[", "[[", "test"})
_ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)\+?=")
_EXPRESSION = re.compile(r"\$\{\{.*?\}\}", re.DOTALL)
_REDIRECTION = re.compile(r"[0-9]*(?:&>>?|>>|>\||>&|<&|<>|<<<|<<-?|<|>)")
_OPERATOR = re.compile(r";;&?|;&|&&|\|\||\|&|[;&|()\n]")
_HEREDOC = re.compile(r"[ \t]*(['\"]?)\\?([\w.+-]+)\1")
DEEPEST = 10
"""How deep `$( )` may nest; what is deeper stays text."""


@dataclass(frozen=True)
class Command:
    """One simple command; keywords and redirections are no part of it."""

    words: tuple[str, ...]
    """Without quotes; what would be expanded stands as it is written."""
    assignments: tuple[tuple[str, str], ...]
    """The variables that are set for it, or by it where it has no words."""
    begin: int
    """Where it begins in the text."""
    end: int
    heredocs: tuple[str, ...] = ()
    """The texts that it is given to read."""
    before: str = ""
    """The operator before it: `&&`, `||`, `|`, `;`, a newline; empty for the first."""
    after: str = ""
    """The operator behind it; empty for the last."""
    replaces: bool = False
    """Whether the shell becomes it, by `exec`."""
    guard: str = ""
    """The tests of the `if`s that it stands in, and of the `[ ]` that its line begins with, as they are written."""

    @property
    def name(self) -> str:
        """The last step of the program's path; empty for a mere assignment."""
        return self.words[0].rpartition("/")[2] if self.words else ""


def parse_commands(text: str) -> tuple[Command, ...]:
    """Every command of a script, those inside of `$( )` before the one around them."""
    return tuple(_Scanner(text, 0, 0).commands())


class _Scanner:
    def __init__(self, text: str, offset: int, depth: int) -> None:
        self._text, self._offset, self._depth = text, offset, depth
        self._at = 0
        self._found: list[Command] = []
        self._heredocs: list[tuple[str, bool]] = []
        self._before = ""
        self._asked: list[str] = []
        self._asking, self._earlier = -1, ""
        self._reset()

    def _reset(self) -> None:
        self._words: list[str] = []
        self._assigned: list[tuple[str, str]] = []
        self._begin = self._end = -1
        self._replaces = False

    def commands(self) -> Iterator[Command]:
        text = self._text
        while self._at < len(text):
            sign = text[self._at]
            operator = _OPERATOR.match(text, self._at)
            redirection = _REDIRECTION.match(text, self._at)
            if sign in " \t\r" or text.startswith("\\\n", self._at) or text.startswith("\\\r\n", self._at):
                self._at += 1 if sign != "\\" else text.index("\n", self._at) - self._at + 1
            elif sign == "#":
                self._at = self._line_end()
            elif redirection:
                self._redirect(redirection)
            elif operator:
                self._at = operator.end()
                self._close(heredocs=sign == "\n", operator=operator[0])
            else:
                self._word()
        self._close(heredocs=True, operator="")
        return iter(self._found)

    def _close(self, *, heredocs: bool, operator: str) -> None:
        given = tuple(self._body(end, tabs) for end, tabs in self._heredocs) if heredocs else ()
        self._heredocs = [] if heredocs else self._heredocs
        if self._words or self._assigned:
            begin, end = self._begin + self._offset, self._end + self._offset
            told = (self._before, operator, self._replaces, " ".join((*self._asked, self._test_before())).strip())
            self._found.append(Command(tuple(self._words), tuple(self._assigned), begin, end, given, *told))
        if self._words or self._assigned or operator not in ("\n", "(", ")"):
            self._before = operator
        self._reset()

    def _test_before(self) -> str:
        """The test that this command hangs on by `&&` or `||`."""
        last = self._found[-1] if self._found and self._before in ("&&", "||") else None
        if last is None:
            return ""
        if last.name in _TESTS:
            return self._text[last.begin - self._offset : last.end - self._offset]
        return last.guard if last.before in ("&&", "||") else ""

    def _branch(self, word: str) -> None:
        """Keep in mind in which branches of `if` the text stands."""
        if word in ("if", "elif"):
            self._asking = self._at
            self._earlier = self._asked.pop() if word == "elif" and self._asked else ""
        elif word == "then" and self._asking >= 0:
            test = self._text[self._asking : self._at - len(word)].strip(" \t\n;")
            self._asked.append(f"{self._earlier} {test}".strip())
            self._asking = -1
        elif word == "fi" and self._asked:
            self._asked.pop()

    def _line_end(self) -> int:
        end = self._text.find("\n", self._at)
        return len(self._text) if end < 0 else end

    def _body(self, end: str, tabs: bool) -> str:
        lines: list[str] = []
        while self._at < len(self._text):
            stop = self._line_end()
            line = self._text[self._at : stop]
            self._at = stop + 1
            if (line.lstrip("\t") if tabs else line).rstrip("\r") == end:
                break
            lines.append(line)
        return "\n".join(lines)

    def _redirect(self, sign: re.Match[str]) -> None:
        self._at = sign.end()
        if sign[0].lstrip("0123456789") in ("<<", "<<-"):
            end = _HEREDOC.match(self._text, self._at)
            if end:
                self._heredocs.append((end[2], sign[0].endswith("-")))
                self._at = end.end()
            return
        if self._text.startswith("(", self._at):  # `<( )` and `>( )` hold commands
            self._substitution(self._at)
            return
        while self._text[self._at : self._at + 1] in (" ", "\t"):
            self._at += 1
        if self._at < len(self._text) and not _OPERATOR.match(self._text, self._at):
            self._read_word()

    def _word(self) -> None:
        begin = self._at
        quoted = self._text[begin] in "'\"\\"
        word = self._read_word()
        if not self._words and word in _KEYWORDS and not quoted:
            self._replaces = self._replaces or word == "exec"
            self._branch(word)
            return
        if word in ("for", "case", "select", "function") and not self._words:
            self._at = self._line_end() if word == "function" else self._at
        self._begin = begin if self._begin < 0 else self._begin
        self._end = self._at
        assignment = None if self._words or quoted else _ASSIGNMENT.match(word)
        if assignment:
            self._assigned.append((assignment[1], word[assignment.end() :]))
        else:
            self._words.append(word)

    def _read_word(self) -> str:
        """One word, its quotes gone; always gets on by a character."""
        text, written, begin = self._text, "", self._at
        while self._at < len(text):
            sign = text[self._at]
            if sign in " \t\r\n;&|<>" or (sign in "()" and not (sign == "(" and written.endswith("="))):
                break
            if sign == "'":
                written += self._quoted()
            elif sign == '"':
                written += self._double()
            elif sign == "\\":
                written += text[self._at + 1 : self._at + 2].strip("\n")
                self._at += 2
            elif sign in "$`":
                written += self._dollar()
            elif sign == "(":
                self._at += 1  # an array: its elements are words of their own
                break
            else:
                written += sign
                self._at += 1
        self._at = max(self._at, begin + 1)
        return written

    def _quoted(self) -> str:
        end = self._text.find("'", self._at + 1)
        end = len(self._text) if end < 0 else end
        inner = self._text[self._at + 1 : end]
        self._at = end + 1
        return inner

    def _double(self) -> str:
        text, written = self._text, ""
        self._at += 1
        while self._at < len(text) and text[self._at] != '"':
            if text[self._at] == "\\":
                kept = text[self._at + 1 : self._at + 2]
                written += kept if kept in ('"', "$", "`", "\\") else "" if kept == "\n" else "\\" + kept
                self._at += 2
            elif text[self._at] in "$`":
                written += self._dollar()
            else:
                written += text[self._at]
                self._at += 1
        self._at += 1
        return written

    def _dollar(self) -> str:
        text, begin = self._text, self._at
        expression = _EXPRESSION.match(text, begin)
        if expression:
            self._at = expression.end()
        elif text.startswith("$((", begin):
            self._at = _closing(text, begin + 1)
        elif text.startswith("$(", begin):
            self._substitution(begin + 1)
        elif text.startswith("${", begin):
            end = text.find("}", begin)
            self._at = len(text) if end < 0 else end + 1
        elif text[begin] == "`":
            end = text.find("`", begin + 1)
            end = len(text) if end < 0 else end
            self._inside(begin + 1, end)
            self._at = end + 1
        else:
            self._at += 1
        return text[begin : self._at]

    def _substitution(self, opening: int) -> None:
        end = _closing(self._text, opening)
        self._inside(opening + 1, end - 1)
        self._at = end

    def _inside(self, begin: int, end: int) -> None:
        if self._depth < DEEPEST:
            inner = _Scanner(self._text[begin:end], self._offset + begin, self._depth + 1)
            self._found += inner.commands()


def _closing(text: str, opening: int) -> int:
    """Where the bracket at `opening` is closed, quotes passed over; the text's end if it is not."""
    depth, at = 0, opening
    while at < len(text):
        sign = text[at]
        if sign == "\\":
            at += 1
        elif sign == "'":
            end = text.find("'", at + 1)
            at = len(text) if end < 0 else end
        elif sign in "()":
            depth += 1 if sign == "(" else -1
            if depth == 0:
                return at + 1
        at += 1
    return len(text)
