"""Every figure that a benchmark writes down can be said in both languages."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from benchmarks import _report, breakers, crash_only, rolling_restarts, soak
from benchmarks._words import said


def test_what_is_counted_under_sigkill_has_words() -> None:
    """Each row of the crash-only table."""
    rows = _report.rows_of(crash_only.Figures().summary())

    assert {"ko": "잃은 주문", "en": "lost"} in [name for name, _ in rows]


def test_what_is_measured_over_ten_minutes_has_words() -> None:
    """Each row of the soak's table."""
    measured = soak.Soak(seconds=[0.0, 1.0], answered=[0, 1], memory=[1, 1], descriptors=[1, 1], series=[1, 1])

    assert ["요청", 0] in [[name["ko"], value] for name, value in _report.rows_of(measured.figures())]  # type: ignore[index]


def test_each_app_and_situation_has_words() -> None:
    """The variants of the rolling restarts, the breakers' situations and what is right in each."""
    names = [variant.name for variant in rolling_restarts.VARIANTS]
    names += [name for scenario in breakers.SCENARIOS for name in (scenario.name.replace("_", " "), scenario.right)]

    assert all(said(name)["ko"] for name in names)


def test_values_are_written_as_people_write_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Yes and no in each language, the parts of a spread and of a list one after the other."""
    monkeypatch.setattr(_report, "FOLDER", tmp_path)
    figures = {"files": 3, "two_builds_have_equal_layers": True, "own_layers_bytes": [5, 7], "seconds": {"p50": 1.5}}
    file = _report.write("x", _report.MEASURED, _report.rows_of(figures))

    assert [
        [said("files"), 3],
        [said("two builds have equal layers"), said("yes")],
        [said("own layers bytes"), "5, 7"],
        [said("seconds"), "p50 1.5"],
    ] == json.loads(file.read_text("utf-8"))["report"]["rows"]


def test_a_figure_without_words_is_refused() -> None:
    """A new figure is not published in English on a Korean page."""
    with pytest.raises(KeyError, match="brand new"):
        _report.rows_of({"brand_new": 1})
