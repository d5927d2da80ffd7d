"""`./dev cluster-proof` confirms on the whole stand-in cluster, nodes included, what its pods show."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.cluster.cluster import Cluster
from tests.cluster.nodes.images import Command, Image, Run
from tests.cluster.proof.__main__ import IMAGE
from tests.cluster.proof.model import Outcome, checks
from tests.cluster.proof.run import Kubectl, own_namespace, perform
from tests.kube import kubectl

# Of each kind one: eviction, restarts, Jobs, rollouts. All of them run in the benchmark.
CHOSEN = ("eviction", "failed-job", "undo-twice", "missing-secret")


def shell() -> Image:
    """An image whose commands are this machine's own, as a shell's are."""

    def start(run: Run) -> Command:
        return Command(run.command, {"PATH": os.environ["PATH"], **run.environ})

    return Image(start)


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Kubectl]:
    """kubectl for a cluster with two nodes that have the image."""
    with Cluster() as cluster:
        cluster.registry.push(IMAGE, shell())
        kubeconfig = cluster.kubeconfig(tmp_path / "kubeconfig", "stand-in")
        environment = {"PATH": os.defpath, "HOME": str(tmp_path), "KUBECONFIG": str(kubeconfig)}
        yield Kubectl(str(kubectl()), "stand-in", environment=environment)


def test_pods_show_what_the_checks_ask(cluster: Kubectl) -> None:
    """A budget holds, a failed Job is seen, undo comes and goes, a Secret is waited for."""
    with own_namespace(cluster, lambda _: None) as inside:
        results = [perform(inside, each, IMAGE) for each in checks() if each.id in CHOSEN]
    assert [(each.check.id, each.outcome, each.why) for each in results] == [
        (name, Outcome.PASSED, "") for name in CHOSEN
    ]
    assert cluster("get", "namespaces", "-l", "apparch-cluster-proof", "-o", "name").text == ""
