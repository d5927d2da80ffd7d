"""The metrics: scraped where they are served, and no rule or dashboard uses one that does not exist (6.5)."""

from __future__ import annotations

from collections.abc import Iterator

from apparch.app.side import AppSide
from apparch.contract.model import Judgement, Side, app, deploy
from apparch.contract.pair import Environment, Pair
from apparch.deploy.expressions import Expression, expressions, rules
from apparch.deploy.overlay import short_name
from apparch.deploy.pods import SERVING, containers, selects
from apparch.deploy.promql import Selector, UnreadableError, selectors
from apparch.deploy.side import DeploySide
from apparch.repository.kustomize.objects import kind, name
from apparch.repository.nearest import closest

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


def judge(pair: Pair) -> Iterator[Judgement]:
    """Judge the names that alerts and panels use, and in every environment whether the app is scraped."""
    yield from _judge_names(pair.app, pair.deploy)
    yield from pair.each(_judge_scrape)


def _judge_scrape(here: Environment) -> Iterator[Judgement]:
    """Whether a ServiceMonitor scrapes the environment's Service."""
    side, overlay, other = here.app, here.overlay, here.deploy
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


def _judge_names(side: AppSide, other: DeploySide) -> Iterator[Judgement]:
    """Every metric and label that an alert or a panel uses against those that the source defines."""
    if not side.source.metrics:
        return
    found = list(expressions(other))
    recorded = {str(rule.at("record")) for rule in rules(other) if rule.at("record").present}
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
