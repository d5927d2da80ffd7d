"""The judge of PLT about Namespaces: each app has one of its own in each environment."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from apparch.checks._deploy import app_pods, finding, is_substituted, of_kind, spot, untold
from apparch.deploy.objects import Environment, Seen
from apparch.deploy.repo import DeployRepo
from apparch.finding import Answer
from apparch.repository import Node, Place
from apparch.repository.kustomize.objects import kind, name


def plt007(deploy: DeployRepo) -> Iterator[Answer]:
    """An app runs in a Namespace that the manifests name, which is not default."""
    destinations = dict(_destinations(deploy))
    homes: dict[str, tuple[Environment, Node]] = {}
    told: set[tuple[str, int]] = set()
    for each, _ in app_pods(deploy):
        stated = each.node.at("metadata", "namespace")
        where = each.environment.file if each.environment else each.node.place.path
        if stated.text == "default" and (where, stated.place.line) not in told:
            told.add((where, stated.place.line))
            yield finding(
                "PLT007",
                stated,
                f"{kind(each.node)} {name(each.node)}: 네임스페이스 default에서 실행된다",
                f"{kind(each.node)} {name(each.node)} runs in the Namespace default",
            )
        elif not stated.text and each.complete and (where, 0) not in told:
            told.add((where, 0))
            given = next((space for path, space in destinations.items() if _is_below(where, path)), None)
            if given is None or given.text == "default":
                yield finding(
                    "PLT007",
                    given or (Place(where) if each.environment else spot(each.node.at("metadata", "name"))),
                    f"{kind(each.node)} {name(each.node)}의 네임스페이스가 매니페스트에 없다"
                    if given is None
                    else f"{kind(each.node)} {name(each.node)}: 네임스페이스 default에서 실행된다",
                    f"no manifest names the Namespace of {kind(each.node)} {name(each.node)}"
                    if given is None
                    else f"{kind(each.node)} {name(each.node)} runs in the Namespace default",
                )
        elif stated.text and not is_substituted(stated.text) and each.environment and each.environment.overlay:
            first = homes.setdefault(stated.text, (each.environment, stated))
            if first[0].key != each.environment.key and _is_other(first[0], each) and (where, 0) not in told:
                told.add((where, 0))
                yield finding(
                    "PLT007",
                    stated,
                    f"네임스페이스 {stated}: 다른 오버레이도 쓴다, {first[0].directory}",
                    f"the Namespace {stated} is that of {first[0].directory} as well",
                )
    yield from untold(deploy, "PLT007")


def _is_other(first: Environment, each: Seen) -> bool:
    """Whether two overlays are two environments of an app, or the same stage of two; clusters may share a name."""
    assert each.environment is not None
    one, two = first.directory.split("/"), each.environment.directory.split("/")
    beside = one[:-1] == two[:-1]
    return (beside and first.stage != each.environment.stage) or (
        not beside and first.stage == each.environment.stage and "apps" in one and "apps" in two
    )


def _destinations(deploy: DeployRepo) -> Iterator[tuple[str, Node]]:
    """Where Argo CD and Flux put what a path of the repository holds."""
    for each in of_kind(deploy, "Application", "ApplicationSet", "Kustomization"):
        specs = [each.node.at("spec")]
        if kind(each.node) == "ApplicationSet":
            specs = [each.node.at("spec", "template", "spec")]
        for spec in specs:
            space = spec.at("destination", "namespace")
            space = space if space.text else spec.at("targetNamespace")
            sources = [spec.at("source"), *spec.at("sources").elements(), spec]
            for source in sources:
                path = (source.at("path").text or "").partition("{{")[0]
                if space.text and source.at("path").text:
                    yield posixpath.normpath(path or ".").removeprefix("./"), space


def _is_below(path: str, directory: str) -> bool:
    return directory in (".", "") or path.startswith(f"{directory}/")
