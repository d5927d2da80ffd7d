"""How a Deployment's pods move from one ReplicaSet to the next: rolling or recreating."""

from __future__ import annotations

from tests.cluster.control import Control
from tests.cluster.objects import Object, finished, labels_match, name, namespace, share


def surge(deployment: Object) -> int:
    """How many pods more than asked for there may be."""
    return _limits(deployment)[0]


def first_size(deployment: Object, old: list[Object]) -> int:
    """With how many pods a new set begins."""
    wanted = int(deployment["spec"].get("replicas", 1))
    if deployment["spec"]["strategy"]["type"] == "Recreate":
        return 0 if any(_size(each) for each in old) else wanted
    total = sum(_size(each) for each in old)
    return max(0, min(wanted, wanted + surge(deployment) - total))


def recreate(control: Control, deployment: Object, new: Object, old: list[Object]) -> None:
    """The new pods start when no old one runs any longer, those included that are still stopping."""
    for each in old:
        resize(control, each, 0)
    wanted = deployment["spec"]["selector"].get("matchLabels") or {}
    templates = {each["metadata"]["labels"]["pod-template-hash"] for each in old}
    running = [
        pod
        for pod in control.all("pods", namespace(deployment))
        if labels_match(pod["metadata"].get("labels"), wanted)
        and pod["metadata"]["labels"].get("pod-template-hash") in templates
        and not finished(pod)
    ]
    if not running:
        resize(control, new, deployment["spec"].get("replicas", 1))


def roll(control: Control, deployment: Object, new: Object, old: list[Object]) -> None:
    """Up within maxSurge, down within maxUnavailable: old pods that are not ready go first."""
    wanted = int(deployment["spec"].get("replicas", 1))
    more, fewer = _limits(deployment)
    total = _size(new) + sum(_size(each) for each in old)
    goal = min(wanted, _size(new) + max(0, wanted + more - total))
    if goal != _size(new):
        resize(control, new, goal)
        return
    unavailable = _size(new) - _available(new)
    removable = total - (wanted - fewer) - unavailable
    sizes = {name(each): _size(each) for each in old}
    for each in sorted(old, key=_age):
        broken = min(_size(each) - _available(each), removable)
        if broken > 0:
            sizes[name(each)] -= broken
            resize(control, each, sizes[name(each)])
            removable -= broken
    spare = _available(new) + sum(min(_available(each), sizes[name(each)]) for each in old) - (wanted - fewer)
    for each in sorted(old, key=_age):
        count = min(sizes[name(each)], spare, removable)
        if count > 0:
            resize(control, each, sizes[name(each)] - count)
            spare, removable = spare - count, removable - count


def resize(control: Control, replicas: Object, size: int) -> None:
    """Let a set have so many pods."""
    if _size(replicas) != size:
        control.change("replicasets.apps", replicas, lambda thing: thing["spec"].update(replicas=size))


def _limits(deployment: Object) -> tuple[int, int]:
    strategy = deployment["spec"]["strategy"]
    if strategy["type"] == "Recreate":
        return 0, 0
    rolling = strategy.get("rollingUpdate") or {}
    replicas = deployment["spec"].get("replicas", 1)
    more = share(rolling.get("maxSurge", "25%"), replicas, up=True)
    fewer = share(rolling.get("maxUnavailable", "25%"), replicas, up=False)
    return more, fewer if more or fewer else 1


def _size(replicas: Object) -> int:
    return int(replicas["spec"].get("replicas", 1))


def _available(replicas: Object) -> int:
    return int((replicas.get("status") or {}).get("availableReplicas", 0))


def _age(replicas: Object) -> tuple[str, str]:
    return replicas["metadata"]["creationTimestamp"], name(replicas)
