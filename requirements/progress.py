"""How far pip is, read from what it prints."""

from __future__ import annotations

import re


class Progress:
    """Counts the packages that pip has begun, and the bytes of the one under way."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._begun = 0
        self._name = ""

    def __call__(self, line: str) -> str:
        """How far pip is after this line, or nothing if the line does not say."""
        if match := re.match(r"(?:Collecting |Processing (?:\S*/)?)([A-Za-z0-9_.-]+?)(?:==|-\d|$| )", line):
            self._begun, self._name = self._begun + 1, match[1]
            return f"{self._begun} of {self._total}, {self._name}"
        if match := re.match(r"Progress (\d+) of (\d+)", line):
            done, size = (int(number) / 1e6 for number in match.groups())
            return f"{self._begun} of {self._total}, {self._name} {done:.0f} of {size:.0f} MB"
        return ""
