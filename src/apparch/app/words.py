"""Which of many words some source holds, told by the runs of letters that it is made of, each looked at once."""

from __future__ import annotations

import re
from collections.abc import Iterable

_RUN = re.compile(rb"\w+")
_APART = bytes(sign if chr(sign).isascii() and re.match(r"\w", chr(sign)) else ord(" ") for sign in range(256))
"""Turns all that is no letter, digit or underscore into spaces: to split there is quicker than any pattern."""
_KNOWN = 50_000
"""How many runs are remembered; source in several languages has fewer that are its own."""


class Words:
    """Some words, each a bit of a number; all of them are looked for as they are written, or in lower case."""

    def __init__(self, written: Iterable[bytes] = (), lowered: Iterable[bytes] = ()) -> None:
        named = [*((word, False) for word in written), *((word, True) for word in lowered)]
        self._bits = {each: 1 << at for at, each in enumerate(dict.fromkeys(named))}
        cores = [(word, low, bit, _core(word)) for (word, low), bit in self._bits.items()]
        self._cores = [(core, low, bit) for _, low, bit, core in cores if core]
        self._apart = [
            (re.compile(re.escape(word)).search, low, bit, bool(core)) for word, low, bit, core in cores if core != word
        ]
        """Words with other signs: the longest run of letters in them is only where they may be."""
        self._known: dict[bytes, int] = {}
        self._empty: set[bytes] = set()

    def bit(self, word: bytes, *, lowered: bool = False) -> int:
        """The bit that stands for a word."""
        return self._bits[word, lowered]

    def held_by(self, data: bytes) -> int:
        """The bits of all words that stand in a text, also within others."""
        if not self._bits:
            return 0
        held = 0
        runs = set(data.translate(_APART).split()) - self._empty
        strange = [run for run in runs if run not in self._known]
        if strange:
            held = self._look_at(strange)
        for run in runs:
            held |= self._known.get(run, 0)
        for search, low, bit, has_core in self._apart:
            if held & bit or not has_core:
                held = held | bit if search(data.lower() if low else data) else held & ~bit
        return held

    def _look_at(self, runs: list[bytes]) -> int:
        """The words in runs that were not seen before, which are looked at together: few of them hold any."""
        whole = b" ".join(runs)
        small = whole.lower()
        there = [each for each in self._cores if each[0] in (small if each[1] else whole)]
        is_kept = len(self._known) + len(self._empty) < _KNOWN
        held = 0
        for run in runs if there or is_kept else ():
            here = sum(bit for core, low, bit in there if core in (run.lower() if low else run))
            held |= here
            if is_kept and here:
                self._known[run] = here
            elif is_kept:
                self._empty.add(run)
        return held


def _core(word: bytes) -> bytes:
    return max(_RUN.findall(word), key=len, default=b"")
