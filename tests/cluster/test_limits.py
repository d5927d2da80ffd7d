"""What the stand-in API server does not do is told in both languages, and is so."""

from __future__ import annotations

from pathlib import Path

import yaml
from tests.cluster.conftest import Clients

LIMITS = yaml.safe_load(Path(__file__).with_name("limits.yaml").read_text("utf-8"))


def test_each_limit_is_told_in_both_languages() -> None:
    """A limit is a sentence, and stands once."""
    assert [each["id"] for each in LIMITS if not (each["ko"].endswith(".") and each["en"].endswith("."))] == []
    assert len({each["id"] for each in LIMITS}) == len(LIMITS)


def test_what_no_node_answers_is_refused(clients: Clients) -> None:
    """Without nodes there is no command, no attaching and no usage."""
    clients.kubectl("run", "web", "--image=app:1")
    assert "not find the requested resource" in clients.refused("exec", "web", "--", "true")
    assert "not find the requested resource" in clients.refused("attach", "web")
    assert clients.refused("top", "pods") == "error: Metrics API not available"
