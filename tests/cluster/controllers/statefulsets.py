"""The StatefulSet controller: pods with numbers, each with a claim of its own, one after the other."""

from __future__ import annotations

from tests.cluster.control import Control
from tests.cluster.controllers.replicasets import pod_of
from tests.cluster.objects import Object, deleting, digest, finished, labels, name, namespace, owned_by, ready
from tests.cluster.store import copy

REVISION = "controller-revision-hash"


def reconcile(control: Control) -> None:
    """Bring every set one pod further."""
    for each in control.all("statefulsets.apps"):
        if not deleting(each):
            _reconcile(control, each)


def _reconcile(control: Control, owner: Object) -> None:
    pods = {name(each): each for each in owned_by(control.all("pods", namespace(owner)), owner)}
    revision = f"{name(owner)}-{digest(owner['spec']['template'])}"
    wanted = [f"{name(owner)}-{number}" for number in range(owner["spec"].get("replicas", 1))]
    _step(control, owner, pods, wanted, revision)
    mine = [each for each in pods.values() if not finished(each)]
    status = {
        "replicas": len(mine),
        "readyReplicas": sum(ready(each) for each in mine),
        "availableReplicas": sum(ready(each) for each in mine),
        "updatedReplicas": sum(labels(each).get(REVISION) == revision for each in mine),
        "currentReplicas": sum(labels(each).get(REVISION) == revision for each in mine),
        "currentRevision": revision,
        "updateRevision": revision,
        "observedGeneration": owner["metadata"].get("generation", 1),
        "collisionCount": 0,
    }
    if (owner.get("status") or {}) != status:
        control.status("statefulsets.apps", owner, lambda thing: thing.update(status=status))


def _step(control: Control, owner: Object, pods: dict[str, Object], wanted: list[str], revision: str) -> None:
    for called in sorted(set(pods) - set(wanted), reverse=True):
        if not deleting(pods[called]):
            control.delete("pods", pods[called])
        return
    for called in wanted:
        pod = pods.get(called)
        if pod is None:
            _create(control, owner, called, revision)
            return
        if finished(pod) and not deleting(pod):
            control.delete("pods", pod)
            return
        if not ready(pod):
            return
    if (owner["spec"].get("updateStrategy") or {}).get("type", "RollingUpdate") == "RollingUpdate":
        for called in reversed(wanted):
            if labels(pods[called]).get(REVISION) != revision:
                if not deleting(pods[called]):
                    control.delete("pods", pods[called])
                return


def _create(control: Control, owner: Object, called: str, revision: str) -> None:
    pod = pod_of(owner, called)
    pod["metadata"]["labels"] = labels(pod) | {
        REVISION: revision,
        "statefulset.kubernetes.io/pod-name": called,
        "apps.kubernetes.io/pod-index": called.rpartition("-")[2],
    }
    pod["spec"]["hostname"] = called
    for template in owner["spec"].get("volumeClaimTemplates") or []:
        claim = copy(template)
        title = claim["metadata"]["name"]
        claim["metadata"] = {
            "name": f"{title}-{called}",
            "namespace": namespace(owner),
            "labels": owner["spec"]["selector"].get("matchLabels") or {},
        }
        claim.pop("status", None)
        claim |= {"apiVersion": "v1", "kind": "PersistentVolumeClaim"}
        control.create("persistentvolumeclaims", claim, owner)
        volumes = [each for each in pod["spec"].get("volumes") or [] if each["name"] != title]
        pod["spec"]["volumes"] = [
            *volumes,
            {"name": title, "persistentVolumeClaim": {"claimName": f"{title}-{called}"}},
        ]
    control.create("pods", pod, owner)
