"""The scheduler: a node for every pod that has none, by selector, taints, requests and where its volumes lie."""

from __future__ import annotations

from decimal import Decimal

from tests.cluster.control import Control
from tests.cluster.controllers.volumes import SELECTED, node_of
from tests.cluster.objects import (
    Object,
    annotation,
    deleting,
    finished,
    is_true,
    labels_match,
    name,
    namespace,
    quantity,
    set_condition,
)

UNSCHEDULABLE = "node.kubernetes.io/unschedulable"


def reconcile(control: Control) -> None:
    """Bind every pod that waits, or tell it why it goes on waiting."""
    waiting = [each for each in control.all("pods") if not each["spec"].get("nodeName") and not deleting(each)]
    if not waiting:
        return
    for pod in waiting:
        nodes = control.all("nodes")
        placed = [each for each in control.all("pods") if each["spec"].get("nodeName") and not finished(each)]
        _place(control, pod, nodes, placed)


def requests(pod: Object, resource: str) -> Decimal:
    """What a pod's containers ask for, in the base unit."""
    asked = [
        ((each.get("resources") or {}).get("requests") or {}).get(resource, 0) for each in pod["spec"]["containers"]
    ]
    return sum((quantity(each) for each in asked), Decimal(0))


def _place(control: Control, pod: Object, nodes: list[Object], placed: list[Object]) -> None:
    reasons: dict[str, int] = {}
    fitting = []
    for node in nodes:
        problem = _problem(control, pod, node, placed)
        if problem:
            reasons[problem] = reasons.get(problem, 0) + 1
        else:
            fitting.append(node)
    if not fitting:
        told = ", ".join(f"{count} {reason}" for reason, count in sorted(reasons.items()))
        message = f"0/{len(nodes)} nodes are available: {told}."
        stamp = control.clock.stamp()
        changed = _says(pod, message)
        if changed:
            control.status("pods", pod, lambda thing: _unschedulable(thing, stamp, message))
            control.event(pod, "FailedScheduling", message, warning=True)
        return
    # Spread like the default scheduler: fewest pods of the same kind, then the emptiest node.
    chosen = min(fitting, key=lambda node: (_alike(pod, node, placed), _used(node, placed, "memory"), name(node)))
    for claim in _claims(control, pod):
        if not annotation(claim, SELECTED) and not claim["spec"].get("volumeName"):

            def select(thing: Object) -> None:
                thing["metadata"].setdefault("annotations", {})[SELECTED] = name(chosen)

            control.change("persistentvolumeclaims", claim, select)
    stamp = control.clock.stamp()
    control.change("pods", pod, lambda thing: thing["spec"].update(nodeName=name(chosen)), "binding")
    control.status("pods", pod, lambda thing: _scheduled(thing, stamp))
    control.event(pod, "Scheduled", f"Successfully assigned {namespace(pod)}/{name(pod)} to {name(chosen)}")


def _says(pod: Object, message: str) -> bool:
    conditions = (pod.get("status") or {}).get("conditions") or []
    return not any(each["type"] == "PodScheduled" and each.get("message") == message for each in conditions)


def _scheduled(pod: Object, stamp: str) -> None:
    set_condition(pod, stamp, "PodScheduled", "True")


def _unschedulable(pod: Object, stamp: str, message: str) -> None:
    set_condition(pod, stamp, "PodScheduled", "False", "Unschedulable", message)
    pod["status"]["phase"] = "Pending"


def _problem(control: Control, pod: Object, node: Object, placed: list[Object]) -> str:
    spec = pod["spec"]
    if node["spec"].get("unschedulable"):
        return "node(s) were unschedulable"
    if not is_true(node, "Ready"):
        return "node(s) were not ready"
    for taint in node["spec"].get("taints") or []:
        if taint["effect"] in {"NoSchedule", "NoExecute"} and not _tolerated(spec, taint):
            return f"node(s) had untolerated taint {{{taint['key']}: {taint.get('value', '')}}}"
    if not labels_match(node["metadata"].get("labels"), spec.get("nodeSelector") or {}):
        return "node(s) didn't match Pod's node affinity/selector"
    for resource in ("cpu", "memory"):
        free = quantity(node["status"]["allocatable"][resource]) - _used(node, placed, resource)
        if requests(pod, resource) > free:
            return f"Insufficient {resource}"
    return _volume_problem(control, pod, node)


def _volume_problem(control: Control, pod: Object, node: Object) -> str:
    for claim in _claims(control, pod):
        volume = control.get("persistentvolumes", None, claim["spec"].get("volumeName") or "-")
        tied = node_of(volume) if volume else annotation(claim, SELECTED)
        if tied and tied != name(node):
            return "node(s) didn't match PersistentVolume's node affinity"
    missing = _missing(control, pod)
    return f'persistentvolumeclaim "{missing}" not found' if missing else ""


def _tolerated(spec: Object, taint: Object) -> bool:
    for each in spec.get("tolerations") or []:
        same = each.get("key") in {None, "", taint["key"]}
        value = each.get("operator") == "Exists" or each.get("value", "") == taint.get("value", "")
        if same and value and each.get("effect") in {None, "", taint["effect"]}:
            return True
    return False


def _used(node: Object, placed: list[Object], resource: str) -> Decimal:
    return sum((requests(each, resource) for each in placed if each["spec"]["nodeName"] == name(node)), Decimal(0))


def _alike(pod: Object, node: Object, placed: list[Object]) -> int:
    wanted = pod["metadata"].get("labels") or {}
    here = (each for each in placed if each["spec"]["nodeName"] == name(node) and namespace(each) == namespace(pod))
    return sum(not deleting(each) and (each["metadata"].get("labels") or {}) == wanted for each in here)


def _names(pod: Object) -> list[str]:
    volumes = pod["spec"].get("volumes") or []
    return [each["persistentVolumeClaim"]["claimName"] for each in volumes if "persistentVolumeClaim" in each]


def _claims(control: Control, pod: Object) -> list[Object]:
    found = (control.get("persistentvolumeclaims", namespace(pod), each) for each in _names(pod))
    return [each for each in found if each is not None]


def _missing(control: Control, pod: Object) -> str:
    lacking = (each for each in _names(pod) if control.get("persistentvolumeclaims", namespace(pod), each) is None)
    return next(lacking, "")
