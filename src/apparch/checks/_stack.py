"""What installs the monitoring, and the values that it is given."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from apparch.checks._commands import said
from apparch.checks._deploy import of_kind, spot
from apparch.deploy.repo import DeployRepo
from apparch.repository import Node, Place, Problem
from apparch.repository.kustomize.objects import kind, name, namespace
from apparch.repository.yaml_file import parse_yaml

CHART = "kube-prometheus-stack"
VALUES = "_shared/monitoring/values.yaml"


@dataclass(frozen=True)
class Installed:
    """A chart that something installs."""

    chart: str
    namespace: str
    """Empty where nothing says it."""
    release: str
    place: Place


@dataclass(frozen=True)
class Stack:
    """The values of kube-prometheus-stack; several files of one folder are one set."""

    parts: tuple[Node, ...]
    place: Place
    title: str

    def at(self, *path: str) -> Node:
        """What the values say there, the last file first; an absent node if none does."""
        found = [part.at(*path) for part in self.parts]
        return next((each for each in reversed(found) if each.present), found[0])

    @property
    def selects_all(self) -> bool:
        """Whether Prometheus takes monitors and rules without the label of the release."""
        spec = self.at("prometheus", "prometheusSpec")
        return spec.at("serviceMonitorSelectorNilUsesHelmValues").value is False


def installed(deploy: DeployRepo) -> Iterator[Installed]:
    """Every chart that a HelmRelease, an Application, a kustomization or a command installs."""
    for each in of_kind(deploy, "HelmRelease", "Application"):
        if kind(each.node) == "HelmRelease":
            chart = each.node.at("spec", "chart", "spec", "chart")
            space = each.node.at("spec", "targetNamespace").text or namespace(each.node)
            release = each.node.at("spec", "releaseName").text or name(each.node)
            if chart.text:
                yield Installed(chart.text.rpartition("/")[2], space, release, spot(chart))
        else:
            spec = each.node.at("spec")
            for source in [spec.at("source"), *spec.at("sources").elements()]:
                if source.at("chart").text:
                    release = source.at("helm", "releaseName").text or name(each.node)
                    space = spec.at("destination", "namespace").text or ""
                    yield Installed(source.at("chart").text or "", space, release, spot(source.at("chart")))
    for call in said(deploy):
        words = [word for word in call.command.words if not word.startswith("-")]
        if call.command.name == "helm" and {"install", "upgrade"} & set(words[1:2]) and call.source != "text":
            named = next((word.rpartition("/")[2] for word in words[2:] if "/" in word or word == CHART), "")
            yield Installed(named, _option(call.command.words, "-n", "--namespace"), words[2], call.place)


def _option(words: tuple[str, ...], *names: str) -> str:
    for at, word in enumerate(words):
        if word in names and at + 1 < len(words):
            return "" if "$" in words[at + 1] else words[at + 1]
        if word.partition("=")[0] in names and "=" in word:
            return "" if "$" in word else word.partition("=")[2]
    return ""


def stacks(deploy: DeployRepo) -> Iterator[Stack]:
    """The values of each kube-prometheus-stack: files of one folder, and those in a HelmRelease or an Application."""
    folders: dict[str, list[Node]] = {}
    for path in deploy.files:
        last = path.rpartition("/")[2]
        if not re.fullmatch(r"(.*[-_.])?values([-_.].*)?\.ya?ml|kube-prometheus-stack.*\.ya?ml", last):
            continue
        documents = deploy.root.parsed(path, parse_yaml) if not deploy.root.in_chart(path) else ()
        for node in () if isinstance(documents, Problem) else documents:
            inner = node.at(CHART) if node.at(CHART).present else node
            if not node.at("kind").text and inner.at("prometheus", "prometheusSpec").present:
                folders.setdefault(path.rpartition("/")[0], []).append(inner)
    for nodes in folders.values():
        yield Stack(tuple(nodes), spot(nodes[0]), nodes[0].place.path)
    for each in of_kind(deploy, "HelmRelease", "Application"):
        if kind(each.node) == "HelmRelease" and each.node.at("spec", "chart", "spec", "chart").text == CHART:
            values = each.node.at("spec", "values")
            if values.present and not each.node.at("spec", "valuesFrom").present:
                yield Stack((values,), spot(values), f"HelmRelease {name(each.node)}")
        elif each.node.at("spec", "source", "chart").text == CHART:
            values = each.node.at("spec", "source", "helm", "valuesObject")
            if values.present:
                yield Stack((values,), spot(values), f"Application {name(each.node)}")
