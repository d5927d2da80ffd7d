"""What is applied beside an app's pods: the Services that lead to them, and the rest of their Namespace."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from apparch.deploy.objects import Seen
from apparch.deploy.pods import containers, pod_labels, selects
from apparch.deploy.repo import DeployRepo
from apparch.deploy.stages import stage
from apparch.repository import Node
from apparch.repository.kustomize.objects import kind, namespace

_WEB_PORTS = frozenset({80, 443, 3000, 3001, 4000, 4200, 5000, 8000, 8008, 8080, 8081, 8088, 8443, 8888, 9000})


def beside(deploy: DeployRepo, each: Seen) -> Iterator[Node]:
    """What is applied with an object into the same Namespace."""
    for other in deploy.rendered[each.environment.key] if each.environment else deploy.objects:
        if other.environment is each.environment and namespace(other.node) == namespace(each.node):
            yield other.node


def is_for_development(each: Seen) -> bool:
    """Whether an object is for a developer's cluster, by its environment or its folder."""
    if each.environment is not None:
        return each.environment.stage == "development"
    return stage(posixpath.dirname(each.node.place.path)) == "development"


def services_of(deploy: DeployRepo, each: Seen) -> list[Node]:
    """The Services that lead to the pods of a workload."""
    return [
        other
        for other in beside(deploy, each)
        if kind(other) == "Service" and selects(other.at("spec", "selector"), pod_labels(each.node))
    ]


def web_ports(service: Node, workload: Node) -> list[Node]:
    """Those of a Service's ports that lead to HTTP, by their names, numbers and the probes behind them."""
    probed = {
        str(probe.at("httpGet", "port"))
        for container in containers(workload)
        for key, probe in container.items()
        if key.endswith("Probe") and probe.at("httpGet").present
    }
    found: list[Node] = []
    for port in service.at("spec", "ports").elements():
        label = f"{port.at('name').text or ''} {port.at('appProtocol').text or ''}".lower()
        target = str(port.at("targetPort") if port.at("targetPort").present else port.at("port"))
        other = "grpc" in label or "metric" in label or "admin" in label or port.at("protocol").text in ("UDP", "SCTP")
        if not other and ("http" in label or "web" in label or target in probed or _is_web(port)):
            found.append(port)
    return found


def _is_web(port: Node) -> bool:
    return port.at("port").number in _WEB_PORTS and not port.at("name").text
