"""The selectors: what points to labels or names points to something (Deploy document 2.2)."""

from __future__ import annotations

from collections.abc import Iterator

from apparch.contract.deploy_side import DeploySide, Overlay, kind, name, pod, selects
from apparch.contract.model import Judgement, deploy
from apparch.repository import Node

WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob")


def judge(overlay: Overlay, other: DeploySide) -> Iterator[Judgement]:
    """Judge every object of the rendering that selects, and the monitors of its namespace."""
    templates = [pod_template(node).at("metadata", "labels") for node in overlay.rendering.of_kind(*WORKLOADS)]
    if overlay.workload is None:
        return
    pods = overlay.pod_labels
    for node in overlay.rendering.objects:
        selector = _selector(node)
        if selector is not None and (selector.value or kind(node) != "NetworkPolicy"):
            chosen = any(
                selects(selector, labels) for labels in ([pods] if kind(node) == kind(overlay.workload) else templates)
            )
            said = _said(selector)
            yield _judgement(f"{kind(node)} {name(node)} selector", said, pods, _labels(said), chosen)
    yield from _judge_names(overlay)
    yield from _judge_policies(overlay)
    yield from _judge_monitor(overlay, other)


def pod_template(node: Node) -> Node:
    """The template of the pods that a workload makes."""
    return (
        node.at("spec", "jobTemplate", "spec", "template") if kind(node) == "CronJob" else node.at("spec", "template")
    )


def _selector(node: Node) -> Node | None:
    match kind(node):
        case "Service" if node.at("spec", "selector").present:
            return node.at("spec", "selector")
        case "PodDisruptionBudget" | "Deployment" | "StatefulSet" | "DaemonSet":
            return node.at("spec", "selector")
        case "NetworkPolicy":
            return node.at("spec", "podSelector")
    return None


def _said(selector: Node) -> Node:
    """The part of a selector that a message shows: its labels, or its expressions where it has no labels."""
    parts = (selector.at("matchLabels"), selector.at("matchExpressions"))
    return next((part for part in parts if part.present), selector)


def _judge_names(overlay: Overlay) -> Iterator[Judgement]:
    assert overlay.workload is not None
    for node in overlay.rendering.of_kind("HorizontalPodAutoscaler"):
        target = node.at("spec", "scaleTargetRef", "name")
        found = overlay.named(node.at("spec", "scaleTargetRef", "kind").text or "", target.text or "") is not None
        yield _judgement(
            f"HorizontalPodAutoscaler {name(node)} target",
            target,
            overlay.workload.at("metadata", "name"),
            str(target),
            found,
        )
    services = {name(node): node for node in overlay.rendering.of_kind("Service")}
    for node in overlay.rendering.of_kind("Ingress"):
        for below in node.at("spec").walk():
            backend = below.at("service", "name") if isinstance(below.value, dict) else None
            if backend is not None and backend.present:
                known = next(iter(services.values())).at("metadata", "name") if services else overlay.workload
                yield _judgement(
                    f"Ingress {name(node)} backend", backend, known, str(backend), backend.text in services
                )
    account = pod(overlay.workload).at("serviceAccountName")
    accounts = overlay.rendering.of_kind("ServiceAccount")
    if account.present and account.text != "default":
        known = accounts[0].at("metadata", "name") if accounts else overlay.workload.at("metadata", "name")
        yield _judgement(
            "serviceAccountName", account, known, str(account), account.text in [name(each) for each in accounts]
        )


def _judge_policies(overlay: Overlay) -> Iterator[Judgement]:
    """A port that a NetworkPolicy opens by name is a port of the pods it selects."""
    if overlay.container is None:
        return
    ports = overlay.container.at("ports")
    names = {each.at("name").text for each in ports.elements()} | {"http"}
    for node in overlay.rendering.of_kind("NetworkPolicy"):
        if not selects(node.at("spec", "podSelector"), overlay.pod_labels):
            continue
        for rule in node.at("spec", "ingress").elements():
            for entry in rule.at("ports").elements():
                port = entry.at("port")
                if port.text is not None:
                    yield _judgement(f"NetworkPolicy {name(node)} port", port, ports, port.text, port.text in names)


def _judge_monitor(overlay: Overlay, other: DeploySide) -> Iterator[Judgement]:
    if overlay.service is None:
        return
    labels = overlay.service.at("metadata", "labels")
    services = [node.at("metadata", "labels") for node in overlay.rendering.of_kind("Service")]
    for monitor in other.monitoring:
        if kind(monitor) != "ServiceMonitor":
            continue
        selector = monitor.at("spec", "selector")
        title = f"ServiceMonitor {name(monitor)}"
        chosen = any(selects(selector, each) for each in services)
        said = _said(selector)
        yield _judgement(f"{title} selector", said, labels, _labels(said), chosen)
        if chosen and not selects(selector, labels):
            continue  # another app's
        spaces = monitor.at("spec", "namespaceSelector")
        where = overlay.service.at("metadata", "namespace")
        own = monitor.at("metadata", "namespace").text == where.text and not spaces.present
        named = where.text in [each.text for each in spaces.at("matchNames").elements()]
        found = own or named or spaces.at("any").value is True
        yield _judgement(f"{title} namespace", spaces.at("matchNames"), where, f"no namespace {where}", found)


def _judgement(subject: str, selector: Node, target: Node, said: str, found: bool) -> Judgement:
    wrong = f"{subject} says {said}, and there is no such thing in this rendering: make it that of {target.place}"
    return Judgement(
        "MAN013", subject, (deploy(selector, said), deploy(target, _labels(target))), "" if found else wrong
    )


def _labels(node: Node) -> str:
    expressions = [" ".join([str(each.at("key")), str(each.at("operator"))]) for each in node.elements()]
    return ", ".join([*(f"{key}: {value}" for key, value in node.items()), *expressions]) or str(node)
