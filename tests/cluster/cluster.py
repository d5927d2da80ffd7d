"""The stand-in cluster: nodes, controllers and a network over one store, with an API server that kubectl talks to."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import yaml
from tests.cluster.api.logs import LogOptions
from tests.cluster.api.server import Server
from tests.cluster.clock import Clock, Pace
from tests.cluster.control import Control
from tests.cluster.controllers import (
    cronjobs,
    deployments,
    disruption,
    endpoints,
    jobs,
    namespaces,
    replicasets,
    statefulsets,
    volumes,
)
from tests.cluster.controllers.autoscaling import Autoscaling
from tests.cluster.controllers.machines import Machines
from tests.cluster.controllers.manager import Manager
from tests.cluster.controllers.sealed import Sealing
from tests.cluster.errors import BadRequest
from tests.cluster.network import Network
from tests.cluster.nodes import images, scheduler
from tests.cluster.nodes.access import open_nodes
from tests.cluster.nodes.images import Registry
from tests.cluster.nodes.kubelet import Kubelet
from tests.cluster.nodes.pods import Machine
from tests.cluster.objects import Object, finished, name, uid
from tests.cluster.store import Store

KUBERNETES = "v1.37.0+k3s1"
PATIENCE = 120.0
"""Seconds until a test gives up on something that has to happen."""
MANIFESTS = Path(__file__).with_name("manifests")
SEALING_IMAGE = "docker.io/bitnami/sealed-secrets-controller:0.32.2"
FIXED = {"default", "kube-system", "kube-public", "kube-node-lease"}


class Cluster:
    """A cluster from entry to exit.

    `names` resolves what is outside: a setting's value to where it really is. `nodes` are the names of its nodes, of
    which the first is the server. `sealed` says whether the sealed-secrets controller is installed from the start.
    """

    def __init__(
        self,
        names: dict[str, str] | None = None,
        *,
        nodes: tuple[str, ...] = ("node-1", "node-2"),
        pace: Pace = Pace(),  # noqa: B008
        login: str = "",
        sealing: Sealing | None = None,
        sealed: bool = True,
        cpu: str = "8",
        memory: str = "16Gi",
    ) -> None:
        self.names, self.patience = names or {}, PATIENCE
        self.clock, self.pace = Clock(), pace
        self.store = Store(now=self.clock.now)
        self.server = Server(self.store, self._logs)
        self.control = Control(self.store, self.clock, pace.backoff)
        self.registry = Registry(login)
        self.autoscaling = Autoscaling()
        self.sealing, self._sealed = sealing or Sealing(), sealed
        self.directory = Path(tempfile.mkdtemp(prefix="cluster-"))
        self.directory.chmod(0o755)
        self._node_names, self._size = nodes, (cpu, memory)
        self.nodes: dict[str, Kubelet] = {}
        open_nodes(self.server.application, self.nodes, lambda: self.network)

    def __enter__(self) -> Self:
        self.server.start()
        self.network = Network()
        self._furnish()
        for number, each in enumerate(self._node_names):
            self.add_node(each, server=number == 0)
        self.manager = Manager(
            self.control,
            [
                namespaces.reconcile,
                self.sealing.reconcile,
                cronjobs.reconcile,
                jobs.reconcile,
                deployments.reconcile,
                replicasets.reconcile,
                statefulsets.reconcile,
                scheduler.reconcile,
                volumes.reconcile,
                endpoints.reconcile,
                disruption.reconcile,
                self.autoscaling.reconcile,
                Machines(self._silent_since).reconcile,
                self.network.reconcile,
            ],
        )
        self.manager.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.manager.stop()
        for each in self.nodes.values():
            each.stop()
        self.network.close()
        self.server.stop()
        shutil.rmtree(self.directory, ignore_errors=True)
        if error is None:
            assert self.manager.errors == [], self.manager.errors[0]

    def add_node(self, called: str, *, server: bool = False, version: str = KUBERNETES) -> Kubelet:
        """Let a node join."""
        directory = self.directory / called
        (directory / "storage").mkdir(parents=True)
        machine = Machine(self.control, self.network, self.registry, self.pace, directory, self._resolve)
        cpu, memory = self._size
        self.nodes[called] = Kubelet(called, machine, version, cpu=cpu, memory=memory, server=server)
        return self.nodes[called]

    def until(self, happened: Callable[[], object], what: str = "it") -> None:
        """Wait for something; fails when patience ends."""
        end = time.monotonic() + self.patience
        while not happened():
            assert not self.manager.errors, self.manager.errors[0]
            assert time.monotonic() < end, f"{what} never happened"
            time.sleep(0.02)

    def pods(self, where: str, **labels: str) -> list[Object]:
        """The pods of a namespace that have not ended."""
        return [each for each in self.control.all("pods", where, labels or None) if not finished(each)]

    def output(self, where: str, pod: str, *, previous: bool = False) -> str:
        """What a pod's container, or the one before it, has written."""
        thing = self.control.get("pods", where, pod)
        node = self.nodes.get((thing or {}).get("spec", {}).get("nodeName", ""))
        life = node.life(uid(thing)) if node and thing else None
        file = life.output(previous=previous) if life else None
        return file.read_text("utf-8", errors="replace") if file else ""

    def reset(self) -> None:
        """Take away what a test has made: namespaces, volumes, pods at once; bring all nodes back."""
        for each in self.control.all("namespaces"):
            if name(each) not in FIXED:
                self.control.delete("namespaces", each)
        for node in self.nodes.values():
            for life in node.pods:
                if life.namespace not in FIXED:
                    life.terminate(0)
        self.until(
            lambda: {name(each) for each in self.control.all("namespaces")} <= FIXED, "the end of the namespaces"
        )
        self.until(lambda: not self.control.all("persistentvolumes"), "the end of the volumes")
        for node in self.nodes.values():
            if node.silent_since is not None:
                node.restore()
            node.free_disk()

    def _furnish(self) -> None:
        """What k3s brings with it."""
        self.registry.push(SEALING_IMAGE, images.script("import signal; signal.pause()"))
        if self._sealed:
            self.install_sealing()
        self.control.create(
            "storageclasses.storage.k8s.io",
            {
                "apiVersion": "storage.k8s.io/v1",
                "kind": "StorageClass",
                "metadata": {
                    "name": "local-path",
                    "annotations": {"storageclass.kubernetes.io/is-default-class": "true"},
                },
                "provisioner": volumes.PROVISIONER,
                "reclaimPolicy": "Delete",
                "volumeBindingMode": "WaitForFirstConsumer",
            },
        )
        self.control.create(
            "ingressclasses.networking.k8s.io",
            {
                "apiVersion": "networking.k8s.io/v1",
                "kind": "IngressClass",
                "metadata": {"name": "traefik"},
                "spec": {"controller": "traefik.io/ingress-controller"},
            },
        )

    def kubeconfig(self, path: Path, *contexts: str) -> Path:
        """Write a file with a context of each name, all of this cluster's administrator; the first is the current."""
        merged: dict[str, Any] = {}
        for each in contexts:
            made = self.server.credentials.kubeconfig(each)
            for key in ("clusters", "users", "contexts"):
                made[key] = merged.get(key, []) + made[key]
            merged = made | {"current-context": contexts[0]}
        path.write_text(yaml.safe_dump(merged), "utf-8")
        path.chmod(0o600)
        return path

    def _logs(self, pod: Object, container: str, options: LogOptions) -> Iterator[str]:
        node = self.nodes.get(pod["spec"].get("nodeName", ""))
        life = node.life(uid(pod)) if node else None
        file = life.output(previous=options.previous) if life else None
        if file is None:
            raise BadRequest(f'container "{container}" in pod "{name(pod)}" is not available')
        lines = file.read_text("utf-8", errors="replace").splitlines()
        yield from lines if options.tail is None else lines[max(0, len(lines) - options.tail) :]
        while options.follow and life and life.alive:
            time.sleep(0.1)
            fresh = file.read_text("utf-8", errors="replace").splitlines()
            yield from fresh[len(lines) :]
            lines = fresh

    def install_sealing(self) -> None:
        """Run the sealed-secrets controller, as its chart does."""
        for each in yaml.safe_load_all((MANIFESTS / "sealed-secrets.yaml").read_text("utf-8")):
            resource = self.store.resources.of(each["apiVersion"], each["kind"])
            assert resource is not None
            self.control.create(resource.qualified, each)

    def _silent_since(self, called: str) -> str | None:
        node = self.nodes.get(called)
        return node.silent_since if node else None

    def _resolve(self, value: str) -> str:
        return self.network.host(value) or self.names.get(value, value)
