"""What controllers and kubelets see of a cluster: its objects by resource, its time, its events."""

from __future__ import annotations

import threading
from collections.abc import Callable

from tests.cluster.clock import Clock
from tests.cluster.errors import AlreadyExists, ApiError, NotFound
from tests.cluster.objects import Object, name, namespace, suffix, uid
from tests.cluster.store import Resource, Store


class Control:
    """A controller's client. A refusal of the API server becomes an event of the owner, as in a real cluster."""

    def __init__(self, store: Store, clock: Clock, backoff: float = 1.0) -> None:
        self.store, self.clock = store, clock
        self.backoff = backoff
        self.refusals: dict[str, str] = {}
        """What the API server last refused to create, by the owner's uid."""
        # What was listed last, until anything changes: most rounds of most controllers find nothing new.
        self._lists: dict[object, tuple[str, list[Object]]] = {}
        self._told: dict[tuple[str, str, str], str] = {}
        self._lock = threading.Lock()

    def resource(self, plural: str) -> Resource:
        """The resource by its qualified plural: `pods`, `deployments.apps`; raises KeyError."""
        return self.store.resources.named(plural)

    def all(self, plural: str, where: str | None = None, labels: dict[str, str] | None = None) -> list[Object]:
        """The objects of a resource, of one namespace or of all, not to be changed; none of one that is not known."""
        key, version = (plural, where, tuple(sorted((labels or {}).items()))), self.store.version
        kept = self._lists.get(key)
        if kept is None or kept[0] != version:
            try:
                kept = version, self.store.list(self.resource(plural), where, labels)[0]
            except KeyError:
                kept = version, []
            self._lists[key] = kept
        return list(kept[1])

    def get(self, plural: str, where: str | None, called: str) -> Object | None:
        """An object, or None."""
        try:
            return self.store.get(self.resource(plural), where, called)
        except (KeyError, NotFound):
            return None

    def create(self, plural: str, thing: Object, owner: Object | None = None) -> Object | None:
        """Create an object; None where the API server refuses, which the owner's events then tell."""
        try:
            created = self.store.create(self.resource(plural), thing)
        except AlreadyExists:
            return None
        except ApiError as error:
            if owner is not None:
                self.refusals[uid(owner)] = error.message
                self.event(owner, "FailedCreate", f"Error creating: {error.message}", warning=True)
            return None
        if owner is not None:
            self.refusals.pop(uid(owner), None)
        return created

    def change(
        self, plural: str, thing: Object, mutate: Callable[[Object], None], subresource: str | None = None
    ) -> None:
        """Change an object that may be gone by now."""
        try:
            self.store.change(self.resource(plural), namespace(thing) or None, name(thing), mutate, subresource)
        except NotFound:
            return

    def status(self, plural: str, thing: Object, mutate: Callable[[Object], None]) -> None:
        """Change an object's status."""
        self.change(plural, thing, mutate, "status")

    def delete(self, plural: str, thing: Object, grace: int | None = None) -> None:
        """Delete exactly this object, not one that took its name."""
        try:
            self.store.delete(
                self.resource(plural),
                namespace(thing) or None,
                name(thing),
                grace=grace,
                preconditions={"uid": uid(thing)},
            )
        except ApiError:
            return

    def event(self, thing: Object, reason: str, message: str, *, warning: bool = False) -> None:
        """Tell what happened; the same thing again raises the event's count."""
        key = (uid(thing), reason, message)
        with self._lock:
            known = self._told.get(key)
            called = known or f"{name(thing)}.{suffix(10)}"
            self._told[key] = called
        where = namespace(thing) or "default"
        stamp = self.clock.stamp()
        if known and self.get("events", where, known):

            def again(event: Object) -> None:
                event["count"] += 1
                event["lastTimestamp"] = stamp

            self.change("events", {"metadata": {"name": known, "namespace": where}}, again)
            return
        about = {"apiVersion": thing["apiVersion"], "kind": thing["kind"], "name": name(thing), "uid": uid(thing)}
        self.create(
            "events",
            {
                "apiVersion": "v1",
                "kind": "Event",
                "metadata": {"name": called, "namespace": where},
                "involvedObject": about | ({"namespace": namespace(thing)} if namespace(thing) else {}),
                "type": "Warning" if warning else "Normal",
                "reason": reason,
                "message": message,
                "count": 1,
                "firstTimestamp": stamp,
                "lastTimestamp": stamp,
                "source": {"component": "cluster"},
            },
        )
