"""The PromQL of a Deploy repo's alert rules and dashboards."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from apparch.deploy.side import DeploySide
from apparch.repository import Node, Place, Problem
from apparch.repository.json_file import parse_json
from apparch.repository.kustomize.objects import kind


@dataclass(frozen=True)
class Expression:
    """A PromQL text and where it stands."""

    text: str
    place: Place
    what: str


def rules(other: DeploySide) -> Iterator[Node]:
    """Every rule of every group."""
    for node in other.monitoring:
        if kind(node) == "PrometheusRule":
            for group in node.at("spec", "groups").elements():
                yield from group.at("rules").elements()


def expressions(other: DeploySide) -> Iterator[Expression]:
    """Every expression of alert rules and dashboards."""
    for rule in rules(other):
        expr = rule.at("expr")
        if expr.present:
            yield Expression(str(expr), expr.place, f"the rule {rule.at('alert').text or rule.at('record').text}")
    for path in other.repository.matching("*.json"):
        node = other.repository.parsed(path, parse_json)
        if not isinstance(node, Problem):
            yield from _panels(node, None)
    for overlay in other.overlays:
        for config in overlay.rendering.of_kind("ConfigMap"):
            if config.at("metadata", "labels", "grafana_dashboard").present:
                for key, text in config.at("data").items():
                    parsed = parse_json(text.text or "", text.place.path) if key.endswith(".json") else None
                    if isinstance(parsed, Node):
                        yield from _panels(parsed, text.place)


def _panels(dashboard: Node, place: Place | None) -> Iterator[Expression]:
    if not dashboard.at("panels").present:
        return
    for node in dashboard.at("panels").walk():
        if isinstance(node.value, dict) and node.at("targets").elements():
            for target in node.at("targets").elements():
                expr = target.at("expr")
                if expr.text:
                    yield Expression(
                        expr.text,
                        place or expr.place,
                        f"the panel {json.dumps(str(node.at('title')), ensure_ascii=False)}",
                    )
