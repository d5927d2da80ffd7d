"""The rules that an object must keep on its own, whatever was there before it."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from tests.cluster import selectors
from tests.cluster.api import shapes
from tests.cluster.api.custom import custom_problems
from tests.cluster.api.pods import pod_problems
from tests.cluster.api.problems import Problems, forbidden, invalid, required, unsupported
from tests.cluster.api.shapes import Shape
from tests.cluster.quantities import number
from tests.cluster.resources import Resource
from tests.cluster.shelf import Object

_SUBDOMAIN = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*"
_LABEL = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_LABEL_1035 = r"[a-z]([-a-z0-9]*[a-z0-9])?"
_VALUE = r"(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?"
_QUALIFIED = r"([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"
_ENDS = "and must start and end with an alphanumeric character"
_SUBDOMAIN_TEXT = (
    f"a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', {_ENDS} "
    f"(e.g. 'example.com', regex used for validation is '{_SUBDOMAIN}')"
)
_LABEL_TEXT = (
    f"a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', {_ENDS} "
    f"(e.g. 'my-name',  or '123-abc', regex used for validation is '{_LABEL}')"
)
_LABEL_1035_TEXT = (
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, "
    "and end with an alphanumeric character "
    f"(e.g. 'my-name',  or 'abc-123', regex used for validation is '{_LABEL_1035}')"
)
_VALUE_TEXT = (
    f"a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', {_ENDS} "
    f"(e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '{_VALUE}')"
)
_QUALIFIED_TEXT = (
    f"name part must consist of alphanumeric characters, '-', '_' or '.', {_ENDS} "
    f"(e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '{_QUALIFIED}')"
)
_NAMES = {
    "Namespace": (_LABEL, 63, _LABEL_TEXT),
    "Service": (_LABEL_1035, 63, _LABEL_1035_TEXT),
    "Role": (r"[^/%]+", 253, "may not contain '/'"),
    "RoleBinding": (r"[^/%]+", 253, "may not contain '/'"),
    "ClusterRole": (r"[^/%]+", 253, "may not contain '/'"),
    "ClusterRoleBinding": (r"[^/%]+", 253, "may not contain '/'"),
}
_WORKLOADS = {"Deployment", "ReplicaSet", "StatefulSet", "DaemonSet"}


def problems_of(resource: Resource, thing: Object) -> Problems:
    """All that is wrong with an object."""
    found = _metadata(resource, thing["metadata"])
    if resource.custom:
        return [*found, *custom_problems(shapes.of(resource), thing)]
    shape = shapes.of(resource)
    for name in ("spec", "data", "roleRef", "provisioner", "value", "rules"):
        if name in thing and name in shape.fields:
            found += _required_below(shape.fields[name], thing[name], name)
    found += [required(each) for each in shape.required if each not in thing and each != "metadata"]
    if resource.kind in _WORKLOADS | {"Job"}:
        found += _workload(resource.kind, thing)
    special = _BY_KIND.get(resource.kind)
    return [*found, *(special(thing) if special else [])]


def _metadata(resource: Resource, metadata: Mapping[str, Any]) -> Problems:
    name = metadata["name"]
    pattern, length, text = _NAMES.get(resource.kind, (_SUBDOMAIN, 253, _SUBDOMAIN_TEXT))
    found = []
    if not re.fullmatch(pattern, name):
        found.append(invalid("metadata.name", name, text))
    if len(name) > length:
        found.append(invalid("metadata.name", name, f"must be no more than {length} characters"))
    found += labels("metadata.labels", metadata.get("labels") or {})
    found += [
        invalid("metadata.annotations", key, _QUALIFIED_TEXT)
        for key in metadata.get("annotations") or ()
        if not re.fullmatch(_QUALIFIED, key.rpartition("/")[2])
    ]
    return found


def labels(field: str, found: Mapping[str, str]) -> Problems:
    """What is wrong with labels."""
    problems: Problems = []
    for key, value in found.items():
        name = key.rpartition("/")[2]
        if not re.fullmatch(_QUALIFIED, name):
            problems.append(invalid(field, key, _QUALIFIED_TEXT))
        if len(value) > 63:
            problems.append(invalid(field, value, "must be no more than 63 characters"))
        elif not re.fullmatch(_VALUE, value):
            problems.append(invalid(field, value, _VALUE_TEXT))
    return problems


def _required_below(shape: Shape, value: Any, path: str) -> Problems:
    found: Problems = []
    if isinstance(value, dict):
        # What the schema calls required may still be empty: only what is missing is judged here.
        found += [required(f"{path}.{name}") for name in shape.required if name not in value and name in shape.fields]
        for name, each in value.items():
            child = shape.child(name)
            if child is not None and name != "status":
                found += _required_below(child, each, f"{path}.{name}")
    elif isinstance(value, list) and shape.items is not None:
        for index, each in enumerate(value):
            found += _required_below(shape.items, each, f"{path}[{index}]")
    return found


def _workload(kind: str, thing: Object) -> Problems:
    spec = thing.get("spec") or {}
    found: Problems = []
    for name in ("replicas", "parallelism", "completions", "backoffLimit", "minReadySeconds", "revisionHistoryLimit"):
        if isinstance(spec.get(name), int) and spec[name] < 0:
            found.append(invalid(f"spec.{name}", spec[name], "must be greater than or equal to 0"))
    template = spec.get("template") or {}
    template_labels = (template.get("metadata") or {}).get("labels") or {}
    selector = spec.get("selector")
    if kind != "Job":
        # A selector that is not there matches nothing.
        if selector is None:
            text = "`selector` does not match template `labels`"
            found.append(invalid("spec.template.metadata.labels", template_labels, text))
        elif not selector.get("matchLabels") and not selector.get("matchExpressions"):
            found.append(invalid("spec.selector", selector, f"empty selector is invalid for {kind.lower()}"))
        elif not selectors.matches(selectors.of_object(selector), template_labels):
            text = "`selector` does not match template `labels`"
            found.append(invalid("spec.template.metadata.labels", template_labels, text))
    found += labels("spec.template.labels", template_labels)
    pod = template.get("spec")
    if isinstance(pod, dict):
        # The claims of a StatefulSet become volumes of its pods.
        claims = [{"name": each["metadata"]["name"], "claim": {}} for each in spec.get("volumeClaimTemplates") or ()]
        found += pod_problems(pod | {"volumes": [*(pod.get("volumes") or ()), *claims]}, "spec.template.spec")
        allowed = ("OnFailure", "Never") if kind == "Job" else ("Always",)
        policy = pod.get("restartPolicy")
        if policy not in allowed:
            if kind == "Job":
                quoted = ", ".join(f'"{each}"' for each in allowed)
                field = "spec.template.spec.restartPolicy"
                found.append(
                    required(field, f"valid values: {quoted}") if not policy else unsupported(field, policy, allowed)
                )
            else:
                found.append(unsupported("spec.template.spec.restartPolicy", policy, allowed))
    if kind == "Deployment":
        found += _strategy(spec.get("strategy") or {})
        deadline, ready = spec.get("progressDeadlineSeconds", 600), spec.get("minReadySeconds", 0)
        if deadline <= ready:
            found.append(invalid("spec.progressDeadlineSeconds", deadline, "must be greater than minReadySeconds"))
    return found


def _strategy(strategy: Mapping[str, Any]) -> Problems:
    rolling = strategy.get("rollingUpdate")
    kind = strategy.get("type")
    if kind not in {"Recreate", "RollingUpdate"}:
        return [unsupported("spec.strategy.type", kind, ("Recreate", "RollingUpdate"))]
    if kind == "Recreate" and rolling is not None:
        return [forbidden("spec.strategy.rollingUpdate", "may not be specified when strategy `type` is 'Recreate'")]
    if rolling and _is_zero(rolling.get("maxUnavailable")) and _is_zero(rolling.get("maxSurge")):
        field = "spec.strategy.rollingUpdate.maxUnavailable"
        return [invalid(field, rolling["maxUnavailable"], "may not be 0 when `maxSurge` is 0")]
    return []


def _is_zero(amount: Any) -> bool:
    return amount in (0, "0%", "0")


def _pod(pod: Object) -> Problems:
    return pod_problems(pod.get("spec") or {}, "spec")


def _service(service: Object) -> Problems:
    spec = service.get("spec") or {}
    ports = spec.get("ports") or []
    found: Problems = []
    if not ports and spec.get("clusterIP") != "None" and spec.get("type") != "ExternalName":
        found.append(required("spec.ports"))
    for index, port in enumerate(ports):
        if len(ports) > 1 and not port.get("name"):
            found.append(required(f"spec.ports[{index}].name"))
        if not 1 <= port.get("port", 0) <= 65535:
            found.append(invalid(f"spec.ports[{index}].port", port.get("port", 0), _PORT_TEXT))
    types = ("ClusterIP", "ExternalName", "LoadBalancer", "NodePort")
    if spec.get("type") not in types:
        found.append(unsupported("spec.type", spec.get("type"), types))
    return found


def _claim(claim: Object) -> Problems:
    spec = claim.get("spec") or {}
    found: Problems = []
    if not spec.get("accessModes"):
        found.append(required("spec.accessModes", "at least 1 access mode is required"))
    if "storage" not in ((spec.get("resources") or {}).get("requests") or {}):
        found.append(required("spec.resources[storage]"))
    return found


def _budget(budget: Object) -> Problems:
    spec = budget.get("spec") or {}
    if "minAvailable" in spec and "maxUnavailable" in spec:
        return [invalid("spec", spec, "minAvailable and maxUnavailable cannot be both set")]
    return []


def _autoscaler(scaler: Object) -> Problems:
    spec = scaler.get("spec") or {}
    least, most = spec.get("minReplicas", 1), spec.get("maxReplicas", 0)
    found: Problems = []
    if least < 1:
        found.append(invalid("spec.minReplicas", least, "must be greater than or equal to 1"))
    if most < 1:
        found.append(invalid("spec.maxReplicas", most, "must be greater than 0"))
    elif most < least:
        found.append(invalid("spec.maxReplicas", most, "must be greater than or equal to `minReplicas`"))
    return found


def _config(config: Object) -> Problems:
    found: Problems = []
    for key in (*(config.get("data") or ()), *(config.get("binaryData") or ())):
        if not re.fullmatch(r"[-._a-zA-Z0-9]+", key):
            found.append(invalid(f"data[{key}]", key, _KEY_TEXT))
    return found


def _secret(secret: Object) -> Problems:
    needed = _SECRET_KEYS.get(secret.get("type", ""), ())
    data = secret.get("data") or {}
    found = _config(secret) + [required(f"data[{key}]") for key in needed if key not in data]
    login = data.get(".dockerconfigjson")
    if ".dockerconfigjson" in needed and login is not None:
        try:
            json.loads(base64.b64decode(login))
        except ValueError:
            why = "unexpected end of JSON input" if not login else "invalid character looking for beginning of value"
            found.append(invalid("data[.dockerconfigjson]", "<secret contents redacted>", why))
    return found


def _quota(quota: Object) -> Problems:
    found: Problems = []
    for name, amount in ((quota.get("spec") or {}).get("hard") or {}).items():
        if number(amount) < 0:
            found.append(invalid(f"spec.hard[{name}]", str(amount), "must be greater than or equal to 0"))
    return found


def _cron(job: Object) -> Problems:
    schedule = (job.get("spec") or {}).get("schedule", "")
    if len(schedule.split()) != 5 and not schedule.startswith("@"):
        count = len(schedule.split())
        text = f"expected exactly 5 fields, found {count}: [{schedule}]"
        return [invalid("spec.schedule", schedule, text)]
    return []


_PORT_TEXT = "must be between 1 and 65535, inclusive"
_KEY_TEXT = (
    "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or "
    "'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"
)
_SECRET_KEYS = {
    "kubernetes.io/dockerconfigjson": (".dockerconfigjson",),
    "kubernetes.io/tls": ("tls.crt", "tls.key"),
}
_BY_KIND: dict[str, Callable[[Object], Problems]] = {
    "ConfigMap": _config,
    "CronJob": _cron,
    "HorizontalPodAutoscaler": _autoscaler,
    "PersistentVolumeClaim": _claim,
    "Pod": _pod,
    "PodDisruptionBudget": _budget,
    "ResourceQuota": _quota,
    "Secret": _secret,
    "Service": _service,
}
