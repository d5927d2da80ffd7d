"""Layers, environments and clusters beyond the first."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from tests.operations.stage import PRODUCTION, Stage
from tests.operations.versions import GOOD, NEXT

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
