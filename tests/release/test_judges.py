"""The Dockerfile, the workflows and the build scripts keep each rule that their text alone can show."""

from __future__ import annotations

from pathlib import Path

import pytest
import tests.release.script_judges
import tests.release.workflow_judges  # noqa: F401 - both enter their judges
from tests.release.judges import JUDGES, verdict
from tests.release.repository import app_files

from apparch.catalogue import load_catalogue
from apparch.pages.breaches import read_breaches

FILES = app_files()


@pytest.mark.parametrize("rule", [pytest.param(rule, id=rule, marks=pytest.mark.rule(rule)) for rule in sorted(JUDGES)])
def test_the_reference_app_keeps_the_rule(rule: str) -> None:
    """Its judges find nothing in the files as they stand."""
    assert verdict(rule, FILES) == []


def test_every_judge_is_provoked() -> None:
    """No rule has a judge here that no breach turns red."""
    breaches = read_breaches(Path(__file__).parents[2], load_catalogue().rules)
    noticed = {breach.subject for breach in breaches.all if f"{Path(__file__).name}::" in (breach.noticed_by or "")}
    assert noticed >= set(JUDGES)
