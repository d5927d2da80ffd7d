"""How a pod with one container stands, as its status tells it."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.cluster.objects import Object, set_condition
from tests.cluster.store import copy


@dataclass
class Standing:
    """What the kubelet knows of the container and tells of the pod."""

    ready: bool = False
    started: bool = False
    restarts: int = 0
    now: Object = field(default_factory=lambda: {"waiting": {"reason": "ContainerCreating"}})
    last: Object = field(default_factory=dict)
    phase: str = "Pending"

    def write(self, thing: Object, stamp: str, ip: str, container: str, image: str, digest: str) -> None:
        """Write it into a pod's status."""
        status = thing.setdefault("status", {})
        serving = self.ready and self.phase == "Running"
        set_condition(thing, stamp, "Initialized", "True")
        for kind in ("ContainersReady", "Ready"):
            reason = "" if serving else "PodCompleted" if self.phase == "Succeeded" else "ContainersNotReady"
            set_condition(thing, stamp, kind, "True" if serving else "False", reason)
        told = {
            "name": container,
            "image": image,
            "imageID": digest,
            "ready": serving,
            "started": self.started,
            "restartCount": self.restarts,
            "state": copy(self.now),
            "lastState": copy(self.last),
        }
        status.update(phase=self.phase, podIP=ip, podIPs=[{"ip": ip}], hostIP="127.0.0.1", containerStatuses=[told])
        status.setdefault("startTime", stamp)


def terminated(code: int, reason: str, stamp: str) -> Object:
    """The state of a container that has ended."""
    told = reason if reason == "OOMKilled" else "Error" if code else "Completed"
    return {"exitCode": code, "reason": told, "startedAt": stamp, "finishedAt": stamp}
