"""The judges of how an app's pods are asked: by probes, by their Service, by Prometheus."""

from __future__ import annotations

from collections.abc import Iterator

from apparch.catalogue.model import Text
from apparch.checks._deploy import app_pods, finding, is_substituted, of_kind, spot, untold
from apparch.checks._pods import LASTING
from apparch.checks._served import is_for_development, services_of, web_ports
from apparch.deploy.objects import Seen, app_containers
from apparch.deploy.pods import containers, selects
from apparch.deploy.repo import DeployRepo
from apparch.finding import Answer, Finding, Related
from apparch.repository import Node
from apparch.repository.kustomize.objects import kind, name

PROBES = ("startupProbe", "livenessProbe", "readinessProbe")


def prb012(deploy: DeployRepo) -> Iterator[Answer]:
    """Each probe asks a path of its own on the port http, with a time limit that is written out."""
    for each in of_kind(deploy, *LASTING, complete=True):
        served = any(web_ports(service, each.node) for service in services_of(deploy, each))
        for container in app_containers(each):
            asked = {key: container.at(key) for key in PROBES if container.at(key, "httpGet").present}
            title = f"{kind(each.node)} {name(each.node)}"
            if served and container.at("ports").elements() and not is_for_development(each):
                yield from _lacking(container, title)
            for key, probe in asked.items():
                yield from _judged(container, key, probe, title)
            yield from _shared(asked, title)
    yield from untold(deploy, "PRB012")


def _lacking(container: Node, title: str) -> Iterator[Answer]:
    lacking = [key for key in PROBES[1:] if not container.at(key).present]
    if lacking:
        words = ", ".join(lacking)
        yield finding(
            "PRB012",
            container.at("name"),
            f"{title}의 컨테이너 {container.at('name')}에 없는 것: {words}",
            f"the container {container.at('name')} of {title} has no {' and no '.join(lacking)}",
        )


def _judged(container: Node, key: str, probe: Node, title: str) -> Iterator[Answer]:
    port = probe.at("httpGet", "port")
    ko, en = [], []
    if port.text != "http" and not is_substituted(str(port)):
        ko.append(f"포트 {port}에 묻는다: http라는 이름이 아니다")
        en.append(f"asks the port {port}, not the one named http")
    if not probe.at("timeoutSeconds").present:
        ko.append("timeoutSeconds가 없다")
        en.append("states no timeoutSeconds")
    if ko:
        yield finding(
            "PRB012",
            container.key(key),
            f"{title}의 {key}: {', '.join(ko)}",
            f"the {key} of {title} {' and '.join(en)}",
        )


def _shared(asked: dict[str, Node], title: str) -> Iterator[Answer]:
    """The paths that two probes ask, readiness beside liveness being the harm."""
    first: dict[str, tuple[str, Node]] = {}
    for key, probe in asked.items():
        path = probe.at("httpGet", "path")
        if path.text in first:
            before, there = first[path.text]
            related = (Related(spot(there), Text(ko=f"{before}", en=before)),)
            message = Text(
                ko=f"{title}: {before}와 {key}가 같은 {path}에 묻는다",
                en=f"the {before} and the {key} of {title} ask the same {path}",
            )
            yield Finding("PRB012", spot(path), message, related)
        elif path.text:
            first[path.text] = (key, path)


def prb013(deploy: DeployRepo) -> Iterator[Answer]:
    """Beside a startupProbe nothing waits by itself."""
    for each, container in app_pods(deploy):
        if not container.at("startupProbe").present:
            continue
        for key in PROBES[1:]:
            delay = container.at(key, "initialDelaySeconds")
            if delay.present and delay.value != 0:
                yield finding(
                    "PRB013",
                    container.at(key).key("initialDelaySeconds"),
                    f"{kind(each.node)} {name(each.node)}: startupProbe가 있는데 {key}가 {delay}초를 기다린다",
                    f"{kind(each.node)} {name(each.node)} has a startupProbe, and its {key} waits {delay} s besides",
                )
    yield from untold(deploy, "PRB013")


def net003(deploy: DeployRepo) -> Iterator[Answer]:
    """The Service opens 80 as http, which leads to the container's port 8080 of that name."""
    for each in of_kind(deploy, *LASTING, complete=True):
        if not app_containers(each):
            continue
        for service in services_of(deploy, each):
            ports = web_ports(service, each.node)
            if service.at("spec", "clusterIP").text == "None" or not ports:
                continue
            if not any(_is_standard(port) for port in ports):
                yield from _opened(service, ports[0])
            yield from _led_to(each)
    yield from untold(deploy, "NET003")


def _is_standard(port: Node) -> bool:
    return not list(_differing(port))


def _differing(port: Node) -> Iterator[str]:
    for key, wanted in (("port", 80), ("name", "http"), ("targetPort", "http")):
        if port.at(key).value != wanted:
            yield f"{key} {port.at(key)}" if port.at(key).present else f"{key} —"


def _opened(service: Node, port: Node) -> Iterator[Answer]:
    words = ", ".join(_differing(port))
    yield finding(
        "NET003",
        port,
        f"Service {name(service)}: port 80, name http, targetPort http와 다른 것: {words}",
        f"the Service {name(service)} has {words}, not port 80, name http, targetPort http",
    )


def _led_to(each: Seen) -> Iterator[Answer]:
    for container in containers(each.node):
        for port in container.at("ports").elements():
            if port.at("name").text == "http" and port.at("containerPort").number not in (8080, None):
                yield finding(
                    "NET003",
                    port.at("containerPort"),
                    f"{kind(each.node)} {name(each.node)}: 포트 http가 8080이 아니라 {port.at('containerPort')}이다",
                    f"the port http of {kind(each.node)} {name(each.node)} is {port.at('containerPort')}, not 8080",
                )


def met007(deploy: DeployRepo) -> Iterator[Answer]:
    """Prometheus asks an app at the port http and the path /metrics."""
    for each in of_kind(deploy, "ServiceMonitor"):
        if not _is_of_an_app(deploy, each):
            continue
        for endpoint in each.node.at("spec", "endpoints").elements():
            port, path = endpoint.at("port"), endpoint.at("path")
            wrong = port if port.text not in ("http", None) else path if path.text not in ("/metrics", None) else None
            if endpoint.at("targetPort").present and not port.present:
                wrong = endpoint.at("targetPort")
            if wrong is not None and not is_substituted(str(wrong)):
                key = "path" if wrong is path else "port"
                wanted = "/metrics" if wrong is path else "http"
                yield finding(
                    "MET007",
                    wrong,
                    f"ServiceMonitor {name(each.node)}: {key} {wanted}가 아니라 {wrong}에서 지표를 가져온다",
                    f"the ServiceMonitor {name(each.node)} asks the {key} {wrong}, not {wanted}",
                )
    yield from untold(deploy, "MET007")


def _is_of_an_app(deploy: DeployRepo, monitor: Seen) -> bool:
    """Whether it selects a Service that leads to an app's pods."""
    for each in of_kind(deploy, *LASTING):
        if app_containers(each) and any(
            selects(monitor.node.at("spec", "selector"), service.at("metadata", "labels"))
            for service in services_of(deploy, each)
        ):
            return True
    return False
