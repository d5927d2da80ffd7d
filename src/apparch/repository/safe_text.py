"""Text of a stranger's repository, made safe to show: no control characters, no passwords in addresses."""

from __future__ import annotations

import re

_CREDENTIALS = re.compile(r"(://[^\s:/@]{0,200}:)[^\s/]{1,500}@")
MOST = 300
"""Characters of one quoted value."""


def masked(text: str) -> str:
    """A text without the passwords of the addresses in it: reports are read by many."""
    return _CREDENTIALS.sub(r"\1***@", text)


def printable(text: str, *, keep_spaces: bool = False) -> str:
    """One line without control characters: a stranger's file writes nothing to a terminal but letters."""
    line = masked(text) if keep_spaces else " ".join(masked(text).split())
    line = line.replace("\t", " ")
    shown = line if len(line) <= MOST else f"{line[:MOST]}..."
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in shown)
