"""The node controllers: a node that is silent becomes NotReady, and after a time its pods are evicted."""

from __future__ import annotations

from collections.abc import Callable

from tests.cluster.control import Control
from tests.cluster.objects import Object, active, condition, deleting, name, set_condition

SILENCE_SECONDS = 50.0
EVICTION_SECONDS = 300.0
UNREACHABLE = "node.kubernetes.io/unreachable"
PRESSURE = "node.kubernetes.io/disk-pressure"


class Machines:
    """Controller of nodes; `silent_since` tells since when a node's kubelet has said nothing, or None."""

    def __init__(self, silent_since: Callable[[str], str | None]) -> None:
        self._silent_since = silent_since

    def reconcile(self, control: Control) -> None:
        """Judge every node by its silence, taint it, and evict."""
        for each in control.all("nodes"):
            since = self._silent_since(name(each))
            lost = since is not None and control.clock.since(since) >= SILENCE_SECONDS
            if lost:
                self._lose(control, each)
                told = condition(control.get("nodes", None, name(each)) or {}, "Ready")
                if told and control.clock.since(told["lastTransitionTime"]) >= EVICTION_SECONDS:
                    _evict(control, each)
            _taint(control, each, UNREACHABLE, lost)
            _taint(control, each, PRESSURE, (condition(each, "DiskPressure") or {}).get("status") == "True")

    def _lose(self, control: Control, node: Object) -> None:
        told = condition(node, "Ready")
        if told and told["status"] == "Unknown":
            return
        stamp = control.clock.stamp()

        def unknown(thing: Object) -> None:
            set_condition(thing, stamp, "Ready", "Unknown", "NodeStatusUnknown", "Kubelet stopped posting node status.")

        control.status("nodes", node, unknown)
        for pod in _pods(control, node):

            def not_ready(thing: Object) -> None:
                set_condition(thing, stamp, "Ready", "False")

            control.status("pods", pod, not_ready)


def _pods(control: Control, node: Object) -> list[Object]:
    return [each for each in control.all("pods") if each["spec"].get("nodeName") == name(node)]


def _evict(control: Control, node: Object) -> None:
    # They stay as Terminating until the node answers again: nobody knows whether they still run.
    for pod in _pods(control, node):
        if active(pod) and not deleting(pod):
            control.delete("pods", pod)
            control.event(pod, "TaintManagerEviction", f"Marking for deletion Pod {pod['metadata']['name']}")


def _taint(control: Control, node: Object, key: str, wanted: bool) -> None:
    taints = node["spec"].get("taints") or []
    if any(each["key"] == key for each in taints) == wanted:
        return

    def change(thing: Object) -> None:
        kept = [each for each in thing["spec"].get("taints") or [] if each["key"] != key]
        thing["spec"]["taints"] = [*kept, *([{"key": key, "effect": "NoSchedule"}] if wanted else [])]

    control.change("nodes", node, change)
