"""The judge of MAN about references: what a rendered object points to is in the same rendering."""

from __future__ import annotations

import posixpath
from collections import Counter
from collections.abc import Iterator, Sequence

from apparch.checks._deploy import finding, is_substituted, untold
from apparch.deploy.objects import Environment, Seen, app_containers
from apparch.deploy.pods import MAKERS as POD_MAKERS
from apparch.deploy.pods import WORKLOADS, all_containers, pod, pod_labels, selects
from apparch.deploy.repo import DeployRepo
from apparch.finding import Answer
from apparch.repository import Node
from apparch.repository.kustomize.objects import kind, name, namespace

MAKERS = ("HelmRelease", "HelmChart")
"""What makes objects of any kind and name at run time."""
_PLAIN = frozenset({"apps", "batch", "autoscaling", "policy", "traefik.io", "cert-manager.io", "external-secrets.io"})
"""Groups beside those of Kubernetes whose objects make no Service and no pod that an app's manifests would name."""


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
        yield from _backends(environment.rendering.objects)
        if not made and all(_is_plain(each.node) for each in beside):
            yield from _missing(deploy, environment)
        yield from _scaled(environment)
        for each in beside:
            if app_containers(each, before=True) and not made:
                yield from _of_pods(each.node, environment)
    for beside in _loose(deploy):
        yield from _backends([each.node for each in beside])
        if not made and all(_is_plain(each.node) for each in beside):
            yield from _unmet(beside)
    yield from untold(deploy, "MAN013")


def _is_plain(node: Node) -> bool:
    """Whether an object makes no others: what an operator reads may stand for Services and pods."""
    group, slash, _ = (node.at("apiVersion").text or "").rpartition("/")
    return not slash or group in _PLAIN or group.endswith(".k8s.io")


def _loose(deploy: DeployRepo) -> list[list[Seen]]:
    """The objects that no kustomization and no chart has, by their folder and Namespace."""
    found: dict[tuple[str, str], list[Seen]] = {}
    for each in deploy.objects:
        if each.environment is None and each.complete:
            key = (posixpath.dirname(each.node.place.path), namespace(each.node))
            found.setdefault(key, []).append(each)
    return list(found.values())


def _unmet(beside: list[Seen]) -> Iterator[Answer]:
    """The one Service of a folder whose workloads are all others than it selects."""
    workloads = [each.node for each in beside if kind(each.node) in POD_MAKERS]
    services = [each.node for each in beside if kind(each.node) == "Service"]
    if len(services) != 1 or not workloads:
        return
    selector = services[0].at("spec", "selector")
    if selector.value and not any(selects(selector, pod_labels(each)) for each in workloads):
        yield _fits_none(services[0])


def _missing(deploy: DeployRepo, environment: Environment) -> Iterator[Answer]:
    """The Services that an Ingress names and that nothing of the repository is called like."""
    known = {name(each.node) for each in deploy.objects if kind(each.node) == "Service"}
    if not environment.rendering.of_kind("Service"):
        return
    for ingress in environment.rendering.of_kind("Ingress"):
        targets = {each.text: each for node in ingress.at("spec").walk() if (each := node.at("service", "name")).text}
        for label, target in targets.items():
            if label not in known and not is_substituted(str(target)):
                yield finding(
                    "MAN013",
                    target,
                    f"Ingress {name(ingress)}: Service {target}이(가) 없다",
                    f"the Ingress {name(ingress)} leads to the Service {target}, which is not there",
                )


def _services(beside: list[Seen]) -> Iterator[Answer]:
    """A Service of a workload's name, or of its first label, that selects none of its pods."""
    workloads = [each.node for each in beside if kind(each.node) in WORKLOADS]
    for service in (each.node for each in beside if kind(each.node) == "Service"):
        selector = service.at("spec", "selector")
        near = [each for each in workloads if namespace(each) == namespace(service)]
        if not selector.value or any(selects(selector, pod_labels(each)) for each in near):
            continue
        if any(name(each) == name(service) for each in near):
            yield _fits_none(service)


def _fits_none(service: Node) -> Answer:
    selector = service.at("spec", "selector")
    said = ", ".join(f"{key}: {value}" for key, value in selector.items())
    return finding(
        "MAN013",
        selector,
        f"Service {name(service)}의 셀렉터에 맞는 Pod가 없다: {said}",
        f"the selector of Service {name(service)} fits no pod: {said}",
    )


def _backends(beside: Sequence[Node]) -> Iterator[Answer]:
    named = Counter(name(node) for node in beside if kind(node) == "Service")
    services = {name(node): node for node in beside if kind(node) == "Service" and named[name(node)] == 1}
    for ingress in (node for node in beside if kind(node) == "Ingress"):
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
