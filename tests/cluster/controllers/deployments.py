"""The Deployment controller: one ReplicaSet per template, and the roll from one to the next."""

from __future__ import annotations

from tests.cluster.control import Control
from tests.cluster.controllers import progress, rolling
from tests.cluster.objects import (
    Object,
    annotation,
    deleting,
    digest,
    labels,
    name,
    namespace,
    owned_by,
    reference_to,
)
from tests.cluster.store import copy

REVISION = "deployment.kubernetes.io/revision"
HISTORY = "deployment.kubernetes.io/revision-history"
HASH = "pod-template-hash"
_NOT_COPIED = {"kubectl.kubernetes.io/last-applied-configuration", REVISION, HISTORY}


def reconcile(control: Control) -> None:
    """Bring every Deployment one step further."""
    for each in control.all("deployments.apps"):
        if not deleting(each):
            _reconcile(control, each)


def _reconcile(control: Control, deployment: Object) -> None:
    sets = owned_by(control.all("replicasets.apps", namespace(deployment)), deployment)
    sets = [each for each in sets if not deleting(each)]
    new = next((each for each in sorted(sets, key=_age) if _same(each, deployment)), None)
    old = [each for each in sets if new is None or name(each) != name(new)]
    if deployment["spec"].get("paused"):
        if new is not None:
            rolling.resize(control, new, deployment["spec"].get("replicas", 1))
    else:
        new = _current(control, deployment, new, old)
        if new is None:
            return
        if deployment["spec"]["strategy"]["type"] == "Recreate":
            rolling.recreate(control, deployment, new, old)
        else:
            rolling.roll(control, deployment, new, old)
        if progress.complete(deployment):
            _forget(control, deployment, old)
    progress.report(control, deployment, new)


def _current(control: Control, deployment: Object, new: Object | None, old: list[Object]) -> Object | None:
    newest = max((_revision(each) for each in old), default=0) + 1
    if new is None:
        new = _create(control, deployment, old, newest)
    elif _revision(new) < newest:
        before = annotation(new, REVISION)
        history = ",".join(filter(None, (annotation(new, HISTORY), before)))
        wanted = _annotations(deployment) | {REVISION: str(newest), HISTORY: history}
        control.change("replicasets.apps", new, lambda thing: thing["metadata"].update(annotations=wanted))
    else:
        kept = {key: annotation(new, key) for key in (REVISION, HISTORY) if annotation(new, key)}
        wanted = _annotations(deployment) | kept
        if (new["metadata"].get("annotations") or {}) != wanted:
            control.change("replicasets.apps", new, lambda thing: thing["metadata"].update(annotations=wanted))
    if new is None:
        return None
    new = control.get("replicasets.apps", namespace(new), name(new))
    revision = annotation(new, REVISION) if new else ""
    if annotation(deployment, REVISION) != revision:

        def note(thing: Object) -> None:
            thing["metadata"].setdefault("annotations", {})[REVISION] = revision

        control.change("deployments.apps", deployment, note)
    return new


def _create(control: Control, deployment: Object, old: list[Object], revision: int) -> Object | None:
    template = copy(deployment["spec"]["template"])
    collisions = (deployment.get("status") or {}).get("collisionCount", 0)
    short = digest([template, collisions] if collisions else template)
    template["metadata"]["labels"] = labels(template) | {HASH: short}
    selector = copy(deployment["spec"]["selector"])
    selector["matchLabels"] = (selector.get("matchLabels") or {}) | {HASH: short}
    made: Object = {
        "apiVersion": "apps/v1",
        "kind": "ReplicaSet",
        "metadata": {
            "name": f"{name(deployment)}-{short}",
            "namespace": namespace(deployment),
            "labels": template["metadata"]["labels"],
            "annotations": _annotations(deployment) | {REVISION: str(revision)},
            "ownerReferences": [reference_to(deployment)],
        },
        "spec": {
            "replicas": rolling.first_size(deployment, old),
            "selector": selector,
            "template": template,
        },
    }
    if deployment["spec"].get("minReadySeconds"):
        made["spec"]["minReadySeconds"] = deployment["spec"]["minReadySeconds"]
    created = control.create("replicasets.apps", made, deployment)
    if created is None:
        progress.refused(control, deployment, name(made))
        return None
    control.event(
        deployment, "ScalingReplicaSet", f"Scaled up replica set {name(made)} from 0 to {made['spec']['replicas']}"
    )
    return created


def _annotations(deployment: Object) -> dict[str, str]:
    own = deployment["metadata"].get("annotations") or {}
    wanted = {key: value for key, value in own.items() if key not in _NOT_COPIED}
    replicas = deployment["spec"].get("replicas", 1)
    return wanted | {
        "deployment.kubernetes.io/desired-replicas": str(replicas),
        "deployment.kubernetes.io/max-replicas": str(replicas + rolling.surge(deployment)),
    }


def _same(replicas: Object, deployment: Object) -> bool:
    template = copy(replicas["spec"]["template"])
    template["metadata"]["labels"].pop(HASH, None)
    wanted: Object = copy(deployment["spec"]["template"])
    for each in (template, wanted):
        each["metadata"].pop("creationTimestamp", None)
    return bool(template == wanted)


def _age(thing: Object) -> str:
    return str(thing["metadata"]["creationTimestamp"])


def _revision(replicas: Object) -> int:
    return int(annotation(replicas, REVISION) or 0)


def _forget(control: Control, deployment: Object, old: list[Object]) -> None:
    empty = [
        each
        for each in old
        if each["spec"].get("replicas") == 0 and not (each.get("status") or {}).get("replicas") and not deleting(each)
    ]
    too_many = len(empty) - deployment["spec"].get("revisionHistoryLimit", 10)
    for each in sorted(empty, key=_revision)[: max(too_many, 0)]:
        control.delete("replicasets.apps", each)
