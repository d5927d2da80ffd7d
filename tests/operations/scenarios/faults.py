"""Versions that do not run: out of memory, crashing, not to be pulled."""

from __future__ import annotations

from tests.operations.stage import PRODUCTION, Stage
from tests.operations.versions import CRASHES, GOOD, HUNGRY, NEVER_READY, NOWHERE

_APPLY = "ENVIRONMENT=production KUBE_CONTEXT=production _shared/scripts/deploy/apply.sh"


def out_of_memory(stage: Stage) -> None:
    """A version that needs more than its limit: the cause is seen, the limit raised, and it runs."""
    stage.running("staging")
    with stage.clients("prj-01-staging"):
        stage.release(HUNGRY, "staging")
        stage.refused(_APPLY.replace("production", "staging"), "OOMKilled")
        described = stage.sh("kubectl --context staging -n prj-01-staging describe pod -l app=app --show-events")
        stage.demand("OOMKilled" in described.out, f"the cause is not seen:\n{described}")
        stage.console.edit("k8s/overlays/staging/patches/resources.yaml", "(?s)256Mi(.*)256Mi", r"512Mi\g<1>512Mi")
        stage.console.commit("more memory")
        stage.apply("staging")
        stage.runs(HUNGRY, "prj-01-staging")


def crash_loop(stage: Stage) -> None:
    """The deploy ends with the last words of the process; the old version serves."""
    stage.running()
    with stage.clients():
        stage.release(CRASHES)
        stage.refused(_APPLY, "this version cannot start")
        stage.demand(stage.serving() == {GOOD}, f"{stage.serving()} serve")


def never_ready(stage: Stage) -> None:
    """The rollout's deadline ends it; the old version serves."""
    stage.running()
    with stage.clients():
        stage.release(NEVER_READY)
        stage.refused(_APPLY, "timed out|deadline", ROLLOUT_TIMEOUT="4s")
        stage.demand(stage.serving() == {GOOD}, f"{stage.serving()} serve")


def unpullable(stage: Stage) -> None:
    """The deploy ends with the registry's answer; the old version serves."""
    stage.running()
    with stage.clients():
        stage.release(NOWHERE)
        stage.refused(_APPLY, "ImagePullBackOff|not found")
        stage.demand(stage.serving() == {GOOD}, f"{stage.serving()} serve")
    stage.demand(stage.cluster.network.endpoints(PRODUCTION, "app"), "nobody serves")
