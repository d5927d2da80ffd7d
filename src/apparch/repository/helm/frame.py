"""One template under way: its variables, the action that is carried out, and why it may fail."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from apparch.repository.helm.traced import Source, Unknown
from apparch.repository.places import Place

_SAID = 200
"""How much of an action is told of."""


class ChartError(Exception):
    """A template that cannot be carried out, and why; the place is where it stands."""

    def __init__(self, place: Place, message: str) -> None:
        super().__init__(message)
        self.place = place


@dataclass
class Frame:
    """A template that is carried out."""

    source: Source
    root: Any
    """What it was given, which `$` stands for."""
    offset: int = 0
    """Of the action that is carried out."""
    said: str = ""
    """What the template says there."""
    value: Place | None = None
    """Where the first value stands that the action has read."""
    _variables: list[dict[str, Any]] = field(default_factory=lambda: [{}])

    @property
    def place(self) -> Place:
        """Where the action stands."""
        return self.source.place(self.offset)

    def begin(self, offset: int, end: int) -> None:
        """Turn to another action."""
        self.offset, self.value = offset, None
        self.said = self.source.text[offset:end].strip("{}- \t\r\n")[:_SAID]

    @contextmanager
    def scope(self) -> Iterator[None]:
        """Variables that are declared within last until its end."""
        self._variables.append({})
        try:
            yield
        finally:
            self._variables.pop()

    def declare(self, name: str, value: Any) -> None:
        """A new variable."""
        self._variables[-1][name] = value

    def assign(self, name: str, value: Any) -> None:
        """Another value for a variable that is there."""
        scope = next((each for each in reversed(self._variables) if name in each), self._variables[0])
        scope[name] = value

    def variable(self, name: str, dot: Any) -> Any:
        """What a variable stands for; dot where the name is empty."""
        if not name or name == "$":
            return self.root if name else dot
        return next((each[name] for each in reversed(self._variables) if name in each), Unknown(self.said))
