"""The part of GitHub's expression language that the workflows use."""

from __future__ import annotations

import re
from collections.abc import Mapping

TOKEN = re.compile(r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<operator>==|!=|&&|\|\||[!(),])|(?P<name>[A-Za-z_][\w.-]*))")
EMBEDDED = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)

Value = str | bool | None


def interpolate(text: str, contexts: Mapping[str, object]) -> str:
    """A workflow value with every `${{ }}` replaced by what it means."""
    return EMBEDDED.sub(lambda match: _as_text(evaluate(match[1], contexts)), text)


def evaluate(expression: str, contexts: Mapping[str, object]) -> Value:
    """What an expression means; ValueError for one outside this part of the language."""
    parser = _Parser(_tokens(expression), contexts)
    value = parser.disjunction()
    parser.end()
    return value


def truthy(value: Value) -> bool:
    """Whether GitHub takes a value for true."""
    return value not in (None, False, "")


def _tokens(expression: str) -> list[str]:
    tokens, place = [], 0
    stripped = expression.strip()
    while place < len(stripped):
        match = TOKEN.match(stripped, place)
        if not match:
            raise ValueError(f"cannot read {stripped[place:]!r} in {expression!r}")
        tokens.append(match[0].strip())
        place = match.end()
    return tokens


def _as_text(value: Value) -> str:
    if isinstance(value, str):
        return value
    return "" if value is None else str(value).lower()


class _Parser:
    def __init__(self, tokens: list[str], contexts: Mapping[str, object]) -> None:
        self.tokens = tokens
        self.contexts = contexts

    def end(self) -> None:
        if self.tokens:
            raise ValueError(f"left over: {self.tokens}")

    def disjunction(self) -> Value:
        value = self.conjunction()
        while self._take("||"):
            other = self.conjunction()
            value = value if truthy(value) else other
        return value

    def conjunction(self) -> Value:
        value = self.comparison()
        while self._take("&&"):
            other = self.comparison()
            value = other if truthy(value) else value
        return value

    def comparison(self) -> Value:
        value = self.operand()
        if self._take("=="):
            return _as_text(value).lower() == _as_text(self.operand()).lower()
        if self._take("!="):
            return _as_text(value).lower() != _as_text(self.operand()).lower()
        return value

    def operand(self) -> Value:
        if self._take("!"):
            return not truthy(self.operand())
        if self._take("("):
            value = self.disjunction()
            self._expect(")")
            return value
        token = self.tokens.pop(0)
        if token.startswith("'"):
            return token[1:-1].replace("''", "'")
        if token in ("true", "false"):
            return token == "true"
        if self._take("("):
            return self._call(token)
        return self._look_up(token)

    def _call(self, name: str) -> Value:
        arguments = [] if self.tokens[0] == ")" else [self.disjunction()]
        while self._take(","):
            arguments.append(self.disjunction())
        self._expect(")")
        match name, [_as_text(argument) for argument in arguments]:
            case "startsWith", [text, start]:
                return text.lower().startswith(start.lower())
            case "contains", [text, part]:
                return part.lower() in text.lower()
            case "always", []:
                return True
        raise ValueError(f"unknown function {name}")

    def _look_up(self, path: str) -> Value:
        found: object = self.contexts
        for part in path.split("."):
            found = found.get(part) if isinstance(found, Mapping) else None
        if found is None or isinstance(found, str | bool):
            return found
        raise ValueError(f"{path} is not a single value")

    def _take(self, token: str) -> bool:
        if self.tokens and self.tokens[0] == token:
            self.tokens.pop(0)
            return True
        return False

    def _expect(self, token: str) -> None:
        if not self._take(token):
            raise ValueError(f"{token!r} is missing")
