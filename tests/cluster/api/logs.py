"""Logs of a container, which the nodes hand out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from tests.cluster import errors
from tests.cluster.shelf import Object
from tests.cluster.store import Store


@dataclass(frozen=True)
class LogOptions:
    """Which lines are wanted: those of the run before, as they come, the last so many, with their times."""

    follow: bool = False
    previous: bool = False
    tail: int | None = None
    since_seconds: int | None = None
    timestamps: bool = False


class Logs(Protocol):
    """Where logs come from: lines without their end; raises BadRequest where there are none."""

    def __call__(self, pod: Object, container: str, options: LogOptions) -> Iterator[str]:
        """The lines of a container."""
        ...


def lines_of(store: Store, logs: Logs | None, namespace: str, name: str, query: Mapping[str, str]) -> Iterator[str]:
    """The lines that a request asks for; raises NotFound, BadRequest."""
    pod = store.get(store.resources.named("pods"), namespace, name)
    container = query.get("container") or _only(pod)
    every = [*(pod["spec"].get("initContainers") or ()), *pod["spec"]["containers"]]
    if container not in [each["name"] for each in every]:
        raise errors.BadRequest(f"container {container} is not valid for pod {name}")
    status = pod.get("status") or {}
    states = [*(status.get("containerStatuses") or ()), *(status.get("initContainerStatuses") or ())]
    state: Object = next((each for each in states if each["name"] == container), {})
    waiting = (state.get("state") or {}).get("waiting")
    previous = query.get("previous") == "true"
    if previous and not (state.get("lastState") or {}).get("terminated"):
        raise errors.BadRequest(f'previous terminated container "{container}" in pod "{name}" not found')
    if not previous and (not state or (waiting and not (state.get("lastState") or {}).get("terminated"))):
        reason = (waiting or {}).get("reason", "ContainerCreating")
        text = f'container "{container}" in pod "{name}" is waiting to start: {reason}'
        if reason in {"ErrImagePull", "ImagePullBackOff"}:
            text = f'container "{container}" in pod "{name}" is waiting to start: trying and failing to pull image'
        raise errors.BadRequest(text)
    if logs is None:
        return iter(())
    options = LogOptions(
        follow=query.get("follow") == "true",
        previous=previous,
        tail=int(query["tailLines"]) if "tailLines" in query else None,
        since_seconds=int(query["sinceSeconds"]) if "sinceSeconds" in query else None,
        timestamps=query.get("timestamps") == "true",
    )
    return logs(pod, container, options)


def _only(pod: Object) -> str:
    names = [each["name"] for each in pod["spec"]["containers"]]
    if len(names) > 1:
        listed = " ".join(names)
        raise errors.BadRequest(
            f"a container name must be specified for pod {pod['metadata']['name']}, choose one of: [{listed}]"
        )
    first: str = names[0]
    return first
