"""Objects as the rows that `kubectl get` shows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from tests.cluster.resources import Resource
from tests.cluster.shelf import Object

Row = list[Any]
_NONE = "<none>"


def table(resource: Resource, things: Sequence[Object], version: str, now: datetime, include: str) -> Object:
    """A Table of objects; `include` is None, Metadata or Object: what each row carries of its object."""
    columns, cells = _columns(resource)
    told = [
        {"name": name.lstrip("+"), "type": kind, "format": "name" if name == "Name" else "", "description": ""}
        | {"priority": 1 if name.startswith("+") else 0}
        for name, kind in columns
    ]
    rows = [{"cells": cells(each, now), "object": _carried(each, include)} for each in things]
    return {
        "kind": "Table",
        "apiVersion": "meta.k8s.io/v1",
        "metadata": {"resourceVersion": version},
        "columnDefinitions": told,
        "rows": rows,
    }


def age(thing: Object, now: datetime) -> str:
    """How long an object has been there, as kubectl writes it."""
    stamp = thing["metadata"].get("creationTimestamp")
    return _since(stamp, now)


def _columns(resource: Resource) -> tuple[list[tuple[str, str]], Callable[[Object, datetime], Row]]:
    if resource.custom:
        return _custom_columns(resource)
    names, cells = _KINDS.get(resource.kind, ("Name Age", lambda it, now: [it["metadata"]["name"], age(it, now)]))
    kinds = [(each.replace("_", " "), "string") for each in names.split()]
    return kinds, cells


def _custom_columns(resource: Resource) -> tuple[list[tuple[str, str]], Callable[[Object, datetime], Row]]:
    columns = [each for each in resource.columns if each.get("name") != "Age"]

    def cells(thing: Object, now: datetime) -> Row:
        shown = [_at(thing, each["jsonPath"]) for each in columns]
        dated = [
            _since(value, now) if each.get("type") == "date" and value else value
            for each, value in zip(columns, shown, strict=True)
        ]
        return [thing["metadata"]["name"], *dated, age(thing, now)]

    told = [("+" if each.get("priority") else "") + each["name"] for each in columns]
    types = [each.get("type", "string") if each.get("type") != "date" else "string" for each in columns]
    return [("Name", "string"), *zip(told, types, strict=True), ("Age", "string")], cells


def _at(thing: Any, path: str) -> Any:
    for part in path.strip(".").replace("\\.", "\0").split("."):
        thing = thing.get(part.replace("\0", ".")) if isinstance(thing, Mapping) else None
    return thing


def _carried(thing: Object, include: str) -> Object:
    if include == "Object":
        return thing
    if include == "None":
        return {}
    return {"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": thing["metadata"]}


def _since(stamp: str | None, now: datetime) -> str:
    if not stamp:
        return "<unknown>"
    seconds = max(0, int((now.astimezone(UTC) - datetime.fromisoformat(stamp)).total_seconds()))
    for limit, unit, divisor in ((120, "s", 1), (7200, "m", 60), (172800, "h", 3600)):
        if seconds < limit:
            return f"{seconds // divisor}{unit}"
    return f"{seconds // 86400}d"


def _name(thing: Object) -> str:
    name: str = thing["metadata"]["name"]
    return name


def _pod(pod: Object, now: datetime) -> Row:
    status = pod.get("status") or {}
    containers = status.get("containerStatuses") or []
    ready = sum(bool(each.get("ready")) for each in containers)
    restarts = sum(each.get("restartCount", 0) for each in containers)
    shown = [_name(pod), f"{ready}/{len(pod['spec']['containers'])}", _pod_reason(pod), str(restarts), age(pod, now)]
    return [*shown, status.get("podIP", _NONE), pod["spec"].get("nodeName", _NONE), _NONE, _NONE]


def _pod_reason(pod: Object) -> str:
    status = pod.get("status") or {}
    reason: str = status.get("reason") or status.get("phase") or "Unknown"
    for each in status.get("containerStatuses") or ():
        state = each.get("state") or {}
        waiting, ended = state.get("waiting") or {}, state.get("terminated") or {}
        if waiting.get("reason"):
            reason = waiting["reason"]
        elif ended:
            reason = ended.get("reason") or f"ExitCode:{ended.get('exitCode', 0)}"
    return "Terminating" if pod["metadata"].get("deletionTimestamp") else reason


def _deployment(it: Object, now: datetime) -> Row:
    status, wanted = it.get("status") or {}, it["spec"].get("replicas", 1)
    containers = it["spec"]["template"]["spec"]["containers"]
    counts = [
        f"{status.get('readyReplicas', 0)}/{wanted}",
        status.get("updatedReplicas", 0),
        status.get("availableReplicas", 0),
    ]
    return [_name(it), *counts, age(it, now), *_containers(containers), _selector(it["spec"].get("selector"))]


def _replica_set(it: Object, now: datetime) -> Row:
    status, spec = it.get("status") or {}, it["spec"]
    counts = [spec.get("replicas", 1), status.get("replicas", 0), status.get("readyReplicas", 0)]
    return [
        _name(it),
        *counts,
        age(it, now),
        *_containers(spec["template"]["spec"]["containers"]),
        _selector(spec.get("selector")),
    ]


def _stateful_set(it: Object, now: datetime) -> Row:
    ready = (it.get("status") or {}).get("readyReplicas", 0)
    shown = [_name(it), f"{ready}/{it['spec'].get('replicas', 1)}", age(it, now)]
    return [*shown, *_containers(it["spec"]["template"]["spec"]["containers"])]


def _job(it: Object, now: datetime) -> Row:
    status, spec = it.get("status") or {}, it["spec"]
    state = "Running"
    for each in status.get("conditions") or ():
        if each.get("status") == "True" and each["type"] in {"Complete", "Failed", "Suspended", "FailureTarget"}:
            state = each["type"]
    took = ""
    if status.get("startTime"):
        end = status.get("completionTime")
        took = _since(status["startTime"], datetime.fromisoformat(end) if end else now)
    shown = [_name(it), state, f"{status.get('succeeded', 0)}/{spec.get('completions') or 1}", took, age(it, now)]
    return [*shown, *_containers(spec["template"]["spec"]["containers"]), _selector(spec.get("selector"))]


def _cron_job(it: Object, now: datetime) -> Row:
    spec, status = it["spec"], it.get("status") or {}
    last = _since(status["lastScheduleTime"], now) if status.get("lastScheduleTime") else _NONE
    shown = [_name(it), spec["schedule"], spec.get("timeZone", _NONE), str(bool(spec.get("suspend")))]
    return [*shown, len(status.get("active") or ()), last, age(it, now)]


def _service(it: Object, now: datetime) -> Row:
    spec = it["spec"]
    ports = ",".join(
        f"{each['port']}{':' + str(each['nodePort']) if each.get('nodePort') else ''}/{each.get('protocol', 'TCP')}"
        for each in spec.get("ports") or ()
    )
    balancer = ((it.get("status") or {}).get("loadBalancer") or {}).get("ingress") or []
    outside = ",".join(each.get("ip") or each.get("hostname", "") for each in balancer)
    if not outside:
        outside = "<pending>" if spec.get("type") == "LoadBalancer" else _NONE
    chosen = ",".join(f"{key}={value}" for key, value in (spec.get("selector") or {}).items()) or _NONE
    return [_name(it), spec.get("type"), spec.get("clusterIP", _NONE), outside, ports or _NONE, age(it, now), chosen]


def _ingress(it: Object, now: datetime) -> Row:
    rules = it["spec"].get("rules") or []
    hosts = ",".join(each.get("host", "*") for each in rules) or "*"
    balancer = ((it.get("status") or {}).get("loadBalancer") or {}).get("ingress") or []
    address = ",".join(each.get("ip") or each.get("hostname", "") for each in balancer)
    ports = "80, 443" if it["spec"].get("tls") else "80"
    return [_name(it), it["spec"].get("ingressClassName", _NONE), hosts, address, ports, age(it, now)]


def _node(it: Object, now: datetime) -> Row:
    conditions = {each["type"]: each["status"] for each in (it.get("status") or {}).get("conditions") or ()}
    state = {"True": "Ready"}.get(conditions.get("Ready", ""), "NotReady")
    if it["spec"].get("unschedulable"):
        state += ",SchedulingDisabled"
    prefix = "node-role.kubernetes.io/"
    roles = [key.removeprefix(prefix) for key in it["metadata"].get("labels") or () if key.startswith(prefix)]
    version = ((it.get("status") or {}).get("nodeInfo") or {}).get("kubeletVersion", "")
    return [_name(it), state, ",".join(sorted(roles)) or _NONE, age(it, now), version]


def _namespace(it: Object, now: datetime) -> Row:
    return [_name(it), (it.get("status") or {}).get("phase", ""), age(it, now)]


def _claim(it: Object, now: datetime) -> Row:
    spec, status = it["spec"], it.get("status") or {}
    size = (status.get("capacity") or {}).get("storage", "")
    modes = _modes(status.get("accessModes") or [])
    phase = "Terminating" if it["metadata"].get("deletionTimestamp") else status.get("phase", "")
    shown = [_name(it), phase, spec.get("volumeName", ""), size, modes, spec.get("storageClassName", "")]
    return [*shown, "<unset>", age(it, now), spec.get("volumeMode", "")]


def _volume(it: Object, now: datetime) -> Row:
    spec, claim = it["spec"], it["spec"].get("claimRef") or {}
    phase = "Terminating" if it["metadata"].get("deletionTimestamp") else (it.get("status") or {}).get("phase", "")
    bound = f"{claim['namespace']}/{claim['name']}" if claim else ""
    shown = [_name(it), (spec.get("capacity") or {}).get("storage", ""), _modes(spec.get("accessModes") or [])]
    shown += [spec.get("persistentVolumeReclaimPolicy", ""), phase, bound, spec.get("storageClassName", ""), "<unset>"]
    return [*shown, (it.get("status") or {}).get("reason", ""), age(it, now), spec.get("volumeMode", "")]


def _scaler(it: Object, now: datetime) -> Row:
    spec, status = it["spec"], it.get("status") or {}
    current = {
        each["resource"]["name"]: each["resource"]["current"].get("averageUtilization")
        for each in status.get("currentMetrics") or ()
        if each.get("type") == "Resource"
    }
    targets = ", ".join(
        f"{each['resource']['name']}: {_percent(current.get(each['resource']['name']))}"
        f"/{_percent(each['resource']['target'].get('averageUtilization'))}"
        for each in spec.get("metrics") or ()
        if each.get("type") == "Resource"
    )
    reference = f"{spec['scaleTargetRef']['kind']}/{spec['scaleTargetRef']['name']}"
    counts = [str(spec.get("minReplicas", 1)), str(spec["maxReplicas"]), status.get("currentReplicas", 0)]
    return [_name(it), reference, targets or _NONE, *counts, age(it, now)]


def _percent(value: Any) -> str:
    return "<unknown>" if value is None else f"{value}%"


def _budget(it: Object, now: datetime) -> Row:
    least, most = it["spec"].get("minAvailable", "N/A"), it["spec"].get("maxUnavailable", "N/A")
    return [_name(it), str(least), str(most), (it.get("status") or {}).get("disruptionsAllowed", 0), age(it, now)]


def _event(it: Object, now: datetime) -> Row:
    thing = it.get("involvedObject") or {}
    seen = it.get("lastTimestamp") or it.get("eventTime") or it["metadata"].get("creationTimestamp")
    reference = f"{str(thing.get('kind', '')).lower()}/{thing.get('name', '')}"
    return [_since(seen, now), it.get("type", ""), it.get("reason", ""), reference, it.get("message", "").strip()]


def _config(it: Object, now: datetime) -> Row:
    return [_name(it), len({**(it.get("data") or {}), **(it.get("binaryData") or {})}), age(it, now)]


def _secret(it: Object, now: datetime) -> Row:
    return [_name(it), it.get("type", ""), len(it.get("data") or {}), age(it, now)]


def _policy(it: Object, now: datetime) -> Row:
    return [_name(it), _selector(it["spec"].get("podSelector")), age(it, now)]


def _quota(it: Object, now: datetime) -> Row:
    status = it.get("status") or {}
    hard, used = status.get("hard") or it["spec"].get("hard") or {}, status.get("used") or {}
    told = {name: f"{name}: {used.get(name, 0)}/{amount}" for name, amount in sorted(hard.items())}
    limits = ", ".join(text for name, text in told.items() if name.startswith("limits."))
    requests = ", ".join(text for name, text in told.items() if not name.startswith("limits."))
    return [_name(it), requests, limits, age(it, now)]


def _storage_class(it: Object, now: datetime) -> Row:
    notes = it["metadata"].get("annotations") or {}
    default = notes.get("storageclass.kubernetes.io/is-default-class") == "true"
    name = _name(it) + (" (default)" if default else "")
    shown = [name, it["provisioner"], it.get("reclaimPolicy", "Delete"), it.get("volumeBindingMode", "Immediate")]
    return [*shown, bool(it.get("allowVolumeExpansion")), age(it, now)]


def _definition(it: Object, _: datetime) -> Row:
    return [_name(it), it["metadata"]["creationTimestamp"]]


def _containers(containers: Sequence[Object]) -> Row:
    return [",".join(each["name"] for each in containers), ",".join(each.get("image", "") for each in containers)]


def _selector(selector: Mapping[str, Any] | None) -> str:
    labels = (selector or {}).get("matchLabels") or {}
    return ",".join(f"{key}={value}" for key, value in labels.items()) or _NONE


def _modes(modes: Sequence[str]) -> str:
    short = {"ReadWriteOnce": "RWO", "ReadOnlyMany": "ROX", "ReadWriteMany": "RWX", "ReadWriteOncePod": "RWOP"}
    return ",".join(short.get(each, each) for each in modes)


_KINDS: dict[str, tuple[str, Callable[[Object, datetime], Row]]] = {
    "ConfigMap": ("Name Data Age", _config),
    "CronJob": ("Name Schedule Timezone Suspend Active Last_Schedule Age", _cron_job),
    "CustomResourceDefinition": ("Name Created_At", _definition),
    "Deployment": ("Name Ready Up-to-date Available Age +Containers +Images +Selector", _deployment),
    "Event": ("Last_Seen Type Reason Object Message", _event),
    "HorizontalPodAutoscaler": ("Name Reference Targets MinPods MaxPods Replicas Age", _scaler),
    "Ingress": ("Name Class Hosts Address Ports Age", _ingress),
    "Job": ("Name Status Completions Duration Age +Containers +Images +Selector", _job),
    "Namespace": ("Name Status Age", _namespace),
    "NetworkPolicy": ("Name Pod-Selector Age", _policy),
    "Node": ("Name Status Roles Age Version", _node),
    "PersistentVolume": (
        "Name Capacity Access_Modes Reclaim_Policy Status Claim StorageClass VolumeAttributesClass Reason Age"
        " +VolumeMode",
        _volume,
    ),
    "PersistentVolumeClaim": (
        "Name Status Volume Capacity Access_Modes StorageClass VolumeAttributesClass Age +VolumeMode",
        _claim,
    ),
    "Pod": ("Name Ready Status Restarts Age +IP +Node +Nominated_Node +Readiness_Gates", _pod),
    "PodDisruptionBudget": ("Name Min_Available Max_Unavailable Allowed_Disruptions Age", _budget),
    "ReplicaSet": ("Name Desired Current Ready Age +Containers +Images +Selector", _replica_set),
    "ResourceQuota": ("Name Request Limit Age", _quota),
    "Secret": ("Name Type Data Age", _secret),
    "Service": ("Name Type Cluster-IP External-IP Port(s) Age +Selector", _service),
    "StatefulSet": ("Name Ready Age +Containers +Images", _stateful_set),
    "StorageClass": (
        "Name Provisioner ReclaimPolicy VolumeBindingMode AllowVolumeExpansion Age",
        _storage_class,
    ),
}
