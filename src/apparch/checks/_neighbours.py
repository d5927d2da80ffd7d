"""The judges of MAN that look at several apps in one Deploy repo."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from apparch.checks._deploy import finding, unhashed
from apparch.deploy.objects import is_shared
from apparch.deploy.pods import MAKERS
from apparch.deploy.repo import DeployRepo
from apparch.deploy.stages import stage
from apparch.finding import Answer
from apparch.repository import Node, Place
from apparch.repository.kustomize.objects import kind, name, namespace


def man016(deploy: DeployRepo) -> Iterator[Answer]:
    """Apps that stand beside each other have the same shape."""
    shapes: dict[str, set[str]] = {}
    files: dict[str, str] = {}
    for path in [*deploy.kustomizations, *deploy.manifests]:
        parts = path.removeprefix(deploy.repository.prefix).split("/")
        for at, part in enumerate(parts[:-2]):
            if part in ("apps", "services", "applications"):
                home = "/".join(parts[: at + 2])
                shapes.setdefault(home, set()).add(parts[at + 2] if len(parts) > at + 3 else ".")
                files.setdefault(home, path)
                break
    wanted = {"base", "overlays"}
    groups: dict[str, list[str]] = {}
    for home in shapes:
        groups.setdefault(home.rpartition("/")[0], []).append(home)
    for group, homes in groups.items():
        # Where the first app stands in k8s/base, those beside it are laid out like it.
        like = [home for home in homes if wanted <= shapes[home]] or (["k8s"] if group == "k8s/apps" else [])
        for home in homes if like else ():
            if lacking := ", ".join(sorted(wanted - shapes[home])):
                yield finding(
                    "MAN016",
                    Place(files[home]),
                    f"{home}: {like[0]}와 모양이 다르다. 없는 것: {lacking}",
                    f"{home} is not laid out like {like[0]}: it has no {lacking}",
                )


def man017(deploy: DeployRepo) -> Iterator[Answer]:
    """No app lists another app's files, or refers to its settings, secrets and claims."""
    for path, node in deploy.kustomizations.items():
        own = _app_of(path)
        for field in ("resources", "bases", "components"):
            for entry in node.at(field).elements():
                if own and entry.text and "://" not in entry.text:
                    target = posixpath.normpath(posixpath.join(posixpath.dirname(path), entry.text))
                    other = _app_of(f"{target}/x")
                    if other and other != own and other[0] == own[0]:
                        yield finding(
                            "MAN017",
                            entry,
                            f"다른 앱 {other[1]}의 파일을 쓴다: {target}",
                            f"{target} belongs to another app, {other[1]}",
                        )
    yield from _foreign_names(deploy)


def _app_of(path: str) -> tuple[str, str] | None:
    """The folder of apps and the app that a path belongs to, where apps stand beside each other."""
    first = re.match(r"((?:.*/)?k8s)/(?:base|overlays)/", path)
    if first:
        return f"{first[1]}/apps", f"{first[1]}/base"
    match = re.match(r"((?:.*/)?(?:apps|services|applications))/([^/]+)/", path)
    return (match[1], match[2]) if match and not is_shared(match[2]) and stage(match[2]) is None else None


def _foreign_names(deploy: DeployRepo) -> Iterator[Answer]:
    kinds = {
        **dict.fromkeys(("configMapRef", "configMapKeyRef", "configMap"), "ConfigMap"),
        **dict.fromkeys(("secretRef", "secretKeyRef"), "Secret"),
        "persistentVolumeClaim": "PersistentVolumeClaim",
    }
    owners: dict[tuple[str, str, str], dict[tuple[str, str], None]] = {}
    for each in deploy.objects:
        app = _app_of(each.environment.directory + "/" if each.environment else each.node.place.path)
        if app and kind(each.node) in ("ConfigMap", "Secret", "SealedSecret", "PersistentVolumeClaim"):
            key = _key(kind(each.node).removeprefix("Sealed"), name(each.node), each.node)
            owners.setdefault(key, {})[app] = None
    for each in deploy.objects:
        own = _app_of(each.environment.directory + "/" if each.environment else each.node.place.path)
        for node in each.node.walk() if own and kind(each.node) in MAKERS else ():
            for field, what in kinds.items():
                reference = node.at(field, "claimName" if what == "PersistentVolumeClaim" else "name")
                theirs = owners.get(_key(what, reference.text or "", each.node))
                if theirs and own not in theirs:
                    other = next(iter(theirs))[1]
                    yield finding(
                        "MAN017",
                        reference,
                        f"다른 앱 {other}의 것을 쓴다: {what} {reference}",
                        f"{what} {reference} belongs to another app, {other}",
                    )


def _key(what: str, label: str, node: Node) -> tuple[str, str, str]:
    """What two apps would have to share; Secrets and claims of one name in two Namespaces are two."""
    return what, unhashed(label), "" if what == "ConfigMap" else namespace(node)
