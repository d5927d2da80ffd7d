"""What in an App repo says how something runs: Kubernetes objects, Compose files, settings of monitoring."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from apparch.app.repo import AppRepo
from apparch.repository import Node, Place, Problem
from apparch.repository.json_file import parse_json
from apparch.repository.kustomize.layer import FILE_NAMES
from apparch.repository.yaml_file import parse_yaml

TOOLS = re.compile(
    r"(.*[.])?(backstage|kind[.]x-k8s|k3d|eksctl|garden|okteto|porter|openslo|krew[.]googlecontainertools"
    r"|cluster[.]x-k8s|kubeadm[.]k8s|kubelet[.]config[.]k8s|kubeproxy[.]config[.]k8s|kubescheduler[.]config[.]k8s"
    r"|apiserver[.]config[.]k8s|apiserver[.]k8s|audit[.]k8s|client[.]authentication[.]k8s|kustomize[.]config[.]k8s"
    r"|deploy[.]cloud[.]google|cli[.]kyverno|ctlptl|tilt|conftest|scorecard[.]operatorframework|skaffold"
    r"|score|chainsaw[.]kyverno|kuttl)([.].*|$)"
)
"""Groups of tools whose files only look like objects."""
MONITORING = frozenset(
    {"monitoring.coreos.com", "monitoring.googleapis.com", "grafana.integreatly.org", "operator.victoriametrics.com"}
)
STORAGE = frozenset({"PersistentVolumeClaim", "PersistentVolume", "StorageClass"})
CONTROLLERS = frozenset({"traefik.io", "traefik.containo.us", "helm.cattle.io", "configuration.konghq.com"})
_SHAPED = re.compile(r"^[ \t]*\"?apiVersion\"?\s*:", re.MULTILINE)
_KIND = re.compile(r"^[ \t]*\"?kind\"?\s*:\s*\"?([A-Z]\w+)", re.MULTILINE)
_TEMPLATE = re.compile(r"\{\{|\{%")
_TEMPLATE_KIND = re.compile(
    r"^kind:[ ]*(Deployment|StatefulSet|DaemonSet|Service|Ingress|ConfigMap|Secret|CronJob|Job|NetworkPolicy"
    r"|HorizontalPodAutoscaler|PodDisruptionBudget|ServiceAccount|Role|RoleBinding)[ ]*$",
    re.MULTILINE,
)
_ENDINGS = (".yaml", ".yml", ".json")
_TEMPLATE_ENDINGS = re.compile(r"[.](ya?ml|json)[.](tmpl|tpl|j2|jinja2?|erb|template|in)$")


@dataclass(frozen=True)
class Object:
    """One Kubernetes object as it is written."""

    kind: str
    group: str
    """The API group; empty for the core one."""
    place: Place

    @property
    def belongs(self) -> str:
        """The rule that is about this kind of object in particular."""
        if self.group in MONITORING or self.group in CONTROLLERS:
            return "OWN017"
        return "OWN013" if self.kind in STORAGE and self.group in ("", "storage.k8s.io") else "OWN008"


def objects(app: AppRepo) -> tuple[Object, ...]:
    """The objects in the app's product and beside it, in the order of the files; those of charts are the chart's."""
    known = app.root.memo(objects)
    if app.directory not in known:
        known[app.directory] = tuple(each for path in (*app.product, *app.beside) for each in _objects(app, path))
    found: tuple[Object, ...] = known[app.directory]
    return found


def documents(app: AppRepo, path: str, wanted: re.Pattern[str]) -> tuple[Node, ...]:
    """The documents of a YAML or JSON file whose text shows what is wanted; nothing of a template or a broken file."""
    if not path.endswith(_ENDINGS):
        return ()
    text = app.glance(path)
    if not wanted.search(text) or _TEMPLATE.search(text):
        return ()
    if path.endswith(".json"):
        node = app.root.parsed(path, parse_json)
        return () if isinstance(node, Problem) else (node,)
    parsed = app.root.parsed(path, parse_yaml)
    return () if isinstance(parsed, Problem) else parsed


def _objects(app: AppRepo, path: str) -> Iterator[Object]:
    if path.rpartition("/")[2] in FILE_NAMES or app.root.in_chart(path):
        return
    templated = _TEMPLATE_ENDINGS.search(path)
    if not path.endswith(_ENDINGS) and not templated:
        return
    text = app.glance(path)
    if "kind" not in text or not _SHAPED.search(text) or not _KIND.search(text):
        return
    if templated or _TEMPLATE.search(text):
        for match in _TEMPLATE_KIND.finditer(text):
            yield Object(match[1], "", Place(path, text.count("\n", 0, match.start()) + 1, 1))
        return
    for document in documents(app, path, _KIND):
        items = document.at("items").elements() if document.at("kind").text == "List" else [document]
        for node in items:
            if (found := _object(node)) is not None:
                yield found


def _object(node: Node) -> Object | None:
    version, kind, metadata = node.at("apiVersion").text, node.at("kind").text, node.at("metadata")
    named = metadata.at("name").present or metadata.at("generateName").present
    if not version or not kind or not named:
        return None
    group, slash, _ = version.rpartition("/")
    if (not slash and version != "v1") or TOOLS.fullmatch(group):
        return None
    return Object(kind, group, node.key("kind"))
