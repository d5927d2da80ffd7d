"""What stands between a request and the store: defaults, admission and rules, in the API server's order."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from tests.cluster import errors
from tests.cluster.api import security
from tests.cluster.api.crds import check_definition, register, unregister
from tests.cluster.api.defaults import SERVICES, apply_defaults
from tests.cluster.api.immutable import problems_of_change
from tests.cluster.api.managed import track
from tests.cluster.api.quota import apply_limits, enforce_quota, update_quotas
from tests.cluster.api.validation import problems_of
from tests.cluster.operation import Operation
from tests.cluster.shelf import Change, Object
from tests.cluster.store import Store

_PROTECTED = {"default", "kube-system", "kube-public", "kube-node-lease"}


def attach(store: Store) -> Store:
    """Make a store refuse, complete and follow up on objects as an API server does."""
    store.strategies += [_protect, _complete, _track, _prepare, apply_limits, _judge, _pod_security, enforce_quota]
    store.follow(lambda change: _follow(store, change))
    return store


def warnings(store: Store, operation_kind: str, thing: Object) -> list[str]:
    """What a namespace's Pod Security labels warn of, for a pod or for what makes pods."""
    namespace = thing["metadata"].get("namespace")
    spec = pod_spec(operation_kind, thing)
    if spec is None or namespace is None:
        return []
    level, version = security.level_of(_namespace(store, namespace), "warn")
    found = security.violations(level, spec)
    return [f'would violate PodSecurity "{level}:{version}": {found}'] if found else []


def pod_spec(kind: str, thing: Object) -> Object | None:
    """The spec of the pod that an object is or makes."""
    spec: Any = thing.get("spec") or {}
    if kind == "CronJob":
        spec = (spec.get("jobTemplate") or {}).get("spec") or {}
    if kind != "Pod":
        spec = (spec.get("template") or {}).get("spec")
    return spec if isinstance(spec, dict) else None


def _protect(_: Store, operation: Operation) -> None:
    if operation.verb == "delete" and operation.resource.kind == "Namespace":
        name = operation.object["metadata"]["name"]
        if name in _PROTECTED:
            raise errors.forbidden("", "namespaces", name, "this namespace may not be deleted")


def _complete(_: Store, operation: Operation) -> None:
    # Who creates an object does not say what became of it; only nodes come with what they are.
    if operation.verb == "create" and "status" in operation.resource.subresources and operation.resource.kind != "Node":
        operation.object.pop("status", None)
    if operation.verb != "delete" and operation.subresource in {None, "status"}:
        apply_defaults(operation.resource, operation.object)


def _prepare(store: Store, operation: Operation) -> None:
    if operation.verb == "create":
        if operation.options.dry_run and operation.resource.kind == "CustomResourceDefinition":
            check_definition(operation.object)
        special = _NEW.get(operation.resource.kind)
        if special and not operation.resource.custom:
            special(store, operation)
    elif operation.verb == "update" and operation.resource.kind == "Service" and operation.old:
        # Who does not name the address does not change it.
        for name in ("clusterIP", "clusterIPs"):
            if name in operation.old["spec"]:
                operation.object["spec"].setdefault(name, operation.old["spec"][name])


def _judge(store: Store, operation: Operation) -> None:
    if operation.verb == "delete" or operation.subresource is not None:
        return
    resource, thing = operation.resource, operation.object
    found = problems_of(resource, thing)
    if operation.old is not None:
        found += problems_of_change(resource, thing, operation.old)
    if found:
        raise errors.invalid(resource.group, resource.kind, thing["metadata"]["name"], found)
    if resource.kind == "CustomResourceDefinition":
        check_definition(thing)
    if resource.kind == "PersistentVolumeClaim" and operation.old is not None:
        _growth(store, operation)


def _pod_security(store: Store, operation: Operation) -> None:
    if operation.resource.kind != "Pod" or operation.verb == "delete" or operation.subresource is not None:
        return
    if operation.old is not None and operation.old.get("spec") == operation.object.get("spec"):
        return
    namespace = _namespace(store, operation.object["metadata"]["namespace"])
    level, version = security.level_of(namespace, "enforce")
    found = security.violations(level, operation.object["spec"])
    if found:
        why = f'violates PodSecurity "{level}:{version}": {found}'
        raise errors.forbidden("", "pods", operation.object["metadata"]["name"], why)


def _track(_: Store, operation: Operation) -> None:
    track(operation)


def _follow(store: Store, change: Change) -> None:
    thing, gone = change.object, change.type == "DELETED"
    if change.key == ("apiextensions.k8s.io", "customresourcedefinitions"):
        (unregister if gone else register)(store, thing)
    if change.key == ("", "namespaces") and change.type == "ADDED":
        account = {"metadata": {"name": "default", "namespace": thing["metadata"]["name"]}}
        with suppress(errors.AlreadyExists):
            store.create(store.resources.named("serviceaccounts"), account)
    namespace = thing["metadata"].get("namespace")
    if namespace and (change.type != "MODIFIED" or change.key in {("", "pods"), ("", "resourcequotas")}):
        update_quotas(store, namespace)


def _namespace(store: Store, name: str) -> Object:
    return store.get(store.resources.named("namespaces"), None, name)


def _new_pod(store: Store, operation: Operation) -> None:
    pod, metadata = operation.object, operation.object["metadata"]
    account = pod["spec"]["serviceAccountName"]
    try:
        found = store.get(store.resources.named("serviceaccounts"), metadata["namespace"], account)
    except errors.NotFound:
        why = (
            f'error looking up service account {metadata["namespace"]}/{account}: serviceaccount "{account}" not found'
        )
        raise errors.forbidden("", "pods", metadata["name"], why) from None
    if found.get("imagePullSecrets"):
        pod["spec"].setdefault("imagePullSecrets", found["imagePullSecrets"])
    class_name = pod["spec"].get("priorityClassName")
    if class_name:
        try:
            chosen = store.get(store.resources.named("priorityclasses.scheduling.k8s.io"), None, class_name)
        except errors.NotFound:
            why = f"no PriorityClass with name {class_name} was found"
            raise errors.forbidden("", "pods", metadata["name"], why) from None
        pod["spec"]["priority"] = chosen["value"]
    pod["status"] = {"phase": "Pending", "qosClass": _quality(pod["spec"])}


def _quality(spec: Object) -> str:
    every = [each.get("resources") or {} for each in (*(spec.get("initContainers") or ()), *spec["containers"])]
    if not any(each.get("requests") or each.get("limits") for each in every):
        return "BestEffort"
    guaranteed = all(
        set(each.get("limits") or {}) >= {"cpu", "memory"} and each.get("requests") == each.get("limits")
        for each in every
    )
    return "Guaranteed" if guaranteed else "Burstable"


def _new_job(_: Store, operation: Operation) -> None:
    job = operation.object
    spec, name = job["spec"], job["metadata"]["name"]
    if spec.get("manualSelector"):
        return
    uid = job["metadata"]["uid"]
    given = {"controller-uid": uid, "job-name": name}
    labels = spec["template"].setdefault("metadata", {}).setdefault("labels", {})
    labels.update(given | {f"batch.kubernetes.io/{key}": value for key, value in given.items()})
    spec["selector"] = {"matchLabels": {"batch.kubernetes.io/controller-uid": uid}}


def _new_service(store: Store, operation: Operation) -> None:
    spec = operation.object["spec"]
    if spec["type"] == "ExternalName":
        return
    services = store.list(store.resources.named("services"))[0]
    taken = {each["spec"].get("clusterIP") for each in services}
    if not spec.get("clusterIP"):
        spec["clusterIP"] = next(f"{SERVICES}{last}" for last in range(2, 255) if f"{SERVICES}{last}" not in taken)
    elif spec["clusterIP"] != "None" and spec["clusterIP"] in taken:
        address = spec["clusterIP"]
        text = f'Invalid value: ["{address}"]: failed to allocate IP {address}: provided IP is already allocated'
        cause = errors.Cause("FieldValueInvalid", text, "spec.clusterIPs")
        raise errors.invalid("", "Service", operation.object["metadata"]["name"], [cause])
    spec.setdefault("clusterIPs", [spec["clusterIP"]])
    if spec["type"] in {"NodePort", "LoadBalancer"}:
        used = {port.get("nodePort") for each in services for port in each["spec"].get("ports") or ()}
        free = (port for port in range(30000, 32768) if port not in used)
        for port in spec.get("ports") or ():
            port.setdefault("nodePort", next(free))


def _new_claim(store: Store, operation: Operation) -> None:
    claim = operation.object
    if "storageClassName" not in claim["spec"]:
        for each in store.list(store.resources.named("storageclasses.storage.k8s.io"))[0]:
            notes = each["metadata"].get("annotations") or {}
            if notes.get("storageclass.kubernetes.io/is-default-class") == "true":
                claim["spec"]["storageClassName"] = each["metadata"]["name"]
    claim["status"] = {"phase": "Pending"}


def _new_volume(_: Store, operation: Operation) -> None:
    operation.object["status"] = {"phase": "Pending"}


def _new_stateful_set(_: Store, operation: Operation) -> None:
    for each in operation.object["spec"].get("volumeClaimTemplates") or ():
        each.setdefault("apiVersion", "v1")
        each.setdefault("kind", "PersistentVolumeClaim")
        each["status"] = {"phase": "Pending"}


def _growth(store: Store, operation: Operation) -> None:
    claim, old = operation.object, operation.old or {}
    wanted = claim["spec"]["resources"]["requests"]["storage"]
    if wanted == old["spec"]["resources"]["requests"]["storage"]:
        return
    name = claim["spec"].get("storageClassName")
    classes = store.list(store.resources.named("storageclasses.storage.k8s.io"))[0]
    allowed = any(each["metadata"]["name"] == name and each.get("allowVolumeExpansion") for each in classes)
    if not allowed:
        why = (
            "only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must "
            "support resize"
        )
        raise errors.forbidden("", "persistentvolumeclaims", claim["metadata"]["name"], why)


_NEW = {
    "Job": _new_job,
    "PersistentVolume": _new_volume,
    "PersistentVolumeClaim": _new_claim,
    "Pod": _new_pod,
    "Service": _new_service,
    "StatefulSet": _new_stateful_set,
}
