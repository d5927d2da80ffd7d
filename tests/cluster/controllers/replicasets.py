"""The ReplicaSet controller: as many pods of a template as its set asks for."""

from __future__ import annotations

from tests.cluster.control import Control
from tests.cluster.objects import (
    Object,
    active,
    annotation,
    condition,
    controller_of,
    deleting,
    labels_match,
    name,
    namespace,
    owned_by,
    ready,
    reference_to,
    set_condition,
    suffix,
    uid,
)
from tests.cluster.store import copy


def reconcile(control: Control) -> None:
    """Bring every set's pods to its number, and its status to its pods."""
    pods = control.all("pods")
    for each in control.all("replicasets.apps"):
        if not deleting(each):
            _adopt(control, each, pods)
            _scale(control, each, [pod for pod in owned_by(pods, each) if active(pod)])
            _report(control, each)


def pod_of(owner: Object, called: str) -> Object:
    """A pod of the owner's template."""
    template = copy(owner["spec"]["template"])
    metadata = template.get("metadata") or {}
    kept = {key: metadata[key] for key in ("labels", "annotations") if metadata.get(key)}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": kept | {"name": called, "namespace": namespace(owner), "ownerReferences": [reference_to(owner)]},
        "spec": template["spec"],
    }


def available(pod: Object, seconds: int, control: Control) -> bool:
    """Whether a pod has been ready for so long."""
    told = condition(pod, "Ready")
    if told is None or told["status"] != "True":
        return False
    return not seconds or control.clock.since(told.get("lastTransitionTime")) >= seconds


def _adopt(control: Control, owner: Object, pods: list[Object]) -> None:
    wanted = owner["spec"]["selector"].get("matchLabels") or {}
    for pod in pods:
        orphan = namespace(pod) == namespace(owner) and not controller_of(pod) and active(pod)
        if orphan and wanted and labels_match(pod["metadata"].get("labels"), wanted):
            control.change("pods", pod, lambda thing: thing["metadata"].update(ownerReferences=[reference_to(owner)]))


def _scale(control: Control, owner: Object, pods: list[Object]) -> None:
    difference = int(owner["spec"].get("replicas", 1)) - len(pods)
    for _ in range(difference):
        called = f"{name(owner)}-{suffix()}"
        if control.create("pods", pod_of(owner, called), owner) is None:
            break
        control.event(owner, "SuccessfulCreate", f"Created pod: {called}")
    for pod in sorted(pods, key=_worth)[: max(-difference, 0)]:
        control.delete("pods", pod)
        control.event(owner, "SuccessfulDelete", f"Deleted pod: {name(pod)}")


def _worth(pod: Object) -> tuple[bool, bool, bool, int, str]:
    """What is worth least goes first: without a node, not running, not ready, cheap to delete, restarted, newest."""
    statuses = (pod.get("status") or {}).get("containerStatuses") or []
    restarts = max((each["restartCount"] for each in statuses), default=0)
    return (
        bool(pod["spec"].get("nodeName")),
        (pod.get("status") or {}).get("phase") == "Running",
        ready(pod),
        int(annotation(pod, "controller.kubernetes.io/pod-deletion-cost") or 0) - restarts,
        _reversed(pod["metadata"]["creationTimestamp"]),
    )


def _reversed(stamp: str) -> str:
    return "".join(chr(0x7E - ord(letter) + 0x20) for letter in stamp)


def _report(control: Control, owner: Object) -> None:
    pods = [pod for pod in owned_by(control.all("pods", namespace(owner)), owner) if active(pod)]
    wanted = owner["spec"]["template"]["metadata"].get("labels") or {}
    counts = {
        "replicas": len(pods),
        "fullyLabeledReplicas": sum(labels_match(pod["metadata"].get("labels"), wanted) for pod in pods),
        "readyReplicas": sum(ready(pod) for pod in pods),
        "availableReplicas": sum(available(pod, owner["spec"].get("minReadySeconds", 0), control) for pod in pods),
    }
    status: Object = {key: value for key, value in counts.items() if value or key == "replicas"}
    status["observedGeneration"] = owner["metadata"].get("generation", 1)
    refusal = control.refusals.get(uid(owner)) if len(pods) < owner["spec"].get("replicas", 1) else None
    if refusal:
        told = {"status": {"conditions": (owner.get("status") or {}).get("conditions") or []}}
        set_condition(told, control.clock.stamp(), "ReplicaFailure", "True", "FailedCreate", refusal)
        status["conditions"] = told["status"]["conditions"]
    if owner.get("status") != status:
        control.status("replicasets.apps", owner, lambda thing: thing.update(status=status))
