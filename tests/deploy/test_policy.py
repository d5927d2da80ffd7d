"""What an environment promises its pods: memory."""

from __future__ import annotations

import pytest
from tests.deploy.rendering import ENVIRONMENTS, container, overlay
from tests.kube import of_kind


@pytest.mark.rule("RES019")
@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_memory_limit_is_the_request_and_cpu_has_no_limit(environment: str) -> None:
    """What the pod may use is what it was promised; CPU is requested and not capped."""
    for workload in of_kind(overlay(environment), "Deployment") + of_kind(overlay(environment), "Job"):
        resources = container(workload)["resources"]
        assert resources["limits"] == {"memory": resources["requests"]["memory"]}
        assert resources["requests"]["cpu"]
