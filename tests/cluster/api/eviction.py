"""Eviction of a pod, which asks the PodDisruptionBudgets first."""

from __future__ import annotations

from typing import Any

from tests.cluster import errors, selectors
from tests.cluster.operation import Options
from tests.cluster.shelf import Object
from tests.cluster.store import Store

REFUSED = "Cannot evict pod as it would violate the pod's disruption budget."


def evict(store: Store, namespace: str, name: str, eviction: Object, options: Options) -> None:
    """Delete a pod where its budget allows it; raises TooManyRequests where it does not."""
    pods = store.resources.named("pods")
    with store.lock:
        pod = store.get(pods, namespace, name)
        asked: dict[str, Any] = eviction.get("deleteOptions") or {}
        if not _is_free(pod):
            _ask(store, pod, options.dry_run)
        store.delete(pods, namespace, name, grace=asked.get("gracePeriodSeconds"), options=options)


def _is_free(pod: Object) -> bool:
    phase = (pod.get("status") or {}).get("phase")
    return phase in {"Succeeded", "Failed", "Pending"} or bool(pod["metadata"].get("deletionTimestamp"))


def _ask(store: Store, pod: Object, dry_run: bool) -> None:
    budgets = store.resources.named("poddisruptionbudgets.policy")
    namespace = pod["metadata"]["namespace"]
    found = [each for each in store.list(budgets, namespace)[0] if _covers(each, pod)]
    if len(found) > 1:
        raise errors.ApiError(
            "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support."
        )
    for budget in found:
        status = budget.get("status") or {}
        healthy, desired = status.get("currentHealthy", 0), status.get("desiredHealthy", 0)
        if not _is_ready(pod):
            policy = budget["spec"].get("unhealthyPodEvictionPolicy", "IfHealthyBudget")
            if policy == "AlwaysAllow" or (healthy >= desired > 0):
                continue
        name = budget["metadata"]["name"]
        if status.get("observedGeneration", 0) < budget["metadata"].get("generation", 0):
            raise _refused(f"The disruption budget {name} is still being processed by the server.", 10)
        if status.get("disruptionsAllowed", 0) <= 0:
            raise _refused(f"The disruption budget {name} needs {desired} healthy pods and has {healthy} currently", 0)
        if not dry_run:
            store.change(budgets, namespace, name, lambda it: _count(it, pod, store.now()), "status")


def _count(budget: Object, pod: Object, now: str) -> None:
    status = budget["status"]
    status["disruptionsAllowed"] -= 1
    status.setdefault("disruptedPods", {})[pod["metadata"]["name"]] = now


def _covers(budget: Object, pod: Object) -> bool:
    selector = budget["spec"].get("selector")
    return selector is not None and selectors.matches(selectors.of_object(selector), pod["metadata"].get("labels"))


def _is_ready(pod: Object) -> bool:
    conditions = (pod.get("status") or {}).get("conditions") or ()
    return any(each["type"] == "Ready" and each["status"] == "True" for each in conditions)


def _refused(why: str, seconds: int) -> errors.TooManyRequests:
    causes = [{"reason": "DisruptionBudget", "message": why}]
    return errors.TooManyRequests(REFUSED, {"causes": causes} | ({"retryAfterSeconds": seconds} if seconds else {}))
