"""The judges of the family MON: what watches an app, and whom it wakes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from apparch.catalogue.model import Text
from apparch.checks._alerts import mon006, mon008, mon009
from apparch.checks._commands import said
from apparch.checks._deploy import finding, is_substituted, of_kind, spot, untold
from apparch.checks._stack import CHART, VALUES, Stack, installed, stacks
from apparch.deploy.objects import used_by
from apparch.deploy.pods import all_containers, selects
from apparch.deploy.repo import DeployRepo
from apparch.finding import Answer, Finding, Unknown
from apparch.repository import Node, Place, Problem
from apparch.repository.json_file import parse_json
from apparch.repository.kustomize.objects import kind, name, namespace
from apparch.repository.roles import role

RELEASE = "kube-prometheus-stack"
ADDRESSES = {
    "slack_configs": ("api_url",),
    "discord_configs": ("webhook_url",),
    "msteams_configs": ("webhook_url",),
    "msteamsv2_configs": ("webhook_url",),
    "pagerduty_configs": ("routing_key", "service_key"),
    "opsgenie_configs": ("api_key",),
    "telegram_configs": ("bot_token",),
    "victorops_configs": ("api_key",),
}
OTHERS = frozenset({"prometheus", "prometheus-operator", "kube-prometheus", "victoria-metrics-k8s-stack"})


def mon001(deploy: DeployRepo) -> Iterator[Answer]:
    """Monitoring is kube-prometheus-stack in the Namespace monitoring, its values in Git."""
    found = list(installed(deploy))
    for each in found:
        if each.chart in OTHERS:
            yield finding(
                "MON001",
                each.place,
                f"모니터링이 차트 {each.chart}이다: {CHART}이 아니다",
                f"monitoring is the chart {each.chart}, not {CHART}",
            )
        elif each.chart == CHART and each.namespace not in ("", "monitoring"):
            yield finding(
                "MON001",
                each.place,
                f"{CHART}: 네임스페이스 {each.namespace}에 설치한다",
                f"{CHART} is installed into the Namespace {each.namespace}",
            )
        elif each.chart == CHART and not deploy.root.has(f"{deploy.repository.prefix}{VALUES}"):
            yield finding(
                "MON001", each.place, f"{CHART}의 값이 {VALUES}에 없다", f"the values of {CHART} are not {VALUES}"
            )
    if not found and not any(True for _ in stacks(deploy)):
        reason = Text(ko="모니터링을 설치하는 것이 없다", en="nothing installs any monitoring")
        yield Unknown("MON001", deploy.home, reason)


def mon002(deploy: DeployRepo) -> Iterator[Answer]:
    """Time series and dashboards are kept on claims, with a retention."""
    for stack in stacks(deploy):
        spec = stack.at("prometheus", "prometheusSpec")
        off = stack.at("prometheus", "enabled").value is False
        if not off and not spec.at("retention").present and not spec.at("retentionSize").present:
            yield _missing(stack, spec, "prometheusSpec.retention")
        if not off and not spec.at("storageSpec").value:
            yield _missing(stack, spec, "prometheusSpec.storageSpec")
        grafana = stack.at("grafana")
        if grafana.at("enabled").value is not False and grafana.at("persistence", "enabled").value is not True:
            yield _missing(stack, grafana, "grafana.persistence")
    for each in of_kind(deploy, "Prometheus", complete=True):
        if "monitoring.coreos.com" in (each.node.at("apiVersion").text or ""):
            lacking = [key for key in ("retention", "storage") if not each.node.at("spec", key).present]
            if lacking:
                words = ", ".join(lacking)
                yield finding(
                    "MON002",
                    each.node.at("metadata", "name"),
                    f"Prometheus {name(each.node)}에 없는 것: {words}",
                    f"the Prometheus {name(each.node)} states no {words}",
                )


def _missing(stack: Stack, node: Node, key: str) -> Finding:
    where = spot(node) if node.present else stack.place
    return finding("MON002", where, f"{key}: 값이 없다", f"{stack.title} states no {key}")


def mon003(deploy: DeployRepo) -> Iterator[Answer]:
    """Dashboards are files in Git that Grafana's sidecar loads."""
    for each in of_kind(deploy, "ConfigMap"):
        boards = [
            value for key, value in each.node.at("data").items() if key.endswith(".json") and _is_board(value.text)
        ]
        if not boards:
            continue
        label = each.node.at("metadata", "name")
        if not each.node.at("metadata", "labels", "grafana_dashboard").present:
            yield finding(
                "MON003",
                label,
                f"ConfigMap {label}의 대시보드에 레이블 grafana_dashboard가 없다",
                f"the ConfigMap {label} holds a dashboard and has no label grafana_dashboard",
            )
        elif namespace(each.node) not in ("", "monitoring") and not is_substituted(namespace(each.node)):
            yield finding(
                "MON003",
                each.node.at("metadata", "namespace"),
                f"대시보드를 네임스페이스 {namespace(each.node)}에 올린다",
                f"a dashboard is loaded into the Namespace {namespace(each.node)}",
            )
    yield from _unloaded(deploy)


def _is_board(text: str | None) -> bool:
    if text is None or '"panels"' not in text:
        return False
    found = parse_json(text, "")
    return not isinstance(found, Problem) and bool(found.at("panels").elements()) and bool(found.at("title").text)


def _unloaded(deploy: DeployRepo) -> Iterator[Answer]:
    used = {each for path, node in deploy.kustomizations.items() for each in used_by(path, node)}
    if any(path.endswith((".tf", ".jsonnet", ".libsonnet")) for path in deploy.files):
        return  # what loads it is not read
    for path in deploy.files:
        if path.endswith(".json") and path not in used and role(path) in ("product", "development"):
            in_chart = any(path.startswith(f"{chart}/") for chart in deploy.charts)
            text = deploy.root.text(path)
            if not in_chart and isinstance(text, str) and _is_board(text):
                yield finding(
                    "MON003",
                    Place(path),
                    "어느 ConfigMap도 올리지 않는 대시보드다",
                    "no ConfigMap loads this dashboard",
                )


def mon004(deploy: DeployRepo) -> Iterator[Answer]:
    """Alertmanager has a default receiver, whose address is no text in Git."""
    elsewhere = any(True for _ in of_kind(deploy, "AlertmanagerConfig"))
    for stack in stacks(deploy):
        manager = stack.at("alertmanager")
        config = manager.at("config")
        own = ("alertmanagerConfiguration", "configSecret", "useExistingSecret", "alertmanagerConfigSelector")
        if manager.at("enabled").value is False or elsewhere:
            continue
        if any(manager.at(key).present or manager.at("alertmanagerSpec", key).present for key in own):
            continue
        receivers = {each.at("name").text: each for each in config.at("receivers").elements()}
        chosen = config.at("route", "receiver")
        target = receivers.get(chosen.text)
        if target is None or not any(key.endswith("_configs") for key, _ in target.items()):
            where = spot(chosen) if chosen.present else spot(manager) if manager.present else stack.place
            yield finding(
                "MON004",
                where,
                "기본 경로의 알림이 아무에게도 닿지 않는다",
                "alerts of the default route reach nobody",
            )
        yield from _addresses(receivers)


def _addresses(receivers: dict[str | None, Node]) -> Iterator[Answer]:
    for receiver in receivers.values():
        for kind_of, keys in ADDRESSES.items():
            for entry in receiver.at(kind_of).elements():
                for key in keys:
                    given = entry.at(key)
                    if given.text and not re.search(r"\$|\{\{|<|PLACEHOLDER", given.text):
                        message = Text(
                            ko=f"수신자 {receiver.at('name')}의 {key}: 값이 그대로 적혀 있다",
                            en=f"the {key} of the receiver {receiver.at('name')} is written in plain text",
                        )
                        yield Finding("MON004", given.place, message, secret=True)


def mon005(deploy: DeployRepo) -> Iterator[Answer]:
    """Monitors and rules carry the label that Prometheus looks for, and monitors see the app's Namespace."""
    releases = {RELEASE, *(each.release for each in installed(deploy) if each.chart == CHART and each.release)}
    anything = any(stack.selects_all for stack in stacks(deploy))
    for each in of_kind(deploy, "ServiceMonitor", "PodMonitor", "PrometheusRule"):
        label = each.node.at("metadata", "labels", "release")
        if not anything and label.text not in releases and (each.complete or label.present):
            said_ko = f"레이블 release가 {label}이다" if label.present else f"레이블 release: {RELEASE}이 없다"
            yield finding(
                "MON005",
                label if label.present else each.node.at("metadata", "name"),
                f"{kind(each.node)} {name(each.node)}의 {said_ko}",
                f"{kind(each.node)} {name(each.node)} has "
                + (f"the label release: {label}" if label.present else f"no label release: {RELEASE}"),
            )
    for each in of_kind(deploy, "ServiceMonitor", complete=True):
        yield from _unseen(deploy, each.node)
    yield from untold(deploy, "MON005")


def _unseen(deploy: DeployRepo, monitor: Node) -> Iterator[Answer]:
    """The Namespaces with a Service that the monitor's labels mean and its selector leaves out."""
    spaces = monitor.at("spec", "namespaceSelector")
    chosen = {each.text for each in spaces.at("matchNames").elements()} or {namespace(monitor)}
    if spaces.at("any").value is True or not namespace(monitor) or is_substituted(namespace(monitor)):
        return
    meant = [
        namespace(each.node)
        for each in of_kind(deploy, "Service")
        if each.environment is not None
        and each.environment.stage in ("production", "staging")
        and selects(monitor.at("spec", "selector"), each.node.at("metadata", "labels"))
    ]
    missed = sorted({each for each in meant if each and each not in chosen and not is_substituted(each)})
    if missed:
        words = ", ".join(missed)
        yield finding(
            "MON005",
            spaces if spaces.present else monitor.at("metadata", "name"),
            f"ServiceMonitor {name(monitor)}: 앱의 네임스페이스를 보지 않는다: {words}",
            f"the ServiceMonitor {name(monitor)} does not look into {words}",
        )


def mon007(deploy: DeployRepo) -> Iterator[Answer]:
    """An HPA is of autoscaling/v2, keeps two replicas and can compute its share."""
    for each in of_kind(deploy, "HorizontalPodAutoscaler", complete=True):
        version, least = each.node.at("apiVersion"), each.node.at("spec", "minReplicas")
        title = f"HorizontalPodAutoscaler {name(each.node)}"
        if version.text != "autoscaling/v2":
            yield finding(
                "MON007",
                version,
                f"{title}의 apiVersion이 {version}이다: autoscaling/v2가 아니다",
                f"{title} is of {version}, not of autoscaling/v2",
            )
        if least.number is None or least.number < 2:
            yield finding(
                "MON007",
                least if least.present else each.node.at("metadata", "name"),
                f"{title}의 minReplicas가 2보다 작다",
                f"{title} may go below two replicas",
            )
        target = each.node.at("spec", "scaleTargetRef")
        objects = each.environment.rendering.objects if each.environment else ()
        for scaled in objects:
            if (kind(scaled), name(scaled)) == (target.at("kind").text, target.at("name").text):
                yield from _uncounted(each.node, scaled)
    yield from untold(deploy, "MON007")


def _uncounted(scaler: Node, scaled: Node) -> Iterator[Answer]:
    for metric in scaler.at("spec", "metrics").elements():
        resource = metric.at("resource", "name")
        if not metric.at("resource", "target", "averageUtilization").present:
            continue
        for container in all_containers(scaled):
            resources = container.at("resources")
            counted = any(resources.at(part, resource.text or "").present for part in ("requests", "limits"))
            if not counted:
                yield finding(
                    "MON007",
                    resource,
                    f"컨테이너 {container.at('name')}에 {resource} 요청이 없어 비율을 계산할 수 없다",
                    f"the container {container.at('name')} requests no {resource}, so no share can be computed",
                )


def mon010(deploy: DeployRepo) -> Iterator[Answer]:
    """Alerts of staging go to another receiver than those of production."""
    found = [stack for stack in stacks(deploy) if stack.at("alertmanager", "config", "route").present]
    spaces = {
        namespace(node)
        for each in deploy.environments
        if each.stage == "staging"
        for node in each.rendering.of_kind("Deployment", "StatefulSet")
    } - {""}
    if len(found) != 1 or not spaces:
        return
    route = found[0].at("alertmanager", "config", "route")
    for branch in route.at("routes").elements():
        told = " ".join(str(each) for key in ("matchers", "match", "match_re") for each in branch.at(key).walk())
        apart = branch.at("receiver").text not in (None, route.at("receiver").text)
        if apart and (re.search(r"(?i)stag|stg", told) or any(space in told for space in spaces)):
            return
    yield finding(
        "MON010",
        route.at("receiver") if route.at("receiver").present else route,
        "스테이징의 알림을 다른 수신자로 보내는 경로가 없다",
        "no route sends the alerts of staging to another receiver",
    )


__all__ = ["mon006", "mon008", "mon009", "said"]
