"""The image against what manifests rely on: its user, and what it writes."""

from __future__ import annotations

from collections.abc import Iterator

from apparch.app.side import AppSide
from apparch.contract.model import Judgement, app, deploy
from apparch.contract.pair import Environment, Pair
from apparch.deploy.pods import pod
from apparch.repository import Node
from apparch.repository.kustomize.objects import kind, name

TEMPORARY = "/tmp"  # noqa: S108 (a path in a container)


def judge(pair: Pair) -> Iterator[Judgement]:
    """Judge every container that runs the app's image."""
    yield from pair.each(_judge)


def _judge(here: Environment) -> Iterator[Judgement]:
    for each in here.overlay.running:
        yield from _judge_user(here.app, each.workload, each.container)
        yield from _judge_temporary(here.app, each.workload, each.container)


def _setting(workload: Node, container: Node, key: str) -> Node:
    """A field of the security context: the container's own, else the pod's."""
    own = container.at("securityContext", key)
    return own if own.present else pod(workload).at("securityContext", key)


def _judge_user(side: AppSide, workload: Node, container: Node) -> Iterator[Judgement]:
    demanded, user = (_setting(workload, container, key) for key in ("runAsNonRoot", "runAsUser"))
    if demanded.value is not True or side.user is None:
        return
    if user.number is not None and user.number > 0:
        return
    said, place = side.user.name, side.user.place
    wrong = ""
    if user.number == 0:
        wrong = "the pod demands runAsNonRoot and sets runAsUser: 0: remove runAsUser"
    elif said in ("root", "0"):
        wrong = (
            "the image runs as root, and the pod demands runAsNonRoot, so that it never starts: set USER to a number"
        )
    elif not said.isdigit():
        wrong = (
            f"the image's user {said} is a name, which Kubernetes cannot check for runAsNonRoot: set USER to its "
            "number, or runAsUser"
        )
    yield Judgement("IMG013", f"user of {kind(workload)} {name(workload)}", (app(place, said), deploy(demanded)), wrong)


def _judge_temporary(side: AppSide, workload: Node, container: Node) -> Iterator[Judgement]:
    locked = container.at("securityContext", "readOnlyRootFilesystem")
    writes = side.source.temporary
    if locked.value is not True or writes is None:
        return
    mounts = {
        str(each.at("mountPath")).rstrip("/")
        for each in container.at("volumeMounts").elements()
        if each.at("readOnly").value is not True
    }
    moved = [each for each in container.at("env").elements() if each.at("name").text == "TMPDIR"]
    if moved or "TMPDIR" in side.environment or TEMPORARY in mounts or "" in mounts:
        return
    wrong = f"the app makes temporary files, and {TEMPORARY} cannot be written on a read-only root: mount an emptyDir"
    sides = (app(writes, "temporary files"), deploy(locked))
    yield Judgement("IMG013", f"{TEMPORARY} of {kind(workload)} {name(workload)}", sides, wrong)
