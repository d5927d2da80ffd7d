"""Objects that several tests of the clients begin with."""

from __future__ import annotations

import json

from tests.cluster.conftest import Clients
from tests.cluster.store import Object


def deployment(replicas: int = 2, image: str = "app:1") -> str:
    """A Deployment, as a manifest."""
    template = {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "web", "image": image}]}}
    spec = {"replicas": replicas, "selector": {"matchLabels": {"app": "web"}}, "template": template}
    return json.dumps({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}, "spec": spec})


def running_pod(clients: Clients, name: str, labels: dict[str, str] | None = None) -> None:
    """A pod that some node runs and that is ready."""
    pods = clients.store.resources.named("pods")
    containers = [{"name": "web", "image": "app:1"}]
    metadata: Object = {"name": name, "namespace": clients.namespace, "labels": labels or {}}
    # An owner that is there, so that drain takes the pod for one that comes back.
    replicas = clients.store.create(
        clients.store.resources.named("replicasets.apps"), json.loads(_replica_set(clients.namespace, name))
    )
    owner = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": name, "uid": replicas["metadata"]["uid"]}
    metadata["ownerReferences"] = [owner | {"controller": True}]
    clients.store.create(pods, {"metadata": metadata, "spec": {"containers": containers}})
    clients.store.change(pods, clients.namespace, name, lambda it: it["spec"].update(nodeName="node-a"), "binding")
    clients.set_status("pods", name, phase="Running", conditions=[{"type": "Ready", "status": "True"}])


def _replica_set(namespace: str, name: str) -> str:
    template = {"metadata": {"labels": {"set": name}}, "spec": {"containers": [{"name": "web", "image": "app:1"}]}}
    spec = {"selector": {"matchLabels": {"set": name}}, "template": template}
    return json.dumps({"metadata": {"name": name, "namespace": namespace}, "spec": spec})
