"""GitHub's expression language: what stands in `${{ }}`, the names that it reads and the functions that it calls."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from apparch.repository.nodes import Node
from apparch.repository.places import Place, Problem

_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<number>[-+]?(?:0x[0-9a-fA-F]+|0o[0-7]+|[0-9]+(?:\.[0-9]*)?(?:[eE][-+]?[0-9]+)?"
    r"|\.[0-9]+|Infinity))(?![\w])|(?P<name>[A-Za-z_][\w-]*)|(?P<sign>==|!=|<=|>=|&&|\|\||[!<>()\[\],.*]))"
)
_EMBEDDED = re.compile(r"\$\{\{((?:'(?:[^']|'')*'|(?!\}\})[^'])*)\}\}", re.DOTALL)
LONGEST = 20_000
"""The longest expression that is read, in characters."""
DEEPEST = 50
"""How deep an expression may nest."""
_BINARY = (("||",), ("&&",), ("==", "!="), ("<", "<=", ">", ">="))

Scalar: TypeAlias = str | float | bool | None


@dataclass(frozen=True)
class Literal:
    """A text, number, bool or null."""

    value: Scalar


@dataclass(frozen=True)
class Name:
    """A context and the path below it; `*` stands for every element and for an index that is computed."""

    path: tuple[str, ...]
    below: tuple[Expression, ...] = ()
    """What computes its indices."""

    def __str__(self) -> str:
        return ".".join(self.path)


@dataclass(frozen=True)
class Call:
    """A function and its arguments; `path` is what is taken of its result."""

    name: str
    arguments: tuple[Expression, ...]
    path: tuple[str, ...] = ()


@dataclass(frozen=True)
class Operation:
    """`!` with one operand, any other operator with two."""

    operator: str
    operands: tuple[Expression, ...]


Expression: TypeAlias = Literal | Name | Call | Operation


@dataclass(frozen=True)
class Embedded:
    """One `${{ }}` of a text."""

    expression: Expression | Problem
    written: str
    """What stands between the braces, without blanks around it."""
    place: Place
    begin: int
    """Where it begins in the text, the braces included."""
    end: int


def parse_expression(written: str, place: Place) -> Expression | Problem:
    """What stands between the braces; one that GitHub would refuse is a problem."""
    if len(written) > LONGEST:
        return Problem(place, f"an expression of more than {LONGEST} characters")
    try:
        return _Parser(written).whole()
    except _Malformed as error:
        return Problem(place, f"no expression of GitHub: {error}")


def embedded(node: Node) -> tuple[Embedded, ...]:
    """Every `${{ }}` of a text, with its place."""
    text = node.text
    if text is None or "${{" not in text:
        return ()
    found: list[Embedded] = []
    for match in _EMBEDDED.finditer(text):
        place = node.spot(match.start(), match.end())
        inner = match[1].strip()
        found.append(Embedded(parse_expression(inner, place), inner, place, match.start(), match.end()))
    return tuple(found)


def condition(node: Node) -> Expression | Problem | None:
    """What an `if` asks, with or without braces; None where there is none."""
    if not node.present or node.value is None:
        return None
    if isinstance(node.value, bool | int | float):
        return Literal(node.value)
    text = (node.text or "").strip()
    whole = _EMBEDDED.fullmatch(text)
    return parse_expression(whole[1].strip() if whole else text, node.place)


def walk(expression: Expression) -> Iterator[Expression]:
    """An expression and every part of it."""
    stack = [expression]
    while stack:
        each = stack.pop()
        yield each
        match each:
            case Name(below=below):
                stack.extend(below)
            case Call(arguments=arguments):
                stack.extend(arguments)
            case Operation(operands=operands):
                stack.extend(operands)


def names(expression: Expression) -> tuple[tuple[str, ...], ...]:
    """The paths of every context that it reads, in small letters, such as `("github", "event", "issue", "title")`."""
    return tuple(tuple(step.lower() for step in each.path) for each in walk(expression) if isinstance(each, Name))


def functions(expression: Expression) -> frozenset[str]:
    """The functions that it calls, in small letters."""
    return frozenset(each.name.lower() for each in walk(expression) if isinstance(each, Call))


class _Malformed(Exception):
    pass


class _Parser:
    def __init__(self, written: str) -> None:
        self._tokens: list[str] = []
        at = 0
        stripped = written.rstrip()
        while at < len(stripped):
            token = _TOKEN.match(stripped, at)
            if token is None:
                raise _Malformed(f"{stripped[at : at + 20].strip()!r} is not understood")
            self._tokens.append(token[0].strip())
            at = token.end()
        self._tokens.reverse()
        self._depth = 0

    def whole(self) -> Expression:
        found = self._binary(0)
        if self._tokens:
            raise _Malformed(f"{self._tokens[-1]!r} is left over")
        return found

    def _binary(self, level: int) -> Expression:
        if level == len(_BINARY):
            return self._unary()
        left = self._binary(level + 1)
        while self._next() in _BINARY[level]:
            operator = self._tokens.pop()
            left = Operation(operator, (left, self._binary(level + 1)))
        return left

    def _unary(self) -> Expression:
        self._depth += 1
        if self._depth > DEEPEST:
            raise _Malformed(f"nested deeper than {DEEPEST} levels")
        if self._take("!"):
            found: Expression = Operation("!", (self._unary(),))
        elif self._take("("):
            found = self._path(self._inside(")"))
        else:
            found = self._path(self._primary())
        self._depth -= 1
        return found

    def _inside(self, end: str) -> Expression:
        found = self._binary(0)
        self._expect(end)
        return found

    def _primary(self) -> Expression:
        token = self._tokens.pop() if self._tokens else ""
        if token.startswith("'"):
            return Literal(token[1:-1].replace("''", "'"))
        if token[:1].isdigit() or (token[:1] in "+-." and len(token) > 1):
            return Literal(_number(token))
        if not re.match(r"[A-Za-z_]", token):
            raise _Malformed(f"{token!r} stands where a value should" if token else "it ends too early")
        if self._take("("):
            return Call(token, self._arguments())
        words: dict[str, Scalar] = {"true": True, "false": False, "null": None, "nan": float("nan")}
        return Literal(words[token.lower()]) if token.lower() in words else Name((token,))

    def _arguments(self) -> tuple[Expression, ...]:
        found: list[Expression] = []
        if not self._take(")"):
            found.append(self._binary(0))
            while self._take(","):
                found.append(self._binary(0))
            self._expect(")")
        return tuple(found)

    def _path(self, base: Expression) -> Expression:
        steps: list[str] = []
        below: list[Expression] = []
        while self._next() in (".", "["):
            if self._tokens.pop() == ".":
                step = self._tokens.pop() if self._tokens else ""
                if not re.fullmatch(r"[A-Za-z_][\w-]*|\*", step):
                    raise _Malformed("a name was expected behind a dot")
                steps.append(step)
            elif self._take("*"):
                self._expect("]")
                steps.append("*")
            else:
                index = self._inside("]")
                known = isinstance(index, Literal)
                steps.append(_as_text(index.value) if isinstance(index, Literal) else "*")
                below += [] if known else [index]
        match base:
            case Name(path=path):
                return Name((*path, *steps), tuple(below))
            case Call() if steps:
                return Call(base.name, (*base.arguments, *below), tuple(steps))
        return base

    def _next(self) -> str:
        return self._tokens[-1] if self._tokens else ""

    def _take(self, token: str) -> bool:
        if self._next() == token:
            self._tokens.pop()
            return True
        return False

    def _expect(self, token: str) -> None:
        if not self._take(token):
            raise _Malformed(f"{token!r} is missing")


def _number(token: str) -> float:
    try:
        return float(int(token, 0)) if re.match(r"[-+]?0[xo]", token) else float(token.replace("Infinity", "inf"))
    except ValueError:
        raise _Malformed(f"{token!r} is no number") from None


def _as_text(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case float() if value.is_integer():
            return str(int(value))
        case Mapping() | list():
            return json.dumps(value)
    return str(value)


as_text = _as_text
