"""The judges of PLT about data: where volumes are, how they are named, and what they outlive."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from apparch.checks._commands import said
from apparch.checks._deploy import finding, is_substituted, of_kind, untold
from apparch.deploy.objects import Seen
from apparch.deploy.pods import MAKERS, all_containers, pod
from apparch.deploy.repo import DeployRepo
from apparch.finding import Answer
from apparch.repository import Node
from apparch.repository.kustomize.objects import kind, name, namespace

CLAIM = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?-[a-z0-9]+-pvc")
OF_THE_HOST = re.compile(r"/(dev|proc|sys|run|var/run|lib/modules|boot|usr|lib|etc)(/|$)|.*\.sock$")
"""What a pod may want to see of its host and what is no data of its own."""
FINALIZER = "resources-finalizer.argocd.argoproj.io"
LASTING = ("Namespace", "PersistentVolumeClaim")
_TEMPLATE = re.compile(r"^kind:[ ]*(Namespace|PersistentVolumeClaim)[ ]*$", re.MULTILINE)
SYNC_OPTIONS = "argocd.argoproj.io/sync-options"
KEPT_BY = {
    "kustomize.toolkit.fluxcd.io/prune": "disabled",
    "helm.sh/resource-policy": "keep",
}


def plt003(deploy: DeployRepo) -> Iterator[Answer]:
    """What must outlive a pod is on no hostPath."""
    for each in of_kind(deploy, *MAKERS):
        if each.system:
            continue
        spec = pod(each.node)
        written = {
            mount.at("name").text
            for container in all_containers(each.node)
            for mount in container.at("volumeMounts").elements()
            if mount.at("readOnly").value is not True
        }
        for volume in spec.at("volumes").elements():
            path = volume.at("hostPath", "path")
            if path.text and volume.at("name").text in written and not OF_THE_HOST.match(path.text):
                yield finding(
                    "PLT003",
                    path,
                    f"{kind(each.node)} {name(each.node)}의 데이터가 hostPath에 있다: {path}",
                    f"{kind(each.node)} {name(each.node)} keeps data on the hostPath {path}",
                )
    yield from untold(deploy, "PLT003")


def plt005(deploy: DeployRepo) -> Iterator[Answer]:
    """A claim is named by its app and purpose."""
    for each in of_kind(deploy, "PersistentVolumeClaim"):
        label = each.node.at("metadata", "name")
        if each.system or not label.text or is_substituted(label.text) or CLAIM.fullmatch(label.text):
            continue
        yield finding(
            "PLT005",
            label,
            f"PVC의 이름 {label}: {{app}}-{{purpose}}-pvc 형식이 아니다",
            f"the PersistentVolumeClaim {label} is not named as {{app}}-{{purpose}}-pvc",
        )
    yield from untold(deploy, "PLT005")


def plt006(deploy: DeployRepo) -> Iterator[Answer]:
    """Volumes of local-path lie under /data, which the install script says and no manifest."""
    for each in of_kind(deploy, "PersistentVolume"):
        for path in (each.node.at("spec", "local", "path"), each.node.at("spec", "hostPath", "path")):
            if path.text and re.match(r"/data(/|$)", path.text):
                yield finding(
                    "PLT006",
                    path,
                    f"PersistentVolume {name(each.node)}에 서버의 경로가 적혀 있다: {path}",
                    f"PersistentVolume {name(each.node)} names a path of a server: {path}",
                )
    for call in said(deploy):
        words = call.command.words
        if call.source != "script" or "server" not in words or not _is_installer(call.command.name, words):
            continue
        given = next((word.partition("=")[2] or _next(words, at) for at, word in enumerate(words)
                      if word.partition("=")[0] == "--default-local-storage-path"), "")  # fmt: skip
        if given and not given.startswith(("$", "/data")):
            yield finding(
                "PLT006",
                call.place,
                f"local-path의 볼륨이 /data 아래에 있지 않다: {given}",
                f"volumes of local-path lie below {given}, not under /data",
            )


def _is_installer(program: str, words: tuple[str, ...]) -> bool:
    return (
        program == "k3s" or any("get.k3s.io" in word or word.endswith("install.sh") for word in words) or "-" in words
    )


def _next(words: tuple[str, ...], at: int) -> str:
    return words[at + 1] if at + 1 < len(words) else ""


def plt017(deploy: DeployRepo) -> Iterator[Answer]:
    """Namespaces and volumes outlive what deploys the app."""
    argo = any(True for _ in of_kind(deploy, "Application", "ApplicationSet"))
    for each in of_kind(deploy, "Namespace"):
        if _goes_with_pods(deploy, each) and not _is_kept(each.node):
            label = each.node.at("metadata", "name")
            is_written = label.place.path == each.node.place.path  # not by the kustomization that names it
            yield finding(
                "PLT017",
                label if is_written else each.node,
                f"Namespace {name(each.node)}: 앱과 함께 렌더링되어 함께 지워진다",
                f"the Namespace {name(each.node)} is rendered with the app, and deleted with it",
            )
    for each in of_kind(deploy, "PersistentVolumeClaim"):
        if argo and not each.system and each.complete and not _is_kept(each.node):
            yield finding(
                "PLT017",
                each.node.at("metadata", "name"),
                f"PVC {name(each.node)}: 동기화가 지울 수 있다",
                f"a sync may delete the PersistentVolumeClaim {name(each.node)}",
            )
    classes = {name(each.node): each.node for each in of_kind(deploy, "StorageClass")}
    for each in of_kind(deploy, "PersistentVolumeClaim"):
        used = classes.get(each.node.at("spec", "storageClassName").text or "")
        if used is not None and used.at("reclaimPolicy").text != "Retain" and not each.system:
            yield finding(
                "PLT017",
                used.at("reclaimPolicy") if used.at("reclaimPolicy").present else used.at("metadata", "name"),
                f"StorageClass {name(used)}: PVC {name(each.node)}의 볼륨을 PVC와 함께 지운다",
                f"the StorageClass {name(used)} deletes the volume of {name(each.node)} with its claim",
            )
    for each in of_kind(deploy, "Application"):
        for finalizer in each.node.at("metadata", "finalizers").elements():
            if (finalizer.text or "").startswith(FINALIZER) and _deploys_what_lasts(deploy, each.node):
                yield finding(
                    "PLT017",
                    finalizer,
                    f"Application {name(each.node)}: 지우면 배포한 것도 지워진다",
                    f"whoever deletes the Application {name(each.node)} deletes what it deployed",
                )
    yield from untold(deploy, "PLT017")


def _goes_with_pods(deploy: DeployRepo, space: Seen) -> bool:
    """Whether an app's pods are rendered with a Namespace; one beside others in a folder is applied by hand."""
    if space.environment is None or space.system:
        return False
    return any(namespace(node) == name(space.node) for node in space.environment.rendering.of_kind(*MAKERS))


def _deploys_what_lasts(deploy: DeployRepo, application: Node) -> bool:
    """Whether what an Application applies from here holds a Namespace or a claim; what is elsewhere is not known."""
    spec = application.at("spec")
    for source in spec.at("sources").elements() or [spec.at("source")]:
        home = posixpath.normpath(source.at("path").text or ".")
        if not source.at("path").text or source.at("chart").text:
            continue
        rendered = [node for each in deploy.rendered.get(home, ()) for node in [each.node]]
        below = "" if home == "." else f"{home}/"
        rendered += [each.node for each in deploy.objects if each.node.place.path.startswith(below)]
        if any(kind(node) in LASTING and not _is_kept(node) for node in rendered):
            return True
        templates = (path for path in deploy.files if path.startswith(below) and deploy.root.in_chart(path))
        if any(_TEMPLATE.search(text) for path in templates if isinstance(text := deploy.root.text(path), str)):
            return True
    return False


def _is_kept(node: Node) -> bool:
    annotations = node.at("metadata", "annotations")
    options = re.split(r"\s*,\s*", annotations.at(SYNC_OPTIONS).text or "")
    flux = any(annotations.at(key).text == value for key, value in KEPT_BY.items())
    return flux or {"Prune=false", "Delete=false"} <= set(options)
