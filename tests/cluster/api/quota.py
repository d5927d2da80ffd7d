"""ResourceQuota and LimitRange: what a namespace may use, and what a container must ask for."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from tests.cluster import errors
from tests.cluster.operation import Operation
from tests.cluster.quantities import number, written
from tests.cluster.shelf import Object
from tests.cluster.store import Store

Usage = dict[str, Decimal]
_COMPUTE = ("cpu", "memory", "ephemeral-storage")


def apply_limits(store: Store, operation: Operation) -> None:
    """Give a new pod what its namespace's LimitRanges set, and refuse what is beyond them."""
    if operation.resource.kind != "Pod" or operation.verb != "create":
        return
    namespace = operation.object["metadata"]["namespace"]
    problems: list[str] = []
    for each in store.list(store.resources.named("limitranges"), namespace)[0]:
        for limit in each["spec"].get("limits") or ():
            if limit.get("type") == "Container":
                for container in operation.object["spec"]["containers"]:
                    problems += _limited(container, limit)
    if problems:
        text = problems[0] if len(problems) == 1 else f"[{', '.join(problems)}]"
        raise errors.forbidden("", "pods", operation.object["metadata"]["name"], text)


def enforce_quota(store: Store, operation: Operation) -> None:
    """Refuse what would use more than a ResourceQuota of the namespace allows."""
    namespace = operation.object["metadata"].get("namespace")
    if operation.verb not in {"create", "update"} or operation.subresource or not namespace:
        return
    wanted = usage_of(operation.resource.qualified, operation.object)
    before = usage_of(operation.resource.qualified, operation.old) if operation.old else {}
    for quota in store.list(store.resources.named("resourcequotas"), namespace)[0]:
        hard = {name: str(amount) for name, amount in (quota["spec"].get("hard") or {}).items()}
        name = operation.object["metadata"]["name"]
        if operation.verb == "create" and operation.resource.kind == "Pod":
            _require_compute(operation, quota, hard, name)
        added = {each: wanted[each] - before.get(each, Decimal(0)) for each in wanted if each in hard}
        added = {each: amount for each, amount in added.items() if amount > 0}
        if not added:
            continue
        used = _used(store, namespace)
        over = [each for each in sorted(added) if used.get(each, Decimal(0)) + added[each] > number(hard[each])]
        if over:
            told = [
                "requested: " + ",".join(f"{each}={written(added[each], hard[each])}" for each in over),
                "used: " + ",".join(f"{each}={written(used.get(each, Decimal(0)), hard[each])}" for each in over),
                "limited: " + ",".join(f"{each}={hard[each]}" for each in over),
            ]
            why = f"exceeded quota: {quota['metadata']['name']}, {', '.join(told)}"
            raise errors.forbidden(operation.resource.group, operation.resource.plural, name, why)


def usage_of(resource: str, thing: Object) -> Usage:
    """What one object counts for, by the names that a quota uses."""
    found: Usage = {f"count/{resource}": Decimal(1)}
    if "." not in resource:
        found[resource] = Decimal(1)
    if resource == "pods":
        return _pod_usage(found, thing)
    if resource == "persistentvolumeclaims":
        requests = (thing["spec"].get("resources") or {}).get("requests") or {}
        found["requests.storage"] = number(requests.get("storage", 0))
    if resource == "services":
        found["services.loadbalancers"] = Decimal(thing["spec"].get("type") == "LoadBalancer")
        found["services.nodeports"] = Decimal(thing["spec"].get("type") in {"NodePort", "LoadBalancer"})
    return found


def update_quotas(store: Store, namespace: str) -> None:
    """Write what is used into the status of the namespace's quotas."""
    resource = store.resources.named("resourcequotas")
    quotas, _ = store.list(resource, namespace)
    if not quotas:
        return
    used = _used(store, namespace)
    for quota in quotas:
        hard = {name: str(amount) for name, amount in (quota["spec"].get("hard") or {}).items()}
        status = {
            "hard": hard,
            "used": {name: written(used.get(name, Decimal(0)), amount) for name, amount in hard.items()},
        }
        quota["status"] = status
        store.update(resource, quota, "status")


def _pod_usage(found: Usage, pod: Object) -> Usage:
    if (pod.get("status") or {}).get("phase") in {"Succeeded", "Failed"}:
        return {"count/pods": found["count/pods"]}
    for kind in ("requests", "limits"):
        for name in _COMPUTE:
            amount = sum(
                (
                    number((each.get("resources") or {}).get(kind, {}).get(name, 0))
                    for each in pod["spec"]["containers"]
                ),
                Decimal(0),
            )
            found[f"{kind}.{name}"] = amount
            if kind == "requests":
                found[name] = amount
    return found


def _used(store: Store, namespace: str) -> Usage:
    total: Usage = {}
    for resource in store.resources:
        if resource.namespaced and "list" in resource.verbs:
            for each in store.list(resource, namespace)[0]:
                for name, amount in usage_of(resource.qualified, each).items():
                    total[name] = total.get(name, Decimal(0)) + amount
    return total


def _require_compute(operation: Operation, quota: Object, hard: Mapping[str, str], name: str) -> None:
    missing = []
    for each in sorted(hard):
        kind, _, resource = each.rpartition(".")
        if resource not in _COMPUTE or kind not in {"", "requests", "limits"}:
            continue
        names = [
            container["name"]
            for container in operation.object["spec"]["containers"]
            if resource not in ((container.get("resources") or {}).get(kind or "requests") or {})
        ]
        if names:
            missing.append(f"{each} for: {','.join(names)}")
    if missing:
        why = f"failed quota: {quota['metadata']['name']}: must specify {'; '.join(missing)}"
        raise errors.forbidden("", "pods", name, why)


def _limited(container: dict[str, Any], limit: Mapping[str, Any]) -> list[str]:
    resources = container.setdefault("resources", {})
    for source, target in (("default", "limits"), ("defaultRequest", "requests")):
        for name, amount in (limit.get(source) or {}).items():
            resources.setdefault(target, {}).setdefault(name, amount)
    problems = []
    for name, most in (limit.get("max") or {}).items():
        asked = (resources.get("limits") or {}).get(name)
        if asked is None:
            problems.append(f"maximum {name} usage per Container is {most}.  No limit is specified")
        elif number(asked) > number(most):
            problems.append(f"maximum {name} usage per Container is {most}, but limit is {asked}")
    for name, least in (limit.get("min") or {}).items():
        asked = (resources.get("requests") or {}).get(name)
        if asked is None:
            problems.append(f"minimum {name} usage per Container is {least}.  No request is specified")
        elif number(asked) < number(least):
            problems.append(f"minimum {name} usage per Container is {least}, but request is {asked}")
    return problems
