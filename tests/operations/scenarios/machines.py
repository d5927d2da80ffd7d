"""Nodes: drained, lost, upgraded, full."""

from __future__ import annotations

from tests.cluster.controllers.machines import EVICTION_SECONDS, SILENCE_SECONDS
from tests.cluster.objects import Object
from tests.operations.stage import PRODUCTION, Stage
from tests.operations.versions import GOOD


def drain(stage: Stage) -> None:
    """One of two nodes, and back."""
    stage.running()
    with stage.clients():
        stage.sh(_drain("node-2"))
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


def _drain(node: str) -> str:
    return f"kubectl --context production drain {node} --ignore-daemonsets --delete-emptydir-data"


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
