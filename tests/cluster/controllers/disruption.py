"""The disruption controller: how many pods of a budget may be evicted right now."""

from __future__ import annotations

from tests.cluster.control import Control
from tests.cluster.objects import Object, controller_of, deleting, finished, namespace, ready, set_condition, share, uid
from tests.cluster.selectors import matches, of_object
from tests.cluster.store import copy

_SCALES = ("replicasets.apps", "statefulsets.apps")


def reconcile(control: Control) -> None:
    """Write the status of every PodDisruptionBudget."""
    budgets = control.all("poddisruptionbudgets.policy")
    if not budgets:
        return
    pods = [each for each in control.all("pods") if not finished(each)]
    sizes = {uid(each): int(each["spec"].get("replicas", 1)) for plural in _SCALES for each in control.all(plural)}
    for each in budgets:
        _report(control, each, pods, sizes)


def _report(control: Control, budget: Object, pods: list[Object], sizes: dict[str, int]) -> None:
    spec = budget["spec"]
    selector = of_object(spec.get("selector"))
    chosen = [p for p in pods if namespace(p) == namespace(budget) and matches(selector, p["metadata"].get("labels"))]
    owners = {controller_of(each) for each in chosen}
    expected = sum(sizes.get(each, 0) for each in owners)
    if "maxUnavailable" in spec:
        desired = max(0, expected - share(spec["maxUnavailable"], expected, up=True))
    else:
        wanted = spec.get("minAvailable", 1)
        expected = expected if isinstance(wanted, str) else len(chosen)
        desired = share(wanted, expected, up=True)
    disrupted = dict((budget.get("status") or {}).get("disruptedPods") or {})
    there = {each["metadata"]["name"] for each in chosen if not deleting(each)}
    disrupted = {called: when for called, when in disrupted.items() if called in there}
    healthy = sum(ready(e) and not deleting(e) and e["metadata"]["name"] not in disrupted for e in chosen)
    allowed = max(0, healthy - desired) if expected else 0
    after: Object = {"status": copy(budget.get("status") or {})}
    status = after["status"]
    status.update(
        currentHealthy=healthy,
        desiredHealthy=desired,
        disruptionsAllowed=allowed,
        expectedPods=expected,
        observedGeneration=budget["metadata"].get("generation", 1),
    )
    status.pop("disruptedPods", None)
    if disrupted:
        status["disruptedPods"] = disrupted
    reason = "SufficientPods" if allowed else "InsufficientPods"
    set_condition(after, control.clock.stamp(), "DisruptionAllowed", "True" if allowed else "False", reason)
    if status != (budget.get("status") or {}):
        control.status("poddisruptionbudgets.policy", budget, lambda thing: thing.update(status=status))
