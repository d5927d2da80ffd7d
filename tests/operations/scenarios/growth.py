"""Layers, environments and clusters beyond the first."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from tests.cluster.cluster import Cluster
from tests.deploy import growing
from tests.operations.stage import PRODUCTION, Stage
from tests.operations.versions import GOOD, NEXT, REPOSITORY

WINDOW_SECONDS = 300
_APPLY = "ENVIRONMENT=production KUBE_CONTEXT=production _shared/scripts/deploy/apply.sh"
_LAYER = "ENVIRONMENT=examples/singleton KUBE_CONTEXT=production _shared/scripts/deploy/apply.sh"


def singleton(stage: Stage) -> None:
    """A trader that must never run twice: the old process has ended before the new one begins."""
    stage.running()
    stage.sh(_LAYER)
    stage.runs(GOOD)
    stage.until(lambda: _processes(stage) == 1, "the end of the other pods")
    with _counted(stage) as counts:
        stage.sh(f"ENVIRONMENT=examples/singleton IMAGE_TAG={NEXT} _shared/scripts/deploy/set-tag.sh")
        stage.console.commit(f"production {NEXT}")
        stage.sh(_LAYER)
        stage.runs(NEXT)
    stage.demand(max(counts) == 1, f"{max(counts)} processes of the app ran at once")


def second_app(stage: Stage) -> None:
    """Its own Namespace, Job, settings and secrets; the first app notices nothing."""
    stage.running()
    before = stage.pods()
    repository = "ghcr.io/org/observer"
    stage.cluster.registry.push(f"{repository}:{GOOD}", stage.cluster.registry.images[f"{REPOSITORY}:{GOOD}"])
    stage.outside("prj-02-staging", "trading_staging", role="observer")
    with stage.clients():
        stage.sh("mkdir -p k8s/apps/observer")
        stage.sh("cp -r k8s/base k8s/overlays _shared/migrations k8s/apps/observer/")
        growing.second_app(stage.console.repository)
        seal(stage, "APP=observer ENVIRONMENT=staging KUBE_CONTEXT=staging")
        stage.sh("APP=observer ENVIRONMENT=staging KUBE_CONTEXT=staging _shared/scripts/deploy/apply.sh")
    stage.until(lambda: stage.complete("prj-02-staging", "observer"), "the second app")
    stage.demand(stage.pods() == before, "pods of the first app were replaced")


def second_environment(stage: Stage) -> None:
    """A copy of staging with a name, a Namespace and secrets of its own; production notices nothing."""
    stage.running()
    before = stage.pods()
    stage.outside("prj-01-qa", "trading_staging")
    with stage.clients():
        growing.second_environment(stage.console.repository, "qa")
        seal(stage, "ENVIRONMENT=qa KUBE_CONTEXT=staging")
        stage.sh("ENVIRONMENT=qa KUBE_CONTEXT=staging _shared/scripts/deploy/apply.sh")
        stage.runs(GOOD, "prj-01-qa")
    stage.demand(stage.pods() == before, "pods of production were replaced")


def second_cluster(stage: Stage) -> None:
    """Production on another cluster, sealed for its keys; what is sealed for the first one stays as it is."""
    stage.running()
    sealed = stage.console.repository / "_shared/secrets/sealed/production/app-secrets.yaml"
    before = sealed.read_bytes()
    with Cluster(stage.cluster.names) as second, stage.clients():
        there = stage.beside(second, "cluster-a")
        growing.second_cluster(stage.console.repository, "cluster-a")
        seal(stage, "ENVIRONMENT=cluster-a/production KUBE_CONTEXT=cluster-a")
        stage.sh("ENVIRONMENT=cluster-a/production KUBE_CONTEXT=cluster-a _shared/scripts/deploy/apply.sh")
        there.runs(GOOD)
    stage.demand(sealed.read_bytes() == before, "what is sealed for the first cluster has changed")


def autoscaling(stage: Stage) -> None:
    """The autoscaler takes the number over as it is; load raises it, and the end of the load lowers it."""
    stage.running()
    before, load = stage.pods(), stage.cluster.autoscaling.load
    with stage.clients():
        try:
            stage.sh("ENVIRONMENT=examples/autoscaling KUBE_CONTEXT=production _shared/scripts/deploy/apply.sh")
            stage.demand(stage.pods() >= before, "pods were taken away when the autoscaler took over")
            load[PRODUCTION, "app"] = 350.0
            stage.until(
                lambda: len(stage.pods()) == 5 and stage.complete(), "five pods, each at its goal of 70 percent"
            )
            load[PRODUCTION, "app"] = 20.0
            stage.cluster.clock.skip(WINDOW_SECONDS)
            stage.until(lambda: len(stage.pods()) == 2 and stage.settled(), "the least number of pods")
        finally:
            load.clear()


def seal(stage: Stage, chosen: str) -> None:
    """Both secrets of an overlay, from their sources; one commit."""
    login = {"auths": {"ghcr.io": {"auth": stage.cluster.registry.login}}}
    given = {
        "all.secret.env": "".join(f"{key}={value}\n" for key, value in stage.backing.secrets.items()),
        "config.secret.json": json.dumps(login),
    }
    for name, text in given.items():
        (stage.console.repository / name).write_text(text, "utf-8")
    stage.sh(f"{chosen} SECRET_FILE=all.secret.env _shared/scripts/env/seal.sh")
    stage.sh(f"{chosen} DOCKER_CONFIG_FILE=config.secret.json _shared/scripts/env/seal-registry.sh")
    for name in given:
        (stage.console.repository / name).unlink()
    stage.console.commit("what is new, sealed")


def renamed_namespace(stage: Stage) -> None:
    """The namespace has another name: the app would start anew beside the one that runs, so the deploy is refused."""
    stage.running()
    with stage.clients():
        stage.console.edit("k8s/overlays/production/kustomization.yaml", "^namespace: .*", "namespace: prj-01-live")
        stage.console.commit("another name")
        stage.refused(_APPLY, f"runs in {PRODUCTION}, which no overlay names any longer")
    stage.demand(stage.cluster.control.all("pods", "prj-01-live") == [], "pods run under the new name")
    stage.runs(GOOD)


@contextmanager
def _counted(stage: Stage) -> Iterator[set[int]]:
    """How many processes of the app were seen at once, for as long as it lasts."""
    seen, over = {_processes(stage)}, threading.Event()

    def look() -> None:
        while not over.wait(0.01):
            seen.add(_processes(stage))

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield seen
    finally:
        over.set()
        thread.join()


def _processes(stage: Stage) -> int:
    lives = [each for node in stage.cluster.nodes.values() for each in node.pods if each.namespace == PRODUCTION]
    running = [each.process for each in lives if each.process and each.labels.get("app") == "app"]
    return sum(each.exit_code is None for each in running)
