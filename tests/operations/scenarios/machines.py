"""Nodes: drained, lost, upgraded, full."""

from __future__ import annotations

import time

from tests.cluster.controllers.machines import EVICTION_SECONDS, SILENCE_SECONDS
from tests.cluster.objects import Object
from tests.operations.stage import PRODUCTION, Stage
from tests.operations.versions import GOOD

PATIENCE_SECONDS = 7
"""Longer than kubectl waits before it asks for an eviction again."""


def drain(stage: Stage) -> None:
    """One of two nodes, and back."""
    stage.running()
    with stage.clients():
        stage.sh(drain_command("node-2"))
        stage.demand(not _on(stage, "node-2"), "pods are left on the drained node")
        stage.runs(GOOD)
        stage.sh("kubectl --context production uncordon node-2")
    stage.demand(not _node(stage, "node-2")["spec"].get("unschedulable"), "the node still takes no pods")


def node_loss(stage: Stage) -> None:
    """A machine is gone: after the time that Kubernetes waits, its pods run elsewhere."""
    stage.running()
    stage.cluster.nodes["node-2"].lose()
    stage.cluster.clock.skip(SILENCE_SECONDS)
    stage.until(lambda: _status(stage, "node-2") == "Unknown", "the node's being missed")
    # From here on nobody is sent to the lost pods any longer.
    stage.until(lambda: len(stage.cluster.network.endpoints(PRODUCTION, "app")) < 3, "fewer endpoints")
    with stage.clients():
        stage.cluster.clock.skip(EVICTION_SECONDS)
        stage.runs(GOOD)
    stage.cluster.nodes["node-2"].restore()
    stage.until(lambda: not _on(stage, "node-2", deleting=True), "the end of the lost pods")


def drain_the_only_node(stage: Stage) -> None:
    """With nowhere to go, the budget keeps the pods that are left: the drain never ends, and clients notice nothing."""
    stage.running()
    stage.console.look("kubectl --context production cordon node-2")
    _move_all_to(stage, "node-1")
    with stage.clients():
        stage.console.steps.append(drain_command("node-1"))
        draining = stage.console.begin(drain_command("node-1"))
        stage.until(lambda: len(stage.cluster.network.endpoints(PRODUCTION, "app")) == 2, "one pod's eviction")
        # The operator waits for a while, and then for nothing any longer.
        time.sleep(PATIENCE_SECONDS)
        stage.demand(draining.poll() is None, "the drain has ended")
        draining.terminate()
        stage.demand(len(stage.cluster.network.endpoints(PRODUCTION, "app")) == 2, "the budget is not kept")
        stage.sh("kubectl --context production uncordon node-1")
        stage.runs(GOOD)
    stage.console.look("kubectl --context production uncordon node-2")


def full_disk(stage: Stage) -> None:
    """A node whose disk is full evicts its pods and takes none; the others serve."""
    stage.running()
    full = stage.cluster.nodes["node-2"]
    with stage.clients():
        full.fill_disk()
        stage.until(lambda: not _on(stage, "node-2"), "the end of the full node's pods")
        stage.runs(GOOD)
        described = stage.sh("kubectl --context production describe node node-2")
        stage.demand("KubeletHasDiskPressure" in described.out, f"the cause is not seen:\n{described}")
    stage.demand(not _on(stage, "node-2"), "pods are left on the full node")
    full.free_disk()


def _move_all_to(stage: Stage, node: str) -> None:
    for each in _on(stage, "node-2" if node == "node-1" else "node-1"):
        stage.cluster.control.delete("pods", each, grace=0)
    stage.until(lambda: len(_on(stage, node)) == 3 and stage.complete() and stage.settled(), f"all pods on {node}")


def drain_command(node: str) -> str:
    """As cluster-care.md writes it."""
    return f"kubectl --context production drain {node} --ignore-daemonsets --delete-emptydir-data --timeout=15m"


def _on(stage: Stage, node: str, *, deleting: bool = False) -> list[Object]:
    pods = [each for each in stage.cluster.pods(PRODUCTION, app="app") if each["spec"].get("nodeName") == node]
    return [each for each in pods if not deleting or "deletionTimestamp" in each["metadata"]]


def _node(stage: Stage, called: str) -> Object:
    found = stage.cluster.control.get("nodes", None, called)
    assert found is not None
    return found


def _status(stage: Stage, called: str) -> str:
    conditions = _node(stage, called)["status"]["conditions"]
    return next(str(each["status"]) for each in conditions if each["type"] == "Ready")
