"""The stand-in cluster with all that `./dev cluster-proof` asks of a real one: two nodes that have the image."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.cluster.cluster import Cluster
from tests.cluster.nodes.images import Command, Image, Run
from tests.cluster.proof.run import Kubectl
from tests.kube import kubectl


@contextmanager
def stand_in(directory: Path, image: str) -> Iterator[Kubectl]:
    """kubectl for a stand-in cluster whose nodes have the image."""
    with Cluster() as cluster:
        cluster.registry.push(image, _shell())
        kubeconfig = cluster.kubeconfig(directory / "kubeconfig", "stand-in")
        environment = {"PATH": os.defpath, "HOME": str(directory), "KUBECONFIG": str(kubeconfig)}
        yield Kubectl(str(kubectl()), "stand-in", environment=environment)


def _shell() -> Image:
    """An image whose commands are this machine's own, as a shell's are."""

    def start(run: Run) -> Command:
        return Command(run.command, {"PATH": os.environ["PATH"], **run.environ})

    return Image(start)
