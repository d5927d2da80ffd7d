"""The real kubectl follows rollouts and drains nodes on the stand-in as on a cluster."""

from __future__ import annotations

import json
import threading
import time

from tests.cluster.conftest import Clients
from tests.cluster.examples import deployment, running_pod

ROLLED_OUT = {
    "replicas": 2,
    "updatedReplicas": 2,
    "readyReplicas": 2,
    "availableReplicas": 2,
    "conditions": [{"type": "Available", "status": "True"}],
}


def test_rollout_status_ends_when_the_status_says_so(clients: Clients) -> None:
    """kubectl watches the Deployment until it is complete."""
    clients.kubectl("apply", "-f", "-", given=deployment())
    timer = threading.Timer(0.5, lambda: clients.set_status("deployments.apps", "web", **ROLLED_OUT))
    timer.start()
    shown = clients.kubectl("rollout", "status", "deployment/web", "--timeout=20s")
    assert shown.splitlines()[-1] == 'deployment "web" successfully rolled out'


def test_rollout_undo_and_history_go_by_replica_sets(clients: Clients) -> None:
    """The template of the revision before comes back."""
    created = json.loads(deployment())
    created["metadata"]["annotations"] = {"deployment.kubernetes.io/revision": "2"}
    clients.kubectl("create", "-f", "-", given=json.dumps(created))
    owner = clients.get("deployments.apps", "web")
    for revision, image in (("1", "app:0"), ("2", "app:1")):
        template = json.loads(deployment(image=image))["spec"]["template"]
        template["metadata"]["labels"]["pod-template-hash"] = f"h{revision}"
        metadata = {
            "name": f"web-h{revision}",
            "namespace": clients.namespace,
            "labels": template["metadata"]["labels"],
            "annotations": {"deployment.kubernetes.io/revision": revision},
            "ownerReferences": [
                {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web", "uid": owner["metadata"]["uid"]}
                | {"controller": True}
            ],
        }
        spec = {"selector": {"matchLabels": template["metadata"]["labels"]}, "template": template}
        clients.store.create(clients.store.resources.named("replicasets.apps"), {"metadata": metadata, "spec": spec})
    history = clients.kubectl("rollout", "history", "deployment/web")
    clients.kubectl("rollout", "undo", "deployment/web")
    template = clients.get("deployments.apps", "web")["spec"]["template"]
    assert [line.split()[0] for line in history.splitlines()[2:]] == ["1", "2"]
    assert template["spec"]["containers"][0]["image"] == "app:0"
    assert template["metadata"]["labels"] == created["spec"]["template"]["metadata"]["labels"]


def test_restart_pause_and_resume_change_the_deployment(clients: Clients) -> None:
    """Restart writes an annotation into the template, pause and resume a field."""
    clients.kubectl("apply", "-f", "-", given=deployment())
    clients.kubectl("rollout", "restart", "deployment/web")
    clients.kubectl("rollout", "pause", "deployment/web")
    paused = clients.get("deployments.apps", "web")["spec"]
    clients.kubectl("rollout", "resume", "deployment/web")
    assert list(paused["template"]["metadata"]["annotations"]) == ["kubectl.kubernetes.io/restartedAt"]
    assert (paused["paused"], clients.get("deployments.apps", "web")["spec"].get("paused")) == (True, None)


def test_drain_waits_for_the_budget(clients: Clients) -> None:
    """A pod that its budget keeps stays, and goes when the budget allows it."""
    nodes, pods = clients.store.resources.named("nodes"), clients.store.resources.named("pods")
    clients.store.create(nodes, {"metadata": {"name": "node-a"}})
    running_pod(clients, "web-1", {"app": "web"})
    clients.kubectl("create", "pdb", "web", "--selector=app=web", "--min-available=1")
    clients.set_status("poddisruptionbudgets.policy", "web", disruptionsAllowed=0, currentHealthy=1, desiredHealthy=1)

    def allow() -> None:
        clients.set_status(
            "poddisruptionbudgets.policy", "web", disruptionsAllowed=1, currentHealthy=2, desiredHealthy=1
        )
        while not clients.get("pods", "web-1")["metadata"].get("deletionTimestamp"):
            time.sleep(0.05)
        clients.store.delete(pods, clients.namespace, "web-1", grace=0)

    threading.Timer(1, allow).start()
    shown = clients.kubectl("drain", "node-a", "--timeout=30s", "--pod-selector=app=web")
    clients.kubectl("uncordon", "node-a")
    clients.store.delete(nodes, None, "node-a")
    assert "node/node-a drained" in shown
    assert "NotFound" in clients.refused("get", "pod", "web-1")
