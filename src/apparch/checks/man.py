"""The judges of the family MAN: what a Deploy repo's manifests look like and where they stand."""

from __future__ import annotations

from collections.abc import Iterator

from apparch.catalogue.model import Text
from apparch.checks._automation import man014
from apparch.checks._deploy import app_pods, finding, is_substituted, of_kind, untold
from apparch.checks._kept import man019, man020
from apparch.checks._layout import man001, man002, man003, man004, man010, man015
from apparch.checks._neighbours import man016, man017
from apparch.checks._references import man013
from apparch.deploy.objects import Seen, app_containers
from apparch.deploy.pods import MAKERS, all_containers, pod, pod_labels, selects
from apparch.deploy.repo import DeployRepo
from apparch.finding import Answer, Edit, Finding, Unknown
from apparch.repository import Node, Place
from apparch.repository.kustomize.objects import kind, name, namespace

DEPRECATED = {
    "patchesStrategicMerge": "patches",
    "patchesJson6902": "patches",
    "commonLabels": "labels",
    "bases": "resources",
}
HOST_NAME = "kubernetes.io/hostname"
WEB_PORTS = frozenset({80, 443, 3000, 3001, 4000, 4200, 5000, 8000, 8008, 8080, 8081, 8088, 8443, 8888, 9000})
ENTRY_POINTS = "traefik.ingress.kubernetes.io/router.entrypoints"
ALB_PORTS = "alb.ingress.kubernetes.io/listen-ports"
"""Where an Ingress on AWS says at which ports it listens, which is all that tells of no TLS."""
TLS_ELSEWHERE = (
    "alb.ingress.kubernetes.io/",
    "networking.gke.io/managed-certificates",
    "ingress.gcp.kubernetes.io/",
    "appgw.ingress.kubernetes.io/",
    "ingress.kubernetes.io/ssl-cert",
)


def man006(deploy: DeployRepo) -> Iterator[Answer]:
    """No kustomization uses a deprecated field."""
    for path, node in deploy.kustomizations.items():
        if "toolkit.fluxcd.io" in (node.at("apiVersion").text or ""):
            continue
        for old, new in DEPRECATED.items():
            if node.at(old).present:
                text = deploy.root.text(path)
                renamed = old == "bases" and not node.at(new).present and isinstance(text, str)
                repair = (Edit(path, "\nbases:", "\nresources:"),) if renamed else ()
                message = Text(ko=f"{old} 대신 {new} 필드를 쓴다", en=f"{old} is deprecated: use {new}")
                yield Finding("MAN006", node.key(old), message, repair=repair)


def man008(deploy: DeployRepo) -> Iterator[Answer]:
    """Only a Job says which command of the app's image runs."""
    for each, container in app_pods(deploy):
        if kind(each.node) in ("Job", "CronJob"):
            continue
        stated = [key for key in ("command", "args") if container.at(key).present]
        if stated:
            title, words = f"{kind(each.node)} {name(each.node)}", " · ".join(stated)
            yield finding(
                "MAN008",
                container.key(stated[0]),
                f"{title}의 컨테이너가 {words} 필드로 이미지의 시작 명령을 바꾼다",
                f"the container of {title} overrides how its image starts, by {' and '.join(stated)}",
            )
    yield from untold(deploy, "MAN008")


def man009(deploy: DeployRepo) -> Iterator[Answer]:
    """The app's values come from its ConfigMap and its Secret."""
    for _, container in app_pods(deploy, before=True):
        for variable in container.at("env").elements():
            value, label = variable.at("value"), variable.at("name")
            if value.value not in (None, ""):
                yield finding(
                    "MAN009",
                    variable.key("value"),
                    f"변수 {label}의 값이 워크로드에 바로 적혀 있다",
                    f"the value of {label} is written into the workload",
                )
            for key, ending in (("configMapKeyRef", "-config"), ("secretKeyRef", "-secrets")):
                yield from _source(variable.at("valueFrom", key, "name"), ending)
        for source in container.at("envFrom").elements():
            for key, ending in (("configMapRef", "-config"), ("secretRef", "-secrets")):
                yield from _source(source.at(key, "name"), ending)
    yield from untold(deploy, "MAN009")


def _source(reference: Node, ending: str) -> Iterator[Answer]:
    said = reference.earlier or reference
    if said.text and not said.text.endswith(ending) and not _hashed(said.text, ending):
        yield finding(
            "MAN009",
            said,
            f"값을 {said.text}에서 받는다: 이름은 app{ending}이어야 한다",
            f"values come from {said.text}, not from app{ending}",
        )


def _hashed(text: str, ending: str) -> bool:
    head, _, last = text.rpartition("-")
    return head.endswith(ending) and len(last) == 10


def man011(deploy: DeployRepo) -> Iterator[Answer]:
    """An app's Service is a ClusterIP, unless it is not HTTP and an overlay says so."""
    for each in of_kind(deploy, "Service"):
        stated = each.node.at("spec", "type")
        if each.system or stated.text not in ("LoadBalancer", "NodePort"):
            continue
        near = deploy.rendered[each.environment.key] if each.environment else deploy.objects
        pods = [other for other in near if _beside(other, each) and app_containers(other)]
        if not any(selects(each.node.at("spec", "selector"), pod_labels(other.node)) for other in pods):
            continue
        web = _speaks_http(each.node, pods)
        title = f"Service {name(each.node)}"
        if web is None:
            reason = Text(ko=f"{title}에 HTTP가 오가는지 알 수 없다", en=f"whether {title} speaks HTTP is not known")
            yield Unknown("MAN011", stated.place, reason)
        elif web:
            yield finding(
                "MAN011",
                stated,
                f"{title}의 type이 {stated}이다: HTTP는 ClusterIP와 Ingress로 받는다",
                f"{title} is a {stated}: HTTP enters by a ClusterIP and an Ingress",
            )
        elif (
            each.environment
            and not each.environment.install
            and not stated.place.path.startswith(f"{each.environment.directory}/")
        ):
            yield finding(
                "MAN011",
                stated,
                f"{title}의 type {stated}은 base가 아니라 오버레이가 정한다",
                f"{title} is a {stated} in the base: that is for an overlay to state",
            )
    yield from untold(deploy, "MAN011")


def _beside(one: Seen, other: Seen) -> bool:
    if one.environment is not other.environment:
        return False
    return one.environment is not None or namespace(one.node) == namespace(other.node)


def _speaks_http(service: Node, pods: list[Seen]) -> bool | None:
    """Whether a Service leads to HTTP, by its ports and the probes behind them; None if nothing tells."""
    probed = {
        str(probe.at("httpGet", "port"))
        for each in pods
        for container in all_containers(each.node)
        for key, probe in container.items()
        if key.endswith("Probe") and probe.at("httpGet").present
    }
    said: set[bool] = set()
    for port in service.at("spec", "ports").elements():
        label = f"{port.at('name').text or ''} {port.at('appProtocol').text or ''}".lower()
        target = str(port.at("targetPort")) if port.at("targetPort").present else str(port.at("port"))
        if port.at("protocol").text in ("UDP", "SCTP"):
            said.add(False)
        elif "http" in label or "web" in label or target in probed or port.at("port").number in WEB_PORTS:
            said.add(True)
        elif label.strip():
            said.add(False)
    return True if True in said else False if said else None


def man012(deploy: DeployRepo) -> Iterator[Answer]:
    """An Ingress has a pathType on each path, a host, websecure and TLS."""
    for each in of_kind(deploy, "Ingress", complete=True):
        if (each.node.at("apiVersion").text or "").startswith("networking.k8s.io/"):
            yield from _path_types(each.node)
            if each.environment is None or each.environment.stage != "development":
                yield from _entry(each.node)
                yield from _tls(each.node)
    yield from untold(deploy, "MAN012")


def _path_types(ingress: Node) -> Iterator[Answer]:
    for rule in ingress.at("spec", "rules").elements():
        for path in rule.at("http", "paths").elements():
            if not path.at("pathType").text:
                yield finding(
                    "MAN012",
                    path,
                    f"Ingress {name(ingress)}의 경로 {path.at('path')}에 pathType이 없다",
                    f"the path {path.at('path')} of Ingress {name(ingress)} has no pathType",
                )


def _entry(ingress: Node) -> Iterator[Answer]:
    said, names = ingress.at("metadata", "annotations"), ingress.at("spec", "ingressClassName")
    controller = names.text or said.at("kubernetes.io/ingress.class").text or ""
    traefik = "traefik" in controller or (not controller and any("traefik" in key for key, _ in said.items()))
    if traefik and said.at(ENTRY_POINTS).text != "websecure":
        where = said.key(ENTRY_POINTS) if said.at(ENTRY_POINTS).present else ingress.at("metadata").place
        yield finding(
            "MAN012",
            where,
            f"Ingress {name(ingress)}의 진입점이 websecure가 아니다",
            f"Ingress {name(ingress)} is not bound to the entry point websecure alone",
        )


def _tls(ingress: Node) -> Iterator[Answer]:
    annotations = ingress.at("metadata", "annotations")
    ports = annotations.at(ALB_PORTS).text or "HTTPS"
    if "HTTPS" in ports and any(key.startswith(TLS_ELSEWHERE) for key, _ in annotations.items()):
        reason = Text(ko="TLS를 컨트롤러가 따로 갖춘다", en="its controller brings TLS by itself")
        yield Unknown("MAN012", ingress.place, reason)
        return
    entries = ingress.at("spec", "tls").elements()
    for entry in entries:
        if not entry.at("secretName").text:
            yield finding(
                "MAN012",
                entry,
                f"Ingress {name(ingress)}의 tls 항목에 secretName이 없다",
                f"an entry under tls of Ingress {name(ingress)} has no secretName",
            )
    covered = [each.text or "" for entry in entries for each in entry.at("hosts").elements()]
    open_entry = any(not entry.at("hosts").elements() for entry in entries)
    for rule in ingress.at("spec", "rules").elements():
        host = rule.at("host")
        if not host.text:
            yield finding(
                "MAN012",
                rule,
                f"Ingress {name(ingress)}의 규칙에 호스트 이름이 없다",
                f"a rule of Ingress {name(ingress)} has no host",
            )
        elif not open_entry and not any(_covers(each, host.text) for each in covered):
            yield finding(
                "MAN012",
                host,
                f"Ingress {name(ingress)}의 호스트 {host.text}에 TLS가 없다",
                f"the host {host.text} of Ingress {name(ingress)} has no TLS",
            )


def _covers(pattern: str, host: str) -> bool:
    return pattern == host or (pattern.startswith("*.") and host.partition(".")[2] == pattern[2:])


def man018(deploy: DeployRepo) -> Iterator[Answer]:
    """No app's pod names a node or takes a port of one."""
    for each in of_kind(deploy, *MAKERS):
        if not app_containers(each, before=True):
            continue
        title = f"{kind(each.node)} {name(each.node)}"
        for place, words in _bound(pod(each.node)):
            yield finding("MAN018", place, f"{title}: {words}", f"{title} is bound to a host by {words}")
    yield from untold(deploy, "MAN018")


def _bound(spec: Node) -> Iterator[tuple[Place, str]]:
    if spec.at("nodeName").text and not is_substituted(str(spec.at("nodeName"))):
        yield spec.key("nodeName"), "nodeName"
    if spec.at("hostNetwork").value is True:
        yield spec.key("hostNetwork"), "hostNetwork"
    if spec.at("nodeSelector", HOST_NAME).present:
        yield spec.at("nodeSelector").key(HOST_NAME), f"nodeSelector {HOST_NAME}"
    for node in spec.at("affinity", "nodeAffinity").walk():
        if node.at("key").text in (HOST_NAME, "metadata.name") and node.at("operator").present:
            yield node.at("key").place, f"nodeAffinity {node.at('key').text}"
    for field in ("initContainers", "containers"):
        for container in spec.at(field).elements():
            for port in container.at("ports").elements():
                if port.at("hostPort").number:
                    yield port.key("hostPort"), f"hostPort {port.at('hostPort')}"


__all__ = [
    "man001",
    "man002",
    "man003",
    "man004",
    "man010",
    "man013",
    "man014",
    "man015",
    "man016",
    "man017",
    "man019",
    "man020",
]
