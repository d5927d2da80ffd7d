"""What Helm gives templates besides their values: the release, the chart, its files, what the cluster can do."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from apparch.repository.helm.chart import Chart
from apparch.repository.helm.functions_data import unplaced
from apparch.repository.helm.traced import Items, Map, Unknown, runtime
from apparch.repository.view import Repository

KUBERNETES = (1, 34)
"""The version of Kubernetes that templates are told of."""
_BUILT_IN = frozenset(
    str.split("""
    v1 apps/v1 batch/v1 autoscaling/v1 autoscaling/v2 policy/v1 networking.k8s.io/v1 rbac.authorization.k8s.io/v1
    storage.k8s.io/v1 scheduling.k8s.io/v1 coordination.k8s.io/v1 discovery.k8s.io/v1 events.k8s.io/v1 node.k8s.io/v1
    admissionregistration.k8s.io/v1 apiextensions.k8s.io/v1 apiregistration.k8s.io/v1 authentication.k8s.io/v1
    authorization.k8s.io/v1 certificates.k8s.io/v1 flowcontrol.apiserver.k8s.io/v1
    """)
)
_GROUPS = frozenset({"apps", "batch", "autoscaling", "policy", "extensions", "core"})


@dataclass(frozen=True)
class Release:
    """What Helm is told besides the values."""

    name: str
    namespace: str | None = None
    """None where it is not known into which one it goes."""


def context(repository: Repository, chart: Chart, values: Map, release: Release, label: str) -> Map:
    """What dot is in a template of a chart; `label` is the template's name."""
    title = label.rpartition("/templates/")[0]
    major, minor = KUBERNETES
    version = f"v{major}.{minor}.0"
    said = unplaced(runtime(chart.metadata))
    metadata = said if isinstance(said, Map) else Map()
    return Map({
        "Values": values,
        "Chart": Map(
            {f"{key[:1].upper()}{key[1:]}": each for key, each in metadata.items()}
            | {"Name": chart.name, "IsRoot": "/charts/" not in title}
        ),
        "Release": Map({
            "Name": release.name,
            "Namespace": release.namespace or Unknown(".Release.Namespace"),
            "Service": "Helm", "IsInstall": True, "IsUpgrade": False, "Revision": 1,
        }),
        "Capabilities": Map({
            "KubeVersion": Map({"Version": version, "GitVersion": version, "Major": str(major), "Minor": str(minor)}),
            "APIVersions": Map({"Has": _has}),
            "HelmVersion": Map({"Version": "v3.18.0"}),
        }),
        "Template": Map({"Name": label, "BasePath": f"{title}/templates"}),
        "Files": _files(repository, chart),
        "Subcharts": Map(),
    })  # fmt: skip


def _has(version: Any) -> Any:
    """Whether the cluster knows a version: of what is built in, and of nothing else can it be told."""
    group, _, rest = str(version).partition("/")
    if version in _BUILT_IN or str(version).rpartition("/")[0] in _BUILT_IN:
        return True
    builtin = group in _GROUPS or group.endswith(".k8s.io") or not rest
    gateway = group.endswith((".networking.k8s.io", "gateway.networking.k8s.io", "snapshot.storage.k8s.io", "x-k8s.io"))
    return False if builtin and not gateway else Unknown(f'.Capabilities.APIVersions.Has "{version}"')


def _files(repository: Repository, chart: Chart) -> Map:
    prefix = "" if chart.directory in (".", "") else f"{chart.directory}/"

    def get(name: Any) -> Any:
        path = posixpath.normpath(f"{prefix}{name}")
        text = repository.text(path) if path.startswith(prefix) and repository.has(path) else ""
        return text if isinstance(text, str) else Unknown(f".Files.Get {name}")

    def glob(pattern: Any) -> Any:
        return Unknown(f".Files.Glob {pattern}")

    def lines(name: Any) -> Any:
        text = get(name)
        return Items(text.split("\n")) if isinstance(text, str) else text

    functions: Mapping[str, Any] = {"Get": get, "Glob": glob, "Lines": lines, "AsConfig": glob, "AsSecrets": glob}
    return Map(functions)
