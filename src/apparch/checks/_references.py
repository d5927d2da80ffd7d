"""The judge of MAN about references: what a rendered object points to is in the same rendering."""

from __future__ import annotations

from collections.abc import Iterator

from apparch.checks._deploy import finding, is_substituted, untold
from apparch.deploy.objects import Environment, Seen, app_containers
from apparch.deploy.pods import WORKLOADS, all_containers, pod, pod_labels, selects
from apparch.deploy.repo import DeployRepo
from apparch.finding import Answer
from apparch.repository import Node
from apparch.repository.kustomize.objects import kind, name, namespace

MAKERS = ("HelmRelease", "HelmChart")
"""What makes objects of any kind and name at run time."""


def man013(deploy: DeployRepo) -> Iterator[Answer]:
    """Labels, names and ports that an overlay's objects point to are those of objects beside them."""
    made = any(each.rendering.of_kind(*MAKERS) for each in deploy.environments)
    for environment in deploy.environments:
        if not environment.overlay or not environment.rendering.whole:
            continue
        beside = deploy.rendered[environment.key]
        if not any(app_containers(each) for each in beside):
            continue
        yield from _services(beside)
        yield from _backends(environment)
        yield from _scaled(environment)
        for each in beside:
            if app_containers(each, before=True) and not made:
                yield from _of_pods(each.node, environment)
    yield from untold(deploy, "MAN013")


def _services(beside: list[Seen]) -> Iterator[Answer]:
    """A Service of a workload's name, or of its first label, that selects none of its pods."""
    workloads = [each.node for each in beside if kind(each.node) in WORKLOADS]
    for service in (each.node for each in beside if kind(each.node) == "Service"):
        selector = service.at("spec", "selector")
        near = [each for each in workloads if namespace(each) == namespace(service)]
        if not selector.value or any(selects(selector, pod_labels(each)) for each in near):
            continue
        if any(name(each) == name(service) for each in near):
            said = ", ".join(f"{key}: {value}" for key, value in selector.items())
            yield finding(
                "MAN013",
                selector,
                f"Service {name(service)}의 셀렉터에 맞는 Pod가 없다: {said}",
                f"the selector of Service {name(service)} fits no pod: {said}",
            )


def _backends(environment: Environment) -> Iterator[Answer]:
    services = {name(node): node for node in environment.rendering.of_kind("Service")}
    for ingress in environment.rendering.of_kind("Ingress"):
        for node in ingress.at("spec").walk():
            target = node.at("service", "name")
            service = services.get(target.text or "")
            port = node.at("service", "port")
            if service is None:
                continue
            ports = service.at("spec", "ports").elements()
            known = {each.at("name").value for each in ports} | {each.at("port").value for each in ports}
            for said in (port.at("name"), port.at("number")):
                if said.present and said.value not in known:
                    yield finding(
                        "MAN013",
                        said,
                        f"Ingress {name(ingress)}의 포트 {said}: Service {target}에 없다",
                        f"the Service {target} has no port {said}, which Ingress {name(ingress)} names",
                    )


def _scaled(environment: Environment) -> Iterator[Answer]:
    for scaler in environment.rendering.of_kind("HorizontalPodAutoscaler"):
        target = scaler.at("spec", "scaleTargetRef")
        what, label = target.at("kind").text or "", target.at("name")
        if what in WORKLOADS and not any(name(node) == label.text for node in environment.rendering.of_kind(what)):
            yield finding(
                "MAN013",
                label,
                f"HorizontalPodAutoscaler {name(scaler)}: 늘릴 것이 없다, {what} {label}",
                f"the HorizontalPodAutoscaler {name(scaler)} scales {what} {label}, which is not there",
            )


def _of_pods(workload: Node, environment: Environment) -> Iterator[Answer]:
    """The ConfigMaps, claims and the account that pods name; Secrets may be made by others at any time."""
    spec = pod(workload)
    wanted: list[tuple[str, Node]] = [("ServiceAccount", spec.at("serviceAccountName"))]
    for container in all_containers(workload):
        sources = [each.at("configMapRef") for each in container.at("envFrom").elements()]
        sources += [each.at("valueFrom", "configMapKeyRef") for each in container.at("env").elements()]
        wanted += [("ConfigMap", each.at("name")) for each in sources if each.at("optional").value is not True]
    for volume in spec.at("volumes").elements():
        if volume.at("configMap", "optional").value is not True:
            wanted.append(("ConfigMap", volume.at("configMap", "name")))
        wanted.append(("PersistentVolumeClaim", volume.at("persistentVolumeClaim", "claimName")))
    for what, label in wanted:
        if not label.text or label.text in ("default", "kube-root-ca.crt") or is_substituted(label.text):
            continue
        if not any(name(node) == label.text for node in environment.rendering.of_kind(what)):
            yield finding(
                "MAN013",
                label,
                f"{kind(workload)} {name(workload)}: 가리키는 것이 없다, {what} {label}",
                f"{kind(workload)} {name(workload)} refers to {what} {label}, which is not rendered with it",
            )
