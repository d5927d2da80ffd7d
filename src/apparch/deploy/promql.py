"""The series that a PromQL expression reads: names and label matchers, found without evaluating anything."""

from __future__ import annotations

import re
from dataclasses import dataclass

_TOKEN = re.compile(
    r"""(?P<blank>\s+|\#[^\n]*)
      | (?P<string>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`)
      | (?P<number>(?:0x[0-9a-fA-F]+|(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?)[a-z0-9]*)
      | (?P<variable>\$\{[^}]*\}|\$\w+|\[\[\w+\]\])
      | (?P<name>[A-Za-z_:][A-Za-z0-9_:.]*)
      | (?P<operator>=~|!~|!=|==|>=|<=|[-+*/%^<>=@,])
      | (?P<bracket>[()\[\]{}])""",
    re.VERBOSE,
)
_GROUPING = frozenset({"by", "without", "on", "ignoring", "group_left", "group_right"})
_WORDS = frozenset({"and", "or", "unless", "bool", "offset", "atan2", "inf", "nan", *_GROUPING})
_AGGREGATIONS = frozenset(
    [
        "sum",
        "min",
        "max",
        "avg",
        "group",
        "stddev",
        "stdvar",
        "count",
        "count_values",
        "bottomk",
        "topk",
        "quantile",
        "limitk",
        "limit_ratio",
    ]
)
_PAIRS = {"(": ")", "[": "]", "{": "}"}
LENGTH = 20_000
"""The longest expression that is read."""


class UnreadableError(Exception):
    """The text is no PromQL expression."""


@dataclass(frozen=True)
class Selector:
    """One series selector; the name is empty where only labels select."""

    name: str
    matchers: tuple[tuple[str, str, str], ...] = ()
    """Label, operator, value."""

    @property
    def labels(self) -> frozenset[str]:
        """The labels that it asks for."""
        return frozenset(label for label, _, _ in self.matchers) - {"__name__"}


def selectors(expression: str) -> list[Selector]:
    """Every selector in order; UnreadableError for text that is no expression."""
    tokens = _tokens(expression)
    _balanced(tokens)
    found: list[Selector] = []
    index = 0
    while index < len(tokens):
        kind, text = tokens[index]
        following = tokens[index + 1][1] if index + 1 < len(tokens) else ""
        index += 1
        if text == "[":
            index = _end(tokens, index - 1)
        elif text == "{":
            end = _end(tokens, index - 1)
            found.append(_selector("", tokens[index : end - 1]))
            index = end
        elif kind == "name" and text.lower() in _GROUPING:
            index = _end(tokens, index) if following == "(" else index
        elif kind == "name" and _is_metric(text, following):
            if following == "{":
                end = _end(tokens, index)
                found.append(_selector(text, tokens[index + 1 : end - 1]))
                index = end
            else:
                found.append(Selector(text))
    return found


def _is_metric(text: str, following: str) -> bool:
    if following == "(" or text.lower() in _WORDS:
        return False
    return not (text.lower() in _AGGREGATIONS and following.lower() in ("by", "without"))


def _tokens(expression: str) -> list[tuple[str, str]]:
    if len(expression) > LENGTH:
        raise UnreadableError(f"longer than {LENGTH} characters")
    tokens: list[tuple[str, str]] = []
    at = 0
    while at < len(expression):
        match = _TOKEN.match(expression, at)
        if match is None:
            raise UnreadableError(f"{expression[at]!r} at position {at + 1} is not understood")
        at = match.end()
        if match.lastgroup != "blank":
            tokens.append((str(match.lastgroup), match[0]))
    if not tokens:
        raise UnreadableError("it is empty")
    return tokens


def _balanced(tokens: list[tuple[str, str]]) -> None:
    expected: list[str] = []
    for kind, text in tokens:
        if kind != "bracket":
            continue
        if text in _PAIRS:
            expected.append(_PAIRS[text])
        elif not expected or expected.pop() != text:
            raise UnreadableError(f"{text} closes nothing")
    if expected:
        raise UnreadableError(f"{expected[-1]} is missing")


def _end(tokens: list[tuple[str, str]], opening: int) -> int:
    """The position after the bracket that closes the one at `opening`."""
    depth = 0
    for index in range(opening, len(tokens)):
        kind, text = tokens[index]
        if kind == "bracket":
            depth += 1 if text in _PAIRS else -1
            if depth == 0:
                return index + 1
    return len(tokens)


def _selector(name: str, tokens: list[tuple[str, str]]) -> Selector:
    matchers: list[tuple[str, str, str]] = []
    index = 0
    while index < len(tokens):
        kind, text = tokens[index]
        sign = tokens[index + 1][1] if index + 1 < len(tokens) else ""
        if sign in ("=", "!=", "=~", "!~") and index + 2 < len(tokens):
            label, value = text.strip("\"'`"), tokens[index + 2][1]
            matchers.append((label, sign, value[1:-1] if tokens[index + 2][0] == "string" else value))
            if label == "__name__" and sign == "=":
                name = matchers[-1][2]
            index += 3
        else:
            # In newer PromQL a metric's name may stand in quotes between the braces.
            name = text[1:-1] if kind == "string" and not name else name
            index += 1
    return Selector(name, tuple(matchers))
