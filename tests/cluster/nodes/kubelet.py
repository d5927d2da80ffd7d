"""A node of the cluster: it tells of itself, and runs the pods that are bound to it."""

from __future__ import annotations

import threading
from pathlib import Path

from tests.cluster.nodes.pods import Machine, PodLife
from tests.cluster.objects import Object, deleting, finished, set_condition, uid

BEAT_SECONDS = 0.02


class Kubelet:
    """One node and its pods. The test can lose it, bring it back, and fill its disk."""

    def __init__(self, called: str, machine: Machine, version: str, *, cpu: str, memory: str, server: bool) -> None:
        self.name, self.version = called, version
        self.silent_since: str | None = None
        self._machine, self._control = machine, machine.control
        self._lives: dict[str, PodLife] = {}
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._full = False
        role = {"node-role.kubernetes.io/control-plane": "true"} if server else {}
        capacity = {"cpu": cpu, "memory": memory, "pods": "110"}
        self._control.create(
            "nodes",
            {
                "apiVersion": "v1",
                "kind": "Node",
                "metadata": {
                    "name": called,
                    "labels": {"kubernetes.io/hostname": called, "kubernetes.io/os": "linux"} | role,
                    "annotations": {"stand-in/storage": str(self.storage)},
                },
                "spec": {},
                "status": {"capacity": capacity, "allocatable": capacity},
            },
        )
        self._capacity = capacity
        self._tell()
        self._thread = threading.Thread(target=self._run, name=called, daemon=True)
        self._thread.start()

    @property
    def storage(self) -> Path:
        """Where the node keeps local-path volumes."""
        return self._machine.directory / "storage"

    @property
    def pods(self) -> list[PodLife]:
        """The pods that run here, or are stopping."""
        with self._lock:
            return [each for each in self._lives.values() if each.alive]

    def lose(self) -> None:
        """The machine is gone at once: its processes end, and nobody hears of it."""
        self.silent_since = self._control.clock.stamp()
        with self._lock:
            lives, self._lives = list(self._lives.values()), {}
        for each in lives:
            each.vanish()
        for each in lives:
            each.join()

    def restore(self) -> None:
        """The machine is back, empty but for its disk."""
        self.silent_since = None
        self._tell()

    def upgrade(self, version: str) -> None:
        """The agent restarts in another version; containers go on meanwhile."""
        self.version = version
        self._tell()

    def fill_disk(self) -> None:
        """The node's disk is full: it takes no pod, and its pods are evicted."""
        self._full = True
        self._tell()
        for each in self._mine():
            if not finished(each) and not deleting(each):
                self._evict(each, "The node was low on resource: ephemeral-storage.")

    def free_disk(self) -> None:
        """There is room again."""
        self._full = False
        self._tell()

    def life(self, pod_uid: str) -> PodLife | None:
        """A pod that runs or ran here."""
        with self._lock:
            return self._lives.get(pod_uid)

    def stop(self) -> None:
        """End the node and all its processes."""
        self._stopping.set()
        self._thread.join(30)
        self.lose()

    def _run(self) -> None:
        seen = ""
        while not self._stopping.wait(BEAT_SECONDS):
            version = self._control.store.version
            if self.silent_since is None and version != seen:
                seen = version
                self._sync()

    def _mine(self) -> list[Object]:
        return [each for each in self._control.all("pods") if each["spec"].get("nodeName") == self.name]

    def _sync(self) -> None:
        mine = {uid(each): each for each in self._mine()}
        with self._lock:
            known = dict(self._lives)
        for identity, pod in mine.items():
            life = known.get(identity)
            if deleting(pod):
                grace = float(pod["metadata"].get("deletionGracePeriodSeconds", 0))
                if life is not None and life.alive:
                    life.terminate(grace)
                elif self.silent_since is None:
                    self._control.delete("pods", pod, grace=0)
            elif life is None and self._full and not finished(pod):
                self._evict(pod, "The node had condition: [DiskPressure].")
            elif life is None and not finished(pod):
                with self._lock:
                    self._lives[identity] = PodLife(self._machine, pod)
        for identity, life in known.items():
            if identity not in mine:
                life.vanish()
                with self._lock:
                    self._lives.pop(identity, None)

    def _evict(self, pod: Object, message: str) -> None:
        def failed(thing: Object) -> None:
            thing.setdefault("status", {}).update(phase="Failed", reason="Evicted", message=message)
            set_condition(thing, self._control.clock.stamp(), "Ready", "False", "PodFailed")

        life = self.life(uid(pod))
        if life:
            life.vanish()
        self._control.status("pods", pod, failed)
        self._control.event(pod, "Evicted", message, warning=True)

    def _tell(self) -> None:
        stamp = self._control.clock.stamp()

        def write(thing: Object) -> None:
            status = thing.setdefault("status", {})
            status.update(
                capacity=self._capacity,
                allocatable=self._capacity,
                addresses=[{"type": "InternalIP", "address": "127.0.0.1"}, {"type": "Hostname", "address": self.name}],
                nodeInfo={
                    "kubeletVersion": self.version,
                    "containerRuntimeVersion": "processes://",
                    "osImage": "stand-in",
                },
            )
            set_condition(thing, stamp, "MemoryPressure", "False", "KubeletHasSufficientMemory")
            full = ("True", "KubeletHasDiskPressure") if self._full else ("False", "KubeletHasNoDiskPressure")
            set_condition(thing, stamp, "DiskPressure", *full)
            set_condition(thing, stamp, "Ready", "True", "KubeletReady", "kubelet is posting ready status")

        node = self._control.get("nodes", None, self.name)
        if node is not None:
            self._control.status("nodes", node, write)
