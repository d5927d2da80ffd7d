"""Reads Go's template language as text/template does: actions, pipelines, blocks, definitions, trimmed space."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from apparch.repository.helm.tree import (
    Action,
    Block,
    Call,
    Function,
    Inner,
    Jump,
    Literal,
    Operand,
    Part,
    Path,
    Pipeline,
    Template,
    Written,
)

NESTED = 40
"""How deep parentheses and blocks may nest."""
_TOKEN = re.compile(
    r"""(?P<space>\s+)|(?P<text>"(?:\\.|[^"\\\n])*"|`[^`]*`)|(?P<char>'(?:\\.|[^'\\\n])+')
    |(?P<number>[-+]?(?:0[xX][0-9a-fA-F]+|0[oO][0-7]+|0[bB][01]+|(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?)(?![\w.]))
    |(?P<path>\$\w*(?:\.\w+)*|(?:\.\w+)+|\.)|(?P<word>[A-Za-z_]\w*)|(?P<mark>:=|[=|(),])""",
    re.VERBOSE,
)
_OPEN = re.compile(r"\{\{(-(?=\s))?")
_COMMENT = re.compile(r"\s*/\*.*?\*/\s*?(?P<trim>(?<=\s)-)?\}\}", re.DOTALL)
_CLOSE = re.compile(r"(?P<trim>(?<=\s)-)?\}\}")
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|U[0-9a-fA-F]{8}|[0-7]{3}|.)", re.DOTALL)
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v"}


class TemplateError(Exception):
    """A template that text/template would refuse, and where."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.offset = offset


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    begin: int
    end: int


@dataclass
class _Open:
    """A block or definition whose end has not come yet."""

    parts: list[Part]
    block: Block | None = None
    chained: bool = False
    """Whether it is the `if` of an `else if`, which has no end of its own."""
    has_else: bool = False


def parse(text: str, path: str, name: str) -> list[Template]:
    """The file's own template, and those that it defines.

    Raises:
        TemplateError: text/template would refuse it.
    """
    main = Template(name, path, text)
    found = [main]
    stack = [_Open(main.parts)]
    for piece in _pieces(text):
        if isinstance(piece, Written):
            stack[-1].parts.append(piece)
            continue
        tokens = _Tokens(piece, text)
        word = tokens.keyword()
        if word in ("if", "with", "range", "define", "block") and len(stack) > NESTED:
            raise TemplateError(f"more than {NESTED} blocks stand in each other", tokens.begin)
        _take(word, tokens, stack, found, main)
    if len(stack) > 1:
        raise TemplateError("a block has no end", len(text))
    return found


def _take(word: str, tokens: _Tokens, stack: list[_Open], found: list[Template], main: Template) -> None:
    top = stack[-1]
    if word in ("if", "with", "range"):
        block = Block(word, tokens.pipeline(ranged=word == "range"), tokens.begin)
        top.parts.append(block)
        stack.append(_Open(block.body, block))
    elif word in ("define", "block"):
        name = tokens.name()
        if word == "block":
            top.parts.append(Call(name, tokens.pipeline(), tokens.begin))
        defined = Template(name, main.path, main.text)
        found.append(defined)
        stack.append(_Open(defined.parts))
    elif word == "else":
        _else(tokens, top, stack)
    elif word == "end":
        while len(stack) > 1 and stack.pop().chained:
            pass
        if top is stack[-1]:
            raise TemplateError("end stands outside of a block", tokens.begin)
    elif part := _part(word, tokens):
        top.parts.append(part)
    if not tokens.done:
        raise TemplateError("more stands in an action than belongs to it", tokens.begin)


def _else(tokens: _Tokens, top: _Open, stack: list[_Open]) -> None:
    if top.block is None or top.has_else:
        raise TemplateError("else stands outside of a block", tokens.begin)
    top.has_else = True
    inner = tokens.keyword()
    if inner in ("if", "with"):
        chained = Block(inner, tokens.pipeline(), tokens.begin)
        top.block.otherwise.append(chained)
        stack.append(_Open(chained.body, chained, chained=True))
    else:
        top.parts = top.block.otherwise


def _part(word: str, tokens: _Tokens) -> Part | None:
    """What has no end of its own; None for an action without anything in it."""
    if word == "template":
        name = tokens.name()
        return Call(name, None if tokens.done else tokens.pipeline(), tokens.begin)
    if word in ("break", "continue"):
        return Jump(word)
    return None if tokens.done else Action(tokens.pipeline(), tokens.begin, tokens.end)


def _pieces(text: str) -> Iterator[Written | list[_Token]]:
    """Texts and the tokens of actions, with the space trimmed that actions trim."""
    at, trims = 0, False
    for _ in range(len(text) + 1):
        opened = _OPEN.search(text, at)
        end = opened.start() if opened else len(text)
        written = text[at:end]
        begin = at
        if trims:
            begin += len(written) - len(written.lstrip())
            written = written.lstrip()
        if opened and opened[1]:
            written = written.rstrip()
        if written:
            yield Written(written, begin)
        if not opened:
            return
        inner = opened.end()
        if comment := _COMMENT.match(text, inner):
            at, trims = comment.end(), bool(comment["trim"])
            continue
        tokens: list[_Token] = [_Token("open", "", opened.start(), inner)]
        while not (closed := _CLOSE.match(text, inner)):
            found = _TOKEN.match(text, inner)
            if not found:
                raise TemplateError("an action cannot be read", inner)
            tokens.append(_Token(found.lastgroup or "", found[0], inner, found.end()))
            inner = found.end()
        at, trims = closed.end(), bool(closed["trim"])
        yield [*(each for each in tokens if each.kind != "space"), _Token("close", "", inner, at)]


class _Tokens:
    """The tokens of one action, taken from the left."""

    def __init__(self, tokens: list[_Token], text: str) -> None:
        self._tokens = tokens
        self._text = text
        self._at = 1
        self.begin, self.end = tokens[0].begin, tokens[-1].end

    @property
    def _next(self) -> _Token:
        return self._tokens[self._at]

    @property
    def done(self) -> bool:
        """Whether nothing is left."""
        return self._next.kind == "close"

    def _taken(self) -> _Token:
        self._at += 1
        return self._tokens[self._at - 1]

    def keyword(self) -> str:
        """The keyword that it begins with; empty where it begins with none."""
        words = ("if", "else", "end", "with", "range", "define", "block", "template", "break", "continue")
        return self._taken().text if self._next.kind == "word" and self._next.text in words else ""

    def name(self) -> str:
        """The text that names a template."""
        if self._next.kind != "text":
            raise TemplateError("a template's name must be a text", self.begin)
        return _unquoted(self._taken().text)

    def pipeline(self, depth: int = 0, *, ranged: bool = False) -> Pipeline:
        """A pipeline, with the variables that it sets."""
        if depth > NESTED:
            raise TemplateError(f"more than {NESTED} parentheses stand in each other", self.begin)
        variables, assigns = self._variables(ranged)
        commands = [self._command(depth)]
        while self._next.text == "|" and self._next.kind == "mark":
            self._taken()
            commands.append(self._command(depth))
        return Pipeline(tuple(commands), variables, assigns)

    def _variables(self, ranged: bool) -> tuple[tuple[str, ...], bool]:
        start, names = self._at, []
        while self._next.text.startswith("$") and "." not in self._next.text:
            names.append(self._taken().text)
            if self._next.text in (":=", "="):
                return tuple(names), self._taken().text == "="
            if not (ranged and self._next.text == ","):
                break
            self._taken()
        self._at = start
        return (), False

    def _command(self, depth: int) -> tuple[Operand, ...]:
        found: list[Operand] = []
        while not self.done and not (self._next.kind == "mark" and self._next.text in ("|", ")")):
            found.append(self._operand(depth))
        if not found:
            raise TemplateError("a command is missing", self.begin)
        return tuple(found)

    def _operand(self, depth: int) -> Operand:
        token = self._taken()
        if token.kind == "mark" and token.text == "(":
            return self._parenthesis(token, depth)
        made = _LITERAL.get(token.kind)
        if made is None:
            raise TemplateError(f"{token.text or 'the end'} stands where a value was expected", token.begin)
        return made(token)

    def _parenthesis(self, token: _Token, depth: int) -> Inner:
        pipeline = self.pipeline(depth + 1)
        closing = self._taken()
        if closing.text != ")" or closing.kind != "mark":
            raise TemplateError("a parenthesis is not closed", token.begin)
        if self._next.kind == "path" and self._next.begin == closing.end and self._next.text[0] == ".":
            return Inner(pipeline, tuple(each for each in self._taken().text.split(".") if each))
        return Inner(pipeline, ())


def _path(token: _Token) -> Path:
    variable, *names = token.text.split(".")
    return Path(variable, tuple(each for each in names if each))


def _word(token: _Token) -> Operand:
    constants = {"true": True, "false": False, "nil": None}
    return Literal(constants[token.text]) if token.text in constants else Function(token.text)


def _number(token: _Token) -> int | float:
    try:
        return int(token.text, 0) if not re.fullmatch(r"[-+]?0\d+", token.text) else int(token.text, 8)
    except ValueError:
        try:
            return float(token.text)
        except ValueError:
            raise TemplateError(f"{token.text} is no number", token.begin) from None


def _unquoted(text: str) -> str:
    return text[1:-1] if text[0] == "`" else _ESCAPE.sub(_unescaped, text[1:-1])


def _unescaped(match: re.Match[str]) -> str:
    said = match[1]
    if said[0] in "uUx" and len(said) > 1:
        code = int(said[1:], 16)
        return chr(code) if code < 0x110000 and not 0xD800 <= code < 0xE000 else "\ufffd"
    return chr(int(said, 8)) if len(said) == 3 else _ESCAPED.get(said, said)


_LITERAL: dict[str, Callable[[_Token], Operand]] = {
    "text": lambda token: Literal(_unquoted(token.text)),
    "char": lambda token: Literal(ord(_unquoted(token.text)[:1] or "\0")),
    "number": lambda token: Literal(_number(token)),
    "path": _path,
    "word": _word,
}
