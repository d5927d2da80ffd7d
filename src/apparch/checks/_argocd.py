"""The judges of GOP about Argo CD and Flux: what an Application states, and that one thing applies an environment."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from apparch.catalogue.model import Text
from apparch.checks._commands import kubectl, said
from apparch.checks._deploy import finding, of_kind, spot
from apparch.deploy.objects import Environment
from apparch.deploy.repo import DeployRepo
from apparch.deploy.stages import stage
from apparch.finding import Answer, Finding, Related
from apparch.repository import Node, Place
from apparch.repository.kustomize.objects import kind, name, namespace

WANTED = (
    ("source", "repoURL"),
    ("source", "targetRevision"),
    ("destination", "namespace"),
    ("syncPolicy", "retry", "limit"),
)


def gop009(deploy: DeployRepo) -> Iterator[Answer]:
    """Each environment has an Application that states all of it."""
    reached: set[str] = set()
    sets = any(True for _ in of_kind(deploy, "ApplicationSet"))
    for each in of_kind(deploy, "Application", "ApplicationSet"):
        spec = each.node.at("spec")
        if kind(each.node) == "ApplicationSet":
            spec = spec.at("template", "spec")
        if not spec.present or (each.node.at("apiVersion").text or "").partition("/")[0] != "argoproj.io":
            continue
        sources = spec.at("sources").elements() or [spec.at("source")]
        paths = [posixpath.normpath(each.at("path").text or ".") for each in sources if each.at("path").text]
        reached.update(paths)
        if not paths and not all(each.at("chart").present for each in sources):
            paths = ["."]
        if paths:
            yield from _incomplete(each.node, spec, sources)
    overlays = [each for each in deploy.environments if each.overlay and each.stage in ("production", "staging")]
    covered = [each for each in overlays if _is_reached(each, reached)]
    for environment in overlays if covered and not sets else ():
        if environment not in covered and _makes_pods(environment):
            yield finding(
                "GOP009",
                Place(environment.file),
                f"이 오버레이를 적용하는 Application이 없다: {environment.directory}",
                f"no Application applies {environment.directory}",
            )


def _incomplete(application: Node, spec: Node, sources: list[Node]) -> Iterator[Answer]:
    missing = [".".join(path) for path in WANTED if path[0] != "source" and spec.at(*path).value in (None, "")]
    missing += [
        f"source.{key}" for key in ("repoURL", "targetRevision") if any(not each.at(key).text for each in sources)
    ]
    if missing:
        words = ", ".join(missing)
        yield finding(
            "GOP009",
            application.at("metadata", "name"),
            f"{kind(application)} {name(application)}에 없는 것: {words}",
            f"the {kind(application)} {name(application)} does not state {words}",
        )


def _is_reached(environment: Environment, paths: set[str]) -> bool:
    return environment.directory in paths


def _makes_pods(environment: Environment) -> bool:
    return bool(environment.rendering.of_kind("Deployment", "StatefulSet"))


def gop011(deploy: DeployRepo) -> Iterator[Answer]:
    """What is sealed for an environment is rendered with its overlay."""
    rendered: dict[tuple[str, int], bool] = {}
    for environment in deploy.environments:
        for node in environment.rendering.of_kind("SealedSecret"):
            rendered[node.place.path, node.place.line] = True
    for path, objects in deploy.manifests.items():
        for node in objects:
            if kind(node) != "SealedSecret" or (path, node.place.line) in rendered:
                continue
            overlay = _overlay_of(deploy, path, node)
            if overlay is not None:
                related = (Related(Place(overlay.file), Text(ko="여기에 더한다", en="to be listed here")),)
                message = Text(
                    ko=f"SealedSecret {name(node)}: {overlay.directory}의 목록에 없다",
                    en=f"the SealedSecret {name(node)} is not listed by {overlay.directory}",
                )
                yield Finding("GOP011", spot(node.at("metadata", "name")), message, related)


def _overlay_of(deploy: DeployRepo, path: str, node: Node) -> Environment | None:
    """The one overlay that a sealed secret is for: by its folder's stage, else by its Namespace."""
    overlays = [each for each in deploy.environments if each.overlay and _makes_pods(each)]
    spaces = [
        each
        for each in overlays
        if namespace(node) and namespace(node) in {namespace(other) for other in each.rendering.of_kind("Deployment")}
    ]
    if len(spaces) == 1:
        return spaces[0]
    wanted = stage(posixpath.dirname(path))
    staged = [each for each in overlays if wanted is not None and each.stage == wanted]
    return staged[0] if len(staged) == 1 and not namespace(node) else None


def gop015(deploy: DeployRepo) -> Iterator[Answer]:
    """No two Applications or Kustomizations apply the same directory into the same Namespace."""
    first: dict[tuple[str, str, str], tuple[Node, Node]] = {}
    for each in of_kind(deploy, "Application", "Kustomization"):
        spec = each.node.at("spec")
        path = spec.at("source", "path") if kind(each.node) == "Application" else spec.at("path")
        if not path.text or "{{" in path.text or path.text in (".", "./"):
            continue
        space, server = spec.at("destination", "namespace"), spec.at("destination", "server")
        if kind(each.node) == "Kustomization" and each.node.at("apiVersion").text is None:
            continue
        cluster = f"{server.text or spec.at('destination', 'name').text or ''}{_cluster(each.node.place.path)}"
        source = spec.at("source", "repoURL").text or ""
        key = (
            posixpath.normpath(path.text),
            space.text or spec.at("targetNamespace").text or "",
            f"{cluster} {source} {_release(spec)}",
        )
        before = first.setdefault(key, (each.node, path))
        if _identity(before[0]) != _identity(each.node):
            other = f"{kind(before[0])} {name(before[0])}"
            message = Text(
                ko=f"{path}: {other}도 적용한다",
                en=f"{path} is applied by the {other} as well",
            )
            yield Finding("GOP015", path.place, message, (Related(before[1].place, Text(ko="먼저", en="first")),))
    yield from _by_commands_too(deploy, {key[0]: path for key, (_, path) in first.items()})


def _release(spec: Node) -> str:
    """The stage for which alone a chart is filled in: what it makes is another stage's if its values are."""
    helm = spec.at("source", "helm")
    files = [str(each) for each in helm.at("valueFiles").elements()]
    return next((found for each in files if (found := stage(each))), "")


def _identity(node: Node) -> tuple[str, str, str]:
    """What makes an object the same one, wherever it is written again."""
    return kind(node), name(node), namespace(node)


def _by_commands_too(deploy: DeployRepo, watched: dict[str, Node]) -> Iterator[Answer]:
    """The commands of scripts and workflows that apply what Argo CD or Flux applies from here."""
    for each in said(deploy):
        call = kubectl(each.command) if each.source != "text" else None
        if call is None or call[0] != "apply" or any(word.startswith("--dry-run") for word in call[1]):
            continue
        for word in call[1]:
            target = posixpath.normpath(word.rpartition("=")[2] if word.startswith("-") else word)
            path = next((path for path in watched if target == path or target.startswith(f"{path}/")), None)
            if path is not None and any(file.startswith(path) for file in deploy.files):
                there = (Related(watched[path].place, Text(ko="여기서도", en="here as well")),)
                message = Text(
                    ko=f"{target}: Application이 적용하는 것을 명령도 적용한다",
                    en=f"a command applies {target}, which is applied from Git as well",
                )
                yield Finding("GOP015", each.place, message, there)
                break


def _cluster(path: str) -> str:
    """The cluster that a file is for, where clusters have folders."""
    steps = path.split("/")
    return steps[steps.index("clusters") + 1] if "clusters" in steps[:-1] else ""
