"""The metrics API: what pods and nodes use, measured by who runs them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tests.cluster import errors, selectors
from tests.cluster.api.request import Target
from tests.cluster.resources import Resource
from tests.cluster.shelf import Object

# The metrics of all `pods` or all `nodes`, without kind and version.
Metrics = Callable[[str], list[Object]]

_GROUP, _VERSION, _VERBS = "metrics.k8s.io", "v1beta1", ("get", "list")
RESOURCES = (
    Resource(_GROUP, _VERSION, "PodMetrics", "pods", verbs=_VERBS, custom=True),
    Resource(_GROUP, _VERSION, "NodeMetrics", "nodes", namespaced=False, verbs=_VERBS, custom=True),
)


def told(measured: Metrics, wanted: Target, version: str, query: Mapping[str, str]) -> Object:
    """One object's metrics, or those that are selected; raises NotFound."""
    resource = wanted.resource
    kind = {"kind": resource.kind, "apiVersion": resource.api_version}
    selector = selectors.parse_labels(query.get("labelSelector", ""))
    found = [
        kind | each
        for each in measured(resource.plural)
        if wanted.namespace in {None, each["metadata"].get("namespace")}
        and selectors.matches(selector, each["metadata"].get("labels"))
        and wanted.name in {None, each["metadata"]["name"]}
    ]
    if wanted.name is None:
        listed = {"kind": f"{resource.kind}List", "apiVersion": resource.api_version}
        return listed | {"metadata": {"resourceVersion": version}, "items": found}
    if not found:
        raise errors.not_found(_GROUP, resource.plural, wanted.name)
    return found[0]
