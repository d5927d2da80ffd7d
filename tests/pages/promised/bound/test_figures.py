"""Which numbers a sentence states, in both languages."""

from __future__ import annotations

from fractions import Fraction

import pytest

from apparch.catalogue import Language
from apparch.pages.promised.bound.figures import figures

# Each row: language, sentence, the values and units in it.
STATED: list[tuple[Language, str, list[tuple[float | str, str]]]] = [
    ("en", "an answer within 5 seconds", [(5, "s")]),
    ("en", "a 1-second probe", [(1, "s")]),
    ("en", "10 ms", [(0.01, "s")]),
    ("en", "five minutes", [(300, "s")]),
    ("en", "half an hour", [(1800, "s")]),
    ("en", "four hours", [(14400, "s")]),
    ("en", "7-10 ms", [(0.007, "s"), (0.01, "s")]),
    ("en", "from 0.2 to 2 seconds", [(0.2, "s"), (2, "s")]),
    ("en", "above 5 %", [(5, "%")]),
    ("en", "24,028 requests", [(24028, "")]),
    ("en", "512 MB", [(512_000_000, "B")]),
    ("en", "1Gi", [(2**30, "B")]),
    ("en", "500m of CPU", [(0.5, "cpu")]),
    ("en", "Eleven areas, thirty calls, a hundred callers", [(11, ""), (30, ""), (100, "")]),
    ("en", "a non-zero code", [(0, "")]),
    ("en", "since v2.0.0", [("2.0.0", "")]),
    ("en", "httpx 0.28.1", [("0.28.1", "")]),
    ("en", "two of one", []),
    ("en", "often, anyone, phone, tenth", []),
    ("ko", "5초 안에", [(5, "s")]),
    ("ko", "7~10ms에 답했다", [(0.007, "s"), (0.01, "s")]),
    ("ko", "0.8초에서 1.3초로", [(0.8, "s"), (1.3, "s")]),
    ("ko", "네 시간을 넘으면", [(14400, "s")]),
    ("ko", "15일 동안", [(1_296_000, "s")]),
    ("ko", "영원히 404일 주소", [(404, "")]),
    ("ko", "늘 500만 냈다", [(500, "")]),
    ("ko", "시계열 12만 개", [(120_000, "")]),
    ("ko", "열한 영역", [(11, "")]),
    ("ko", "전제는 셋이다", [(3, "")]),
    ("ko", "세 가지", [(3, "")]),
    ("ko", "아홉 가지 모두", [(9, "")]),
    ("ko", "서른 번", [(30, "")]),
    ("ko", "세션을 세우고 네트워크를 연다", []),
    ("ko", "다시 열 수 없고", []),
    ("ko", "둘 가운데 하나", []),
]


@pytest.mark.parametrize(("language", "sentence", "expected"), STATED, ids=[row[1] for row in STATED])
def test_the_figures_of_a_sentence(language: Language, sentence: str, expected: list[tuple[float | str, str]]) -> None:
    """Digits and words, with the unit that they share or carry."""
    wanted = [(value if isinstance(value, str) else Fraction(str(value)), unit) for value, unit in expected]

    assert wanted == [(figure.value, figure.unit) for figure in figures(sentence, language)]
