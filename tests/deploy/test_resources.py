"""What the app may use and how many of it run, in everything that the Deploy repo can render."""

from __future__ import annotations

import pytest
from tests.deploy.rendering import RENDERINGS, pod, rendering
from tests.kube import of_kind, only

from apparch.deploy.quantities import quantity

ALONE = tuple(name for name in RENDERINGS if "singleton" in name or "storage" in name)
MANY = tuple(name for name in RENDERINGS if name not in ALONE)


def test_both_ways_to_run_alone_are_rendered() -> None:
    """The component, the one with a volume, which stands on it, and the value of the chart."""
    assert ALONE == ("k8s/examples/singleton", "k8s/examples/storage", "helm: a singleton")


@pytest.mark.rule("RES019")
@pytest.mark.parametrize("name", RENDERINGS)
def test_memory_is_bounded_by_what_was_requested_and_cpu_is_requested(name: str) -> None:
    """For every container of the app and of its jobs, however the amounts are written."""
    workloads = of_kind(rendering(name), "Deployment") + of_kind(rendering(name), "Job")
    assert len(workloads) == 2
    for workload in workloads:
        for each in (*pod(workload).get("initContainers", []), *pod(workload)["containers"]):
            limits, requests = each["resources"]["limits"], each["resources"]["requests"]
            assert quantity(str(requests["cpu"]))
            assert quantity(str(limits["memory"]))
            assert quantity(str(limits["memory"])) == quantity(str(requests["memory"]))


@pytest.mark.rule("RES020")
@pytest.mark.parametrize("name", MANY)
def test_two_or_more_run_and_one_at_a_time_is_given_up(name: str) -> None:
    """Whoever sets the number, a patch, a value or an autoscaler; the budget is for these pods."""
    deployment = only(rendering(name), "Deployment")
    scalers = [each["spec"] for each in of_kind(rendering(name), "HorizontalPodAutoscaler")]
    least = [each["minReplicas"] for each in scalers if each["scaleTargetRef"]["name"] == "app"]
    assert min(least or [deployment["spec"]["replicas"]]) >= 2
    labels = deployment["spec"]["template"]["metadata"]["labels"].items()
    budgets = [each["spec"] for each in of_kind(rendering(name), "PodDisruptionBudget")]
    [budget] = [each for each in budgets if each["selector"]["matchLabels"].items() <= labels]
    assert (budget.get("maxUnavailable"), "minAvailable" in budget) == (1, False)


@pytest.mark.rule("TRD009")
@pytest.mark.parametrize("name", ALONE)
def test_one_that_must_run_alone_never_overlaps_itself(name: str) -> None:
    """One replica, gone before the next starts; nobody raises the number, no budget blocks the drain of its node."""
    spec = only(rendering(name), "Deployment")["spec"]
    assert (spec["replicas"], spec["strategy"]) == (1, {"type": "Recreate"})
    assert of_kind(rendering(name), "HorizontalPodAutoscaler") == []
    assert of_kind(rendering(name), "PodDisruptionBudget") == []
