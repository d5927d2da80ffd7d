"""The rules that a change of an object must keep: what may not change once it is created."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.cluster.api.problems import Problems, forbidden, immutable, invalid
from tests.cluster.errors import Cause
from tests.cluster.quantities import number
from tests.cluster.resources import Resource
from tests.cluster.shelf import Object, copy

_STATEFUL = (
    "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', "
    "'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden"
)
_STATEFUL_FIELDS = (
    *("replicas", "ordinals", "template", "updateStrategy", "revisionHistoryLimit"),
    *("persistentVolumeClaimRetentionPolicy", "minReadySeconds"),
)
_CLAIM = "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims"
_POD = (
    "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,"
    "`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),"
    "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)"
)


def problems_of_change(resource: Resource, new: Object, old: Object) -> Problems:
    """All that a change may not do."""
    judge = _BY_KIND.get(resource.kind)
    return judge(new, old) if judge and not resource.custom else []


def _selector(new: Object, old: Object) -> Problems:
    return _fixed(new, old, "selector")


def _fixed(new: Object, old: Object, *names: str) -> Problems:
    before, after = old.get("spec") or {}, new.get("spec") or {}
    return [immutable(f"spec.{name}", after.get(name)) for name in names if before.get(name) != after.get(name)]


def _job(new: Object, old: Object) -> Problems:
    # In the order in which the API server tells them.
    names = ("completions", "selector", "template", "completionMode", "podFailurePolicy", "backoffLimitPerIndex")
    return [_as_told(each, new["spec"]["template"]) for each in _fixed(new, old, *names)]


def _as_told(cause: Cause, template: dict[str, Any]) -> Cause:
    """A template as the API server tells it: by the fields of its own type, which has no `metadata`."""
    if cause.field != "spec.template":
        return cause
    metadata = {key: _sorted(value) for key, value in (template.get("metadata") or {}).items()}
    return immutable("spec.template", metadata | {"Spec": template.get("spec")})


def _sorted(value: Any) -> Any:
    return dict(sorted(value.items())) if isinstance(value, dict) else value


def _stateful_set(new: Object, old: Object) -> Problems:
    before, after = copy(old["spec"]), copy(new["spec"])
    for name in _STATEFUL_FIELDS:
        before.pop(name, None)
        after.pop(name, None)
    return [forbidden("spec", _STATEFUL)] if before != after else []


def _content(*fields: str) -> Callable[[Object, Object], Problems]:
    def judge(new: Object, old: Object) -> Problems:
        if not old.get("immutable"):
            return []
        text = "field is immutable when `immutable` is set"
        found = [] if new.get("immutable") else [forbidden("immutable", text)]
        return found + [forbidden(each, text) for each in fields if new.get(each) != old.get(each)]

    return judge


def _secret(new: Object, old: Object) -> Problems:
    found = [immutable("type", new.get("type"))] if new.get("type") != old.get("type") else []
    return found + _content("data")(new, old)


def _service(new: Object, old: Object) -> Problems:
    before, after = old["spec"].get("clusterIP"), new["spec"].get("clusterIP")
    if "ExternalName" in {old["spec"].get("type"), new["spec"].get("type")} or not before or before == after:
        return []
    return [invalid("spec.clusterIPs[0]", new["spec"].get("clusterIPs") or [after], "may not change once set")]


def _claim(new: Object, old: Object) -> Problems:
    before, after = copy(old["spec"]), copy(new["spec"])
    wanted = (after.get("resources") or {}).get("requests", {}).get("storage")
    had = (before.get("resources") or {}).get("requests", {}).get("storage")
    bound = (old.get("status") or {}).get("phase") == "Bound"
    # The name of the volume is written by who binds the claim.
    if not before.get("volumeName"):
        after.pop("volumeName", None)
    if bound:
        for each in (before, after):
            (each.get("resources") or {}).get("requests", {}).pop("storage", None)
            each.pop("volumeAttributesClassName", None)
    if before != after:
        return [forbidden("spec", _CLAIM)]
    if bound and had and wanted and number(wanted) < number(had):
        return [forbidden("spec.resources.requests.storage", "field can not be less than status.capacity")]
    return []


def _pod(new: Object, old: Object) -> Problems:
    before, after = _comparable(old["spec"]), _comparable(new["spec"])
    had, has = old["spec"].get("tolerations") or [], new["spec"].get("tolerations") or []
    if before != after or any(each not in has for each in had):
        return [forbidden("spec", _POD)]
    return []


def _comparable(spec: dict[str, Any]) -> dict[str, Any]:
    left = copy(spec)
    for container in (*(left.get("containers") or ()), *(left.get("initContainers") or ())):
        container.pop("image", None)
    for name in ("activeDeadlineSeconds", "tolerations"):
        left.pop(name, None)
    return left


def _role(new: Object, old: Object) -> Problems:
    return (
        [invalid("roleRef", new.get("roleRef"), "cannot change roleRef")]
        if new.get("roleRef") != old.get("roleRef")
        else []
    )


def _storage_class(new: Object, old: Object) -> Problems:
    fixed = ("parameters", "provisioner", "reclaimPolicy", "volumeBindingMode")
    return [forbidden(each, f"updates to {each} are forbidden.") for each in fixed if new.get(each) != old.get(each)]


def _volume(new: Object, old: Object) -> Problems:
    sources = ("local", "hostPath", "nfs", "csi")
    if any(new["spec"].get(each) != old["spec"].get(each) for each in sources):
        return [forbidden("spec.persistentvolumesource", "spec.persistentvolumesource is immutable after creation")]
    return []


def _definition(new: Object, old: Object) -> Problems:
    found = []
    for name in ("group", "scope"):
        if new["spec"].get(name) != old["spec"].get(name):
            found.append(immutable(f"spec.{name}", new["spec"].get(name)))
    for name in ("kind", "plural"):
        if new["spec"]["names"].get(name) != old["spec"]["names"].get(name):
            found.append(immutable(f"spec.names.{name}", new["spec"]["names"].get(name)))
    return found


_BY_KIND: dict[str, Callable[[Object, Object], Problems]] = {
    "ClusterRoleBinding": _role,
    "ConfigMap": _content("data", "binaryData"),
    "CustomResourceDefinition": _definition,
    "DaemonSet": _selector,
    "Deployment": _selector,
    "Job": _job,
    "PersistentVolume": _volume,
    "PersistentVolumeClaim": _claim,
    "Pod": _pod,
    "ReplicaSet": _selector,
    "RoleBinding": _role,
    "Secret": _secret,
    "Service": _service,
    "StatefulSet": _stateful_set,
    "StorageClass": _storage_class,
}
