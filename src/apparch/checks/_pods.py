"""The judges of what an app's pods ask of a cluster: memory and CPU, replicas, volumes for logs, time to end."""

from __future__ import annotations

import re
from collections.abc import Iterator

from apparch.checks._deploy import app_pods, finding, is_substituted, of_kind, untold
from apparch.checks._served import beside, is_for_development, services_of
from apparch.deploy.objects import Seen, app_containers
from apparch.deploy.pods import pod, pod_labels, selects
from apparch.deploy.quantities import quantity
from apparch.deploy.repo import DeployRepo
from apparch.finding import Answer
from apparch.repository import Node
from apparch.repository.kustomize.objects import kind, name, namespace

LASTING = ("Deployment", "StatefulSet", "Rollout")
SCALERS = ("HorizontalPodAutoscaler", "ScaledObject")
_LOGS = re.compile(r"(^|[/_.-])logs?($|[/_.-])", re.IGNORECASE)
_GRACE = 30.0
"""Seconds that Kubernetes gives a pod that states none."""


def res019(deploy: DeployRepo) -> Iterator[Answer]:
    """A memory limit equals the request, and there is a CPU request."""
    for each, container in app_pods(deploy):
        if kind(each.node) not in LASTING or not each.complete or is_given_elsewhere(deploy, each):
            continue
        title, resources = f"{kind(each.node)} {name(each.node)}", container.at("resources")
        limit, request = resources.at("limits", "memory"), resources.at("requests", "memory")
        wanted = {"limits.memory": limit, "requests.memory": request, "requests.cpu": resources.at("requests", "cpu")}
        if not request.present and limit.present:
            del wanted["requests.memory"]  # Kubernetes takes the limit for it
        lacking = ", ".join(key for key, node in wanted.items() if not node.present)
        if lacking:
            where = container.key("resources") if resources.present else container.at("name")
            yield finding(
                "RES019",
                where,
                f"{title}의 컨테이너 {container.at('name')}에 없는 값: {lacking}",
                f"the container {container.at('name')} of {title} states no {lacking}",
            )
        sizes = [quantity(str(node)) for node in (limit, request) if node.present]
        if len(sizes) == 2 and None not in sizes and sizes[0] != sizes[1]:
            yield finding(
                "RES019",
                limit,
                f"{title}의 메모리 한도 {limit}이 요청 {request}과 다르다",
                f"the memory limit of {title} is {limit} and its request {request}",
            )
    yield from untold(deploy, "RES019")


def is_given_elsewhere(deploy: DeployRepo, each: Seen) -> bool:
    """Whether the pod as a whole states resources, or a LimitRange gives some to what states none."""
    if pod(each.node).at("resources").present:
        return True
    return any(
        other.environment is each.environment and namespace(other.node) in ("", namespace(each.node))
        for other in of_kind(deploy, "LimitRange")
    )


def res020(deploy: DeployRepo) -> Iterator[Answer]:
    """Two replicas or more, with a budget that lets one of them be away; a singleton says that it is one."""
    for each in of_kind(deploy, "Deployment", "Rollout", complete=True):
        if not app_containers(each) or is_for_development(each) or _is_singleton(each.node):
            continue
        title, replicas = f"{kind(each.node)} {name(each.node)}", each.node.at("spec", "replicas")
        near = list(beside(deploy, each))
        scaled = any(kind(other) in SCALERS and _target(other) == name(each.node) for other in near)
        if (replicas.present and replicas.number is None) or replicas.number == 0:
            continue
        if not scaled and (replicas.number or 1) < 2:
            yield finding(
                "RES020",
                replicas if replicas.present else each.node.at("metadata", "name"),
                f"{title}의 복제본이 하나다",
                f"{title} runs one replica",
            )
            continue
        budgets = [other for other in near if kind(other) == "PodDisruptionBudget"]
        own = [other for other in budgets if selects(other.at("spec", "selector"), pod_labels(each.node))]
        if not own and (each.environment is None or each.environment.rendering.whole):
            where = each.node.at("metadata", "name")
            yield finding(
                "RES020",
                where,
                f"{title}의 파드를 고르는 PodDisruptionBudget이 없다",
                f"no PodDisruptionBudget selects the pods of {title}",
            )
        for budget in own:
            allowed = budget.at("spec", "maxUnavailable")
            if allowed.value != 1:
                yield finding(
                    "RES020",
                    allowed if allowed.present else budget.at("metadata", "name"),
                    f"PodDisruptionBudget {name(budget)}의 maxUnavailable이 1이 아니다",
                    f"the PodDisruptionBudget {name(budget)} does not state maxUnavailable: 1",
                )
    yield from untold(deploy, "RES020")


def _is_singleton(workload: Node) -> bool:
    return workload.at("spec", "strategy", "type").text == "Recreate"


def _target(scaler: Node) -> str:
    return scaler.at("spec", "scaleTargetRef", "name").text or ""


def log005(deploy: DeployRepo) -> Iterator[Answer]:
    """No volume of an app's pod is there for logs."""
    for each, container in app_pods(deploy):
        volumes = {volume.at("name").text: volume for volume in pod(each.node).at("volumes").elements()}
        for mount in container.at("volumeMounts").elements():
            path, label = mount.at("mountPath"), mount.at("name")
            source = volumes.get(label.text)
            if source is None or any(source.at(key).present for key in ("configMap", "secret", "projected")):
                continue
            if not is_substituted(str(path)) and (_LOGS.search(str(path)) or _LOGS.search(str(label))):
                yield finding(
                    "LOG005",
                    path,
                    f"{kind(each.node)} {name(each.node)}: 로그를 둘 볼륨을 {path}에 붙인다",
                    f"{kind(each.node)} {name(each.node)} mounts a volume for logs at {path}",
                )
    yield from untold(deploy, "LOG005")


def shd011(deploy: DeployRepo) -> Iterator[Answer]:
    """A pod that serves sleeps before it stops, and has more time than that."""
    for each in of_kind(deploy, "Deployment", "Rollout", complete=True):
        own = [container for container in app_containers(each) if container.at("ports").elements()]
        if not own or is_for_development(each) or not services_of(deploy, each):
            continue
        title = f"{kind(each.node)} {name(each.node)}"
        period = pod(each.node).at("terminationGracePeriodSeconds")
        for container in own:
            stop = container.at("lifecycle", "preStop")
            slept = stop.at("sleep", "seconds")
            if not slept.present:
                yield finding(
                    "SHD011",
                    container.at("lifecycle").key("preStop") if stop.present else container.at("name"),
                    f"{title}의 컨테이너 {container.at('name')}에 sleep을 쓰는 preStop이 없다",
                    f"the container {container.at('name')} of {title} has no preStop with the action sleep",
                )
            elif slept.number is not None and slept.number >= _seconds(period):
                yield finding(
                    "SHD011",
                    period if period.present else slept,
                    f"{title}: preStop이 {slept}초를 자는데 유예 시간이 {_seconds(period):g}초다",
                    f"the preStop of {title} sleeps {slept} s of a grace period of {_seconds(period):g} s",
                )
    yield from untold(deploy, "SHD011")


def _seconds(period: Node) -> float:
    return period.number if period.number is not None else _GRACE
