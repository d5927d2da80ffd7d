"""The metrics: scraped where they are served, and no rule or dashboard uses one that does not exist (6.5)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from apparch.contract.app_side import AppSide
from apparch.contract.deploy_side import SERVING, DeploySide, Overlay, containers, kind, name, selects, short_name
from apparch.contract.model import Judgement, Side, app, deploy
from apparch.contract.nearest import closest
from apparch.contract.promql import Selector, UnreadableError, selectors
from apparch.repository import Node, Place, Problem
from apparch.repository.json_file import parse_json

PATH = "/metrics"
FOREIGN = [
    "kube_",
    "kubelet_",
    "container_",
    "node_",
    "machine_",
    "apiserver_",
    "prometheus_",
    "alertmanager_",
    "grafana_",
    "argocd_",
    "traefik_",
    "nginx_",
    "coredns_",
    "etcd_",
    "cadvisor_",
    "scrape_",
    "loki_",
    "promtail_",
    "pg_",
    "redis_",
    "go_",
    "probe_",
    "sealed_secrets_",
]
"""What others export: the cluster, the monitoring itself, exporters."""
OWN = frozenset({"up", "ALERTS", "ALERTS_FOR_STATE"})
TARGET_LABELS = frozenset(
    [
        "job",
        "instance",
        "namespace",
        "pod",
        "service",
        "endpoint",
        "container",
        "node",
        "cluster",
        "prometheus",
        "prometheus_replica",
        "le",
        "quantile",
        "environment",
    ]
)
"""Labels that Prometheus itself puts on every series of a ServiceMonitor."""


@dataclass(frozen=True)
class Expression:
    """A PromQL text and where it stands."""

    text: str
    place: Place
    what: str


def judge_scrape(side: AppSide, overlay: Overlay, other: DeploySide) -> Iterator[Judgement]:
    """Whether a ServiceMonitor scrapes the environment's Service."""
    if overlay.service is None:
        return
    served = app(side.route_place(PATH), PATH if side.serves(PATH) else f"{PATH} is not served")
    monitors = [node for node in other.monitoring if kind(node) == "ServiceMonitor"]
    labels = overlay.service.at("metadata", "labels")
    chosen = [node for node in monitors if selects(node.at("spec", "selector"), labels)]
    if not chosen and len(monitors) == 1:
        chosen = monitors
    pods = [node for node in other.monitoring if kind(node) == "PodMonitor"]
    if not chosen and not any(selects(node.at("spec", "selector"), overlay.pod_labels) for node in pods):
        wrong = f"no ServiceMonitor scrapes the app: add one for port http, path {PATH}"
        yield Judgement("MET007", "ServiceMonitor", (served, deploy(overlay.service.place, "not scraped")), wrong)
    for monitor in chosen:
        endpoints = monitor.at("spec", "endpoints").elements()
        endpoint = next(
            (each for each in endpoints if each.at("port").text == "http"), endpoints[0] if endpoints else monitor
        )
        port, path = endpoint.at("port"), endpoint.at("path")
        wrong = f"the ServiceMonitor scrapes port {port}, and the Service's port is named http: set port: http"
        listening = app(side.variable_place("SERVICE_PORT"), "http")
        yield Judgement(
            "MET007", "ServiceMonitor port", (listening, deploy(port)), "" if port.text == "http" else wrong
        )
        wrong = ""
        if path.present and path.text != PATH:
            wrong = f"the ServiceMonitor scrapes {path}, and the app serves its metrics at {PATH}: set path: {PATH}"
        elif not side.serves(PATH):
            wrong = f"the ServiceMonitor scrapes {PATH}, and the app does not serve it: serve {PATH}"
        yield Judgement("MET007", "ServiceMonitor path", (served, deploy(path, path if path.present else PATH)), wrong)


def judge_names(side: AppSide, other: DeploySide) -> Iterator[Judgement]:
    """Every metric and label that an alert or a panel uses against those that the source defines."""
    if not side.source.metrics:
        return
    found = list(expressions(other))
    recorded = {str(rule.at("record")) for rule in _rules(other) if rule.at("record").present}
    known = set(side.source.metrics) | recorded | OWN
    own = {name(overlay.service) for overlay in other.overlays if overlay.service}
    alone = not _others(other)
    foreign = {name(node) for overlay in other.overlays for node in overlay.rendering.of_kind("Service")} - own
    for expression in found:
        try:
            used = selectors(expression.text)
        except UnreadableError as error:
            sides = (app(side.route_place(PATH), PATH), deploy(expression.place, expression.what))
            wrong = f"{expression.what} cannot be read as PromQL: {error}; correct the expression"
            yield Judgement("MET007", expression.what, sides, wrong)
            continue
        for selector in used:
            if not selector.name or selector.name.startswith(tuple(FOREIGN)):
                continue
            if not any(
                (label, value) == ("job", service) for label, _, value in selector.matchers for service in foreign
            ):
                near = alone or selector.name in known or closest(selector.name, side.source.metrics, 0.85)
                if near:
                    yield _judge_selector(side, selector, expression, known)


def _others(other: DeploySide) -> bool:
    """Whether other apps are deployed from the repository, so that a metric may be theirs."""
    images = {
        short_name(container.at("image"))
        for overlay in other.overlays
        for node in overlay.rendering.of_kind(*SERVING)
        for container in containers(node)
    }
    return bool(images - {other.app_name})


def _judge_selector(side: AppSide, selector: Selector, expression: Expression, known: set[str]) -> Judgement:
    metrics = side.source.metrics
    there = deploy(expression.place, selector.name)
    metric = metrics.get(selector.name)
    if selector.name not in known:
        near = closest(selector.name, metrics, 0.4)
        place = metrics[near].place if near else side.route_place(PATH)
        wrong = f"{expression.what} uses {selector.name}, and the app exports no such metric"
        hint = f"; the nearest is {near}" if near else ""
        return Judgement(
            "MET007", selector.name, (app(place, "not exported"), there), f"{wrong}{hint}: correct the name"
        )
    if metric is None:
        return Judgement("MET007", selector.name, (app(side.route_place(PATH), "Prometheus' own"), there))
    here: Side = app(metric.place, selector.name)
    strange = selector.labels - (metric.labels or frozenset()) - TARGET_LABELS
    if strange and metric.labels is not None:
        wrong = (
            f"{expression.what} asks {selector.name} for the label {min(strange)}, which the app does not give "
            "it: correct the label"
        )
        return Judgement("MET007", f"{selector.name} {min(strange)}", (here, there), wrong)
    return Judgement("MET007", selector.name, (here, there))


def _rules(other: DeploySide) -> Iterator[Node]:
    for node in other.monitoring:
        if kind(node) == "PrometheusRule":
            for group in node.at("spec", "groups").elements():
                yield from group.at("rules").elements()


def expressions(other: DeploySide) -> Iterator[Expression]:
    """Every expression of alert rules and dashboards."""
    for rule in _rules(other):
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


__all__ = ["Expression", "expressions", "judge_names", "judge_scrape", "name"]
