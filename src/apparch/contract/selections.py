"""The selections: what selects by labels finds the Pods or the Service that it is meant for."""

from __future__ import annotations

from collections.abc import Iterator

from apparch.contract.model import Judgement
from apparch.contract.pointing import pointing, shown
from apparch.deploy.overlay import Overlay
from apparch.deploy.pods import SERVING, WORKLOADS, pod_labels, selects
from apparch.deploy.side import DeploySide
from apparch.deploy.stages import stage
from apparch.repository import Node
from apparch.repository.kustomize.objects import kind, name, namespace
from apparch.repository.nearest import closest


def judge_selectors(overlay: Overlay) -> Iterator[Judgement]:
    """The selectors of the rendering: each that was to select Pods here selects some."""
    everywhere = [(namespace(node), pod_labels(node)) for node in overlay.rendering.of_kind(*WORKLOADS)]
    for node in overlay.rendering.objects:
        selector = _selector(node)
        if selector is None or (not selector.value and kind(node) == "NetworkPolicy"):
            continue
        own = kind(node) in (*SERVING, "ReplicaSet")
        candidates = [pod_labels(node)] if own else [each for at, each in everywhere if at == namespace(node)]
        chosen = any(selects(selector, each) for each in candidates)
        if not chosen and not own and not _meant(node, selector, overlay, candidates):
            continue  # of pods that another repository, or an operator, brings
        target = pod_labels(node) if own else overlay.pod_labels
        said = _said(selector)
        yield pointing(f"{kind(node)} {name(node)} selector", said, target, shown(said), chosen)


def _meant(node: Node, selector: Node, overlay: Overlay, candidates: list[Node]) -> bool:
    """Whether a selector that selects nothing was to select something here, as far as names tell."""
    labels = overlay.pod_labels
    if name(node) == name(overlay.workload or node) or (
        kind(node) == "Service" and not any(selects(each.at("spec", "selector"), labels)
                                            for each in overlay.rendering.of_kind("Service"))
    ):  # fmt: skip
        return True
    equal = selector.at("matchLabels") if selector.at("matchLabels").present else selector
    pairs = [(key, value.text or "") for key, value in equal.items()]
    return any(
        closest(value, [each.at(key).text or ""], 0.7) for key, value in pairs for each in candidates
    ) or bool(pairs and {key for key, _ in pairs} <= {"app", "app.kubernetes.io/name"} and kind(node) != "Service"
              and name(node).startswith(name(overlay.workload or node)))  # fmt: skip


def _selector(node: Node) -> Node | None:
    match kind(node):
        case "Service" if node.at("spec", "selector").value:
            return node.at("spec", "selector")
        case "PodDisruptionBudget" | "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet":
            return node.at("spec", "selector")
        case "NetworkPolicy":
            return node.at("spec", "podSelector")
    return None


def judge_monitors(overlay: Overlay, other: DeploySide) -> Iterator[Judgement]:
    """The ServiceMonitors that are meant for the app's Service; those of others are not judged."""
    if overlay.service is None:
        return
    labels = overlay.service.at("metadata", "labels")
    monitors = [each for each in other.monitoring if kind(each) == "ServiceMonitor"]
    for monitor in monitors:
        selector = monitor.at("spec", "selector")
        title = f"ServiceMonitor {name(monitor)}"
        chosen = selects(selector, labels)
        meant = chosen or len(monitors) == 1 or name(monitor) == name(overlay.service)
        if not meant:
            continue  # another app's
        said = _said(selector)
        yield pointing(f"{title} selector", said, labels, shown(said), chosen)
        spaces = monitor.at("spec", "namespaceSelector")
        where = overlay.service.at("metadata", "namespace")
        if not where.present:
            continue  # whoever applies both says where
        own = monitor.at("metadata", "namespace").text == where.text and not spaces.present
        named = where.text in [each.text for each in spaces.at("matchNames").elements()]
        found = own or named or spaces.at("any").value is True
        if not found and stage(overlay.name) == "development":
            continue  # a developer's own cluster has no Prometheus of ours
        yield pointing(f"{title} namespace", spaces.at("matchNames"), where, f"no namespace {where}", found)


def _said(selector: Node) -> Node:
    """The part of a selector that a message shows: its labels, or its expressions where it has no labels."""
    parts = (selector.at("matchLabels"), selector.at("matchExpressions"))
    return next((part for part in parts if part.present), selector)
