"""Words are found in source wherever they stand, by the runs of letters that it is made of."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from apparch.app.words import Words

PIECES = st.sampled_from(["env", "ENV", "iron", ".local", "://", '"/', "/live", "127.0.0.1", "-", " ", "\n", "é", "_"])
TEXTS = st.lists(PIECES, max_size=12).map("".join).map(str.encode)
WORDS = (b"env", b"environ", b"ENV", b".local", b"://", b'"/', b"/live", b"127.0.0.1", b"e-n", b"local_env")


@given(st.lists(TEXTS, min_size=1, max_size=4))
def test_words_are_found_as_a_search_finds_them(texts: list[bytes]) -> None:
    """Each word as it is written and in lower case, in one text after another."""
    words = Words(WORDS, WORDS)
    for text in texts:
        held = words.held_by(text)
        told = [bool(held & words.bit(word, lowered=lowered)) for word in WORDS for lowered in (False, True)]
        assert told == [word in (text.lower() if lowered else text) for word in WORDS for lowered in (False, True)]
