"""The scale of a workload: how many there are to be, read and written without the rest."""

from __future__ import annotations

from dataclasses import replace

from tests.cluster.operation import Options
from tests.cluster.resources import Resource
from tests.cluster.shelf import Object
from tests.cluster.store import Store


def scale_of(thing: Object) -> Object:
    """The Scale of a workload."""
    kept = ("name", "namespace", "uid", "resourceVersion", "creationTimestamp")
    labels = (thing["spec"].get("selector") or {}).get("matchLabels") or {}
    return {
        "kind": "Scale",
        "apiVersion": "autoscaling/v1",
        "metadata": {key: thing["metadata"][key] for key in kept if key in thing["metadata"]},
        "spec": {"replicas": thing["spec"].get("replicas", 0)},
        "status": {
            "replicas": (thing.get("status") or {}).get("replicas", 0),
            "selector": ",".join(f"{key}={value}" for key, value in sorted(labels.items())),
        },
    }


def set_scale(store: Store, resource: Resource, namespace: str, scale: Object, options: Options) -> Object:
    """Write a Scale; raises Conflict where it was read from an older state."""
    wanted = (scale.get("spec") or {}).get("replicas", 0)
    with store.lock:
        thing = store.get(resource, namespace, scale["metadata"]["name"])
        stated = scale["metadata"].get("resourceVersion")
        if stated:
            thing["metadata"]["resourceVersion"] = stated
        thing["spec"]["replicas"] = wanted
        return scale_of(store.update(resource, thing, options=replace(options, recorded="scale")))
