"""The environments that installs of a repository's own charts make."""

from __future__ import annotations

import posixpath
from dataclasses import replace

from apparch.deploy.installs import Install
from apparch.deploy.objects import Environment, Seen, app_containers, is_system
from apparch.repository.helm.build import render
from apparch.repository.kubernetes import flattened
from apparch.repository.kustomize import Rendering
from apparch.repository.kustomize.objects import cluster_wide
from apparch.repository.nodes import Node
from apparch.repository.places import Place, Problem
from apparch.repository.view import Repository
from apparch.repository.yaml_file import parse_yaml

_TEST = ("test", "test-success", "test-failure")
SPACE = "{{ .Release.Namespace }}"
"""What stands for a Namespace that the release gives and nothing tells."""


def released(repository: Repository, install: Install) -> tuple[Environment, tuple[Seen, ...]]:
    """An install's environment, and what it applies."""
    rendered = render(repository, install.chart or ".", install.values, install.release)
    objects: list[Seen] = []
    for each in rendered.made:
        for node in flattened(each.node):
            if not _is_test(node):
                placed = _placed(node, install)
                complete = each.complete and install.complete
                objects.append(Seen(placed, complete=complete, system=is_system(placed, "")))
    if _is_copied(repository, install.chart) and not any(app_containers(each, before=True) for each in objects):
        objects = []
    rendering = Rendering(
        install.chart,
        tuple(each.node for each in objects),
        next(iter(rendered.problems), None),
        whole=rendered.complete,
    )
    key = f"{install.chart}@{install.said.path}:{install.said.line}"
    environment = Environment(
        install.chart, install.stage, rendering, Node({}, install.said), install.stage is not None, key
    )
    return environment, tuple(replace(each, environment=environment) for each in objects)


def _is_copied(repository: Repository, chart: str) -> bool:
    """Whether a chart is published by somebody, as its picture and its sources tell."""
    found = repository.parsed(posixpath.normpath(f"{chart}/Chart.yaml"), parse_yaml)
    metadata = found[0] if not isinstance(found, Problem) and found else Node({}, Place(chart))
    return bool(metadata.at("icon").text) and bool(metadata.at("sources").elements() or metadata.at("home").text)


def _is_test(node: Node) -> bool:
    hooks = (node.at("metadata", "annotations", "helm.sh/hook").text or "").split(",")
    return any(each.strip() in _TEST for each in hooks)


def _placed(node: Node, install: Install) -> Node:
    """An object in the Namespace of its release, where it names none."""
    metadata = node.at("metadata")
    if cluster_wide(node) or metadata.at("namespace").text or not isinstance(metadata.value, dict):
        return node
    space = Node(install.release.namespace or SPACE, install.said)
    entries = dict(node.items())
    entries["metadata"] = replace(metadata, value={**metadata.value, "namespace": space})
    return replace(node, value=entries)
