"""What a Go template consists of, once it is parsed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Literal:
    """A text, a number, true, false or nil."""

    value: str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Path:
    """`.a.b`, `$x.a`, `$`, `.`: a variable, dot where it is empty, and the names behind it."""

    variable: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Inner:
    """A pipeline in parentheses, and the names behind it."""

    pipeline: Pipeline
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Function:
    """A function's name."""

    name: str


Operand: TypeAlias = "Literal | Path | Inner | Function"


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Commands, each with what the one before gives as its last argument."""

    commands: tuple[tuple[Operand, ...], ...]
    variables: tuple[str, ...] = ()
    """Which are given the result: one, or two for `range`."""
    assigns: bool = False
    """Whether the variable is there already (`=`, not `:=`)."""


@dataclass(frozen=True, slots=True)
class Written:
    """Text that is put out as it stands."""

    text: str
    offset: int


@dataclass(frozen=True, slots=True)
class Action:
    """A pipeline whose result is put out."""

    pipeline: Pipeline
    offset: int
    end: int


@dataclass(frozen=True, slots=True)
class Block:
    """`if`, `with` or `range`; `else if` is a block in `otherwise`."""

    keyword: str
    pipeline: Pipeline
    offset: int
    body: list[Part] = field(default_factory=list)
    otherwise: list[Part] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Call:
    """`template "name" pipeline`."""

    name: str
    pipeline: Pipeline | None
    offset: int


@dataclass(frozen=True, slots=True)
class Jump:
    """`break` or `continue`."""

    keyword: str


Part: TypeAlias = "Written | Action | Block | Call | Jump"


@dataclass(frozen=True)
class Template:
    """A named sequence of parts, and the file that it stands in."""

    name: str
    path: str
    text: str
    """The whole file's, so that offsets tell lines."""
    parts: list[Part] = field(default_factory=list)
