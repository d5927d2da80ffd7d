"""What the judges of Deploy rules share: the app's pods, and what cannot be told."""

from __future__ import annotations

import re
from collections.abc import Iterator

from apparch.catalogue.model import Text
from apparch.deploy.objects import Seen, app_containers
from apparch.deploy.repo import DeployRepo
from apparch.finding import Answer, Finding, Unknown
from apparch.repository import Node, Place
from apparch.repository.kustomize.objects import kind

SUBSTITUTED = ("${", "$(", "{{", "<path:", "$[[")
"""What a value begins with, or holds, that another tool fills in."""


def finding(rule: str, where: Node | Place, ko: str, en: str) -> Finding:
    """A finding at a place, a value, or the first line of a mapping or list."""
    return Finding(rule, spot(where) if isinstance(where, Node) else where, Text(ko=ko, en=en))


def spot(node: Node) -> Place:
    """Where to look for a value: all of a scalar, the beginning of anything else."""
    if node.present and not isinstance(node.value, dict | list):
        return node.place
    return Place(node.place.path, node.place.line, node.place.column)


def app_pods(deploy: DeployRepo, *, before: bool = False) -> Iterator[tuple[Seen, Node]]:
    """Each container that runs an app's image, with the object that makes its pods; with `before`, init containers."""
    for each in deploy.objects:
        for container in app_containers(each, before=before):
            yield each, container


def of_kind(deploy: DeployRepo, *kinds: str, complete: bool = False) -> Iterator[Seen]:
    """The objects of these kinds; with `complete`, only those that nothing may still be added to."""
    for each in deploy.objects:
        if kind(each.node) in kinds and (each.complete or not complete):
            yield each


def untold(deploy: DeployRepo, rule: str) -> Iterator[Answer]:
    """That it cannot be told, once for each environment that does not render, or not all of it."""
    for each in (*deploy.environments, *deploy.releases):
        problem = each.rendering.problem
        if problem:
            said = f"{each.directory}: {problem.message}"
            ko, en = ("일부를", "in part not") if each.rendering.objects else ("", "not")
            reason = Text(ko=f"{ko} 렌더링하지 못했다: {said}".strip(), en=f"{en} rendered: {said}")
            yield Unknown(rule, problem.place, reason)


def is_substituted(text: str) -> bool:
    """Whether another tool fills a value in: a variable of Flux or a shell, a template, a vault's path."""
    return any(each in text for each in SUBSTITUTED)


def unhashed(text: str) -> str:
    """An object's name without the hash that a generator puts at its end."""
    return re.sub(r"-[2456789bcdfghkmt]{10}$", "", text)
