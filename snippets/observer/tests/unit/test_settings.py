"""The settings: what is refused, and that the published schema says the same."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.config import ConfigurationError, load_settings
from app.settings import Settings
from fixtures.environment import SECRETS, environ_of

SCHEMA = Path(__file__).parents[2] / "config/settings.schema.json"


@pytest.mark.rule("ENV006")
def test_every_problem_is_in_one_message() -> None:
    """What is empty, what is no number and what is out of its bounds, at once."""
    with pytest.raises(ConfigurationError) as refused:
        load_settings(environ_of(STREAM="", SERVICE_PORT="http", LEASE_SECONDS="0"))
    assert list(refused.value.problems) == ["LEASE_SECONDS", "SERVICE_PORT", "STREAM"]


@pytest.mark.rule("ENV007")
def test_settings_do_not_show_their_secrets() -> None:
    """Neither as text nor for a debugger."""
    shown = repr(load_settings(environ_of()))
    assert [value for value in SECRETS.values() if value in shown] == []


@pytest.mark.rule("ENV009")
def test_the_schema_is_that_of_the_settings() -> None:
    """scripts/dev/schema.sh was run after the last change."""
    assert json.loads(SCHEMA.read_text()) == Settings.model_json_schema()
