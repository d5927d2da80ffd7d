"""What the API server adds to an object where its author wrote nothing."""

from __future__ import annotations

import base64
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from tests.cluster.api import shapes
from tests.cluster.api.shapes import Shape
from tests.cluster.resources import Resource
from tests.cluster.shelf import Object, copy

SERVICES = "10.43.0."


def apply_defaults(resource: Resource, thing: Object) -> None:
    """Add what is constant or follows from the object itself."""
    shape = shapes.of(resource)
    if resource.custom:
        _custom(shape, thing)
        return
    for each, value in shapes.walk(shape, thing):
        if isinstance(value, dict) and each.name:
            _constants(each, value)
    extra = _BY_KIND.get(resource.kind)
    if extra:
        extra(thing)
    if "metadata" in thing and "creationTimestamp" in _template(thing):
        del _template(thing)["creationTimestamp"]


@cache
def _table() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("defaults.yaml").read_text("utf-8"))
    return found


def _constants(shape: Shape, value: dict[str, Any]) -> None:
    for key, default in _table().get(shape.name, {}).items():
        value.setdefault(key, copy(default))
    special = _BY_SHAPE.get(shape.name)
    if special:
        special(value)


def _custom(shape: Shape, value: Any) -> None:
    if isinstance(value, dict):
        for name, child in shape.fields.items():
            if "default" in child.schema and value.get(name) is None and name != "metadata":
                value[name] = copy(child.schema["default"])
        for name, each in value.items():
            below = shape.child(name)
            if below is not None and name != "metadata":
                _custom(below, each)
    elif isinstance(value, list) and shape.items is not None:
        for each in value:
            _custom(shape.items, each)


def _container(container: dict[str, Any]) -> None:
    image = container.get("image", "").partition("@")
    tag = image[0].rpartition("/")[2].partition(":")[2]
    latest = not image[2] and tag in {"", "latest"}
    container.setdefault("imagePullPolicy", "Always" if latest else "IfNotPresent")
    resources = container["resources"]
    if resources.get("limits"):
        requests = resources.setdefault("requests", {})
        for name, amount in resources["limits"].items():
            requests.setdefault(name, amount)


def _deployment_strategy(strategy: dict[str, Any]) -> None:
    if strategy["type"] == "RollingUpdate":
        strategy.setdefault("rollingUpdate", {})


def _stateful_strategy(strategy: dict[str, Any]) -> None:
    if strategy["type"] == "RollingUpdate":
        strategy.setdefault("rollingUpdate", {"partition": 0})


def _job_spec(spec: dict[str, Any]) -> None:
    if "completions" not in spec and "parallelism" not in spec:
        spec["completions"] = 1
    spec.setdefault("parallelism", 1)
    if spec.get("podFailurePolicy"):
        spec["podReplacementPolicy"] = "Failed"


def _service_port(port: dict[str, Any]) -> None:
    port.setdefault("targetPort", port.get("port"))


def _service(service: Object) -> None:
    spec = service["spec"]
    if spec["type"] == "ExternalName":
        return
    spec.setdefault("internalTrafficPolicy", "Cluster")
    spec.setdefault("ipFamilies", ["IPv4"])
    spec.setdefault("ipFamilyPolicy", "SingleStack")
    if spec["type"] == "LoadBalancer":
        spec.setdefault("allocateLoadBalancerNodePorts", True)
    if spec["type"] in {"LoadBalancer", "NodePort"}:
        spec.setdefault("externalTrafficPolicy", "Cluster")


def _network_policy(policy: Object) -> None:
    spec = policy.setdefault("spec", {})
    spec.setdefault("policyTypes", ["Ingress", "Egress"] if spec.get("egress") else ["Ingress"])


def _secret(secret: Object) -> None:
    plain = secret.pop("stringData", None) or {}
    if plain:
        encoded = {key: base64.b64encode(value.encode()).decode() for key, value in plain.items()}
        secret["data"] = (secret.get("data") or {}) | encoded


def _pod(pod: Object) -> None:
    spec = pod["spec"]
    spec.setdefault("enableServiceLinks", True)
    spec.setdefault("serviceAccountName", spec.get("serviceAccount", "default"))
    spec["serviceAccount"] = spec["serviceAccountName"]
    spec.setdefault("preemptionPolicy", "PreemptLowerPriority")
    spec.setdefault("priority", 0)
    tolerations = spec.setdefault("tolerations", [])
    for taint in ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"):
        if not any(
            each.get("key") in {taint, None} and each.get("effect") in {"NoExecute", None} for each in tolerations
        ):
            tolerations.append({"key": taint, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300})


def _tolerates(toleration: dict[str, Any], taint: str) -> bool:
    return toleration.get("key") in {taint, None} and toleration.get("effect") in {"NoExecute", None}


def _namespace(namespace: Object) -> None:
    namespace["metadata"].setdefault("labels", {})["kubernetes.io/metadata.name"] = namespace["metadata"]["name"]
    namespace.setdefault("status", {}).setdefault("phase", "Active")


def _binding(binding: Object) -> None:
    for each in binding.get("subjects") or ():
        if each.get("kind") != "ServiceAccount":
            each.setdefault("apiGroup", "rbac.authorization.k8s.io")


def _autoscaler(scaler: Object) -> None:
    spec = scaler["spec"]
    utilization = {"type": "Utilization", "averageUtilization": 80}
    spec.setdefault("metrics", [{"type": "Resource", "resource": {"name": "cpu", "target": utilization}}])
    behavior = spec.get("behavior")
    if behavior is not None:
        up = {"type": "Pods", "value": 4, "periodSeconds": 15}, {"type": "Percent", "value": 100, "periodSeconds": 15}
        down = ({"type": "Percent", "value": 100, "periodSeconds": 15},)
        for name, policies, window in (("scaleUp", up, 0), ("scaleDown", down, None)):
            rules = behavior.setdefault(name, {})
            rules.setdefault("selectPolicy", "Max")
            rules.setdefault("policies", [dict(each) for each in policies])
            if window is not None:
                rules.setdefault("stabilizationWindowSeconds", window)


def _limits(limits: Object) -> None:
    for each in limits["spec"].get("limits") or ():
        if each.get("type") == "Container":
            for source, target in (("max", "default"), ("default", "defaultRequest"), ("min", "defaultRequest")):
                for name, amount in (each.get(source) or {}).items():
                    each.setdefault(target, {}).setdefault(name, amount)


def _crd(definition: Object) -> None:
    names = definition["spec"]["names"]
    names.setdefault("singular", names["kind"].lower())
    names.setdefault("listKind", names["kind"] + "List")
    definition["spec"].setdefault("conversion", {"strategy": "None"})


def _template(thing: Object) -> dict[str, Any]:
    spec = thing.get("spec")
    template = spec.get("template") if isinstance(spec, dict) else None
    return (template.get("metadata") or {}) if isinstance(template, dict) else {}


_BY_SHAPE: dict[str, Callable[[dict[str, Any]], None]] = {
    "io.k8s.api.core.v1.Container": _container,
    "io.k8s.api.core.v1.ServicePort": _service_port,
    "io.k8s.api.apps.v1.DeploymentStrategy": _deployment_strategy,
    "io.k8s.api.apps.v1.DaemonSetUpdateStrategy": _deployment_strategy,
    "io.k8s.api.apps.v1.StatefulSetUpdateStrategy": _stateful_strategy,
    "io.k8s.api.batch.v1.JobSpec": _job_spec,
}
_BY_KIND: dict[str, Callable[[Object], None]] = {
    "ClusterRoleBinding": _binding,
    "CustomResourceDefinition": _crd,
    "HorizontalPodAutoscaler": _autoscaler,
    "LimitRange": _limits,
    "Namespace": _namespace,
    "NetworkPolicy": _network_policy,
    "Pod": _pod,
    "RoleBinding": _binding,
    "Secret": _secret,
    "Service": _service,
}
