"""What users of other tools reported as false alarms or misses is rebuilt as an example."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.checks.examples import examples

from apparch.catalogue import yaml_text

REPORTS = yaml_text.read((Path(__file__).parent / "reports.yaml").read_text("utf-8"))


@pytest.mark.parametrize("report", REPORTS, ids=lambda each: f"{each['report']}-{each['rule']}")
def test_a_public_report_has_its_example(report: dict[str, str]) -> None:
    """The example that it names is there, and judged like all others."""
    assert (report["rule"], report["example"]) in {(each.rule, each.name) for each in examples()}
