"""What a Deployment tells of itself: counts, whether it is available, whether it gets on."""

from __future__ import annotations

from tests.cluster.control import Control
from tests.cluster.controllers.rolling import _limits as limits
from tests.cluster.objects import Object, condition, name, namespace, owned_by, set_condition
from tests.cluster.store import copy


def complete(deployment: Object) -> bool:
    """Whether all pods are of the newest template and available."""
    status, wanted = deployment.get("status") or {}, deployment["spec"].get("replicas", 1)
    counts = ("updatedReplicas", "replicas", "availableReplicas")
    return (
        all(status.get(each, 0) == wanted for each in counts)
        and status.get("observedGeneration", 0) >= deployment["metadata"].get("generation", 1)
    )  # fmt: skip


def refused(control: Control, deployment: Object, called: str) -> None:
    """Tell that the API server refused the new set."""

    def tell(thing: Object) -> None:
        message = f'Failed to create new replica set "{called}"'
        set_condition(thing, control.clock.stamp(), "Progressing", "False", "ReplicaSetCreateError", message)

    control.status("deployments.apps", deployment, tell)


def report(control: Control, deployment: Object, new: Object | None) -> None:
    """Write the status that follows from the sets."""
    current = control.get("deployments.apps", namespace(deployment), name(deployment))
    if current is None:
        return
    sets = owned_by(control.all("replicasets.apps", namespace(current)), current)
    newest = next((each for each in sets if new is not None and name(each) == name(new)), None)
    before = copy(current.get("status") or {})
    status = _counts(current, sets, newest)
    wanted = current["spec"].get("replicas", 1)
    after = {"status": status | {"conditions": copy(before.get("conditions") or [])}}
    if before.get("collisionCount"):
        status["collisionCount"] = before["collisionCount"]
    stamp = control.clock.stamp()
    enough = status.get("availableReplicas", 0) >= wanted - limits(current)[1]
    set_condition(
        after,
        stamp,
        "Available",
        "True" if enough else "False",
        "MinimumReplicasAvailable" if enough else "MinimumReplicasUnavailable",
        f"Deployment {'has' if enough else 'does not have'} minimum availability.",
    )
    failure = next((told for each in sets if (told := condition(each, "ReplicaFailure"))), None)
    if failure:
        set_condition(after, stamp, "ReplicaFailure", "True", failure["reason"], failure["message"])
    else:
        kept = after["status"]["conditions"]
        after["status"]["conditions"] = [each for each in kept if each["type"] != "ReplicaFailure"]
    if not current["spec"].get("paused"):
        _progressing(control, current, before, after, newest)
    if after["status"] != before:
        control.status("deployments.apps", current, lambda thing: thing.update(after))


def _counts(deployment: Object, sets: list[Object], newest: Object | None) -> Object:
    def total(key: str, of: list[Object]) -> int:
        return sum(int((each.get("status") or {}).get(key, 0)) for each in of)

    available = total("availableReplicas", sets)
    wanted = deployment["spec"].get("replicas", 1)
    counts = {
        "replicas": total("replicas", sets),
        "updatedReplicas": total("replicas", [newest] if newest else []),
        "readyReplicas": total("readyReplicas", sets),
        "availableReplicas": available,
        "unavailableReplicas": max(0, max(wanted, total("replicas", sets)) - available),
    }
    status: Object = {key: value for key, value in counts.items() if value}
    return status | {"observedGeneration": deployment["metadata"].get("generation", 1)}


def _progressing(control: Control, deployment: Object, before: Object, after: Object, newest: Object | None) -> None:
    stamp, status = control.clock.stamp(), after["status"]
    told = condition(after, "Progressing")
    called = name(newest) if newest else ""
    if complete({**deployment, "status": status}):
        reason, message = "NewReplicaSetAvailable", f'ReplicaSet "{called}" has successfully progressed.'
        if told is None or told["reason"] != reason or told["message"] != message:
            set_condition(after, stamp, "Progressing", "True", reason, message)
            _touch(after, stamp)
        return
    moved = _moved(before, status)
    if told is not None and told["reason"] == "NewReplicaSetAvailable" and not moved and not _new(told, called):
        return
    if told is None or moved or _new(told, called):
        created = told is None or _new(told, called)
        reason = "NewReplicaSetCreated" if created and not moved else "ReplicaSetUpdated"
        verb = f'Created new replica set "{called}"' if reason == "NewReplicaSetCreated" else (
            f'ReplicaSet "{called}" is progressing.'
        )  # fmt: skip
        set_condition(after, stamp, "Progressing", "True", reason, verb)
        _touch(after, stamp)
    elif told["status"] == "True":
        deadline = deployment["spec"].get("progressDeadlineSeconds", 600)
        if control.clock.since(told.get("lastUpdateTime")) > deadline:
            message = f'ReplicaSet "{called}" has timed out progressing.'
            set_condition(after, stamp, "Progressing", "False", "ProgressDeadlineExceeded", message)
            _touch(after, stamp)


def _new(told: Object, called: str) -> bool:
    return f'"{called}"' not in told.get("message", "")


def _moved(before: Object, after: Object) -> bool:
    old_before = before.get("replicas", 0) - before.get("updatedReplicas", 0)
    old_after = after.get("replicas", 0) - after.get("updatedReplicas", 0)
    return (
        any(after.get(key, 0) > before.get(key, 0) for key in ("updatedReplicas", "readyReplicas", "availableReplicas"))
        or old_after < old_before
    )


def _touch(thing: Object, stamp: str) -> None:
    for each in thing["status"]["conditions"]:
        if each["type"] == "Progressing":
            each["lastUpdateTime"] = stamp
