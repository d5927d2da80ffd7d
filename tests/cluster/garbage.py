"""What goes when something is deleted: dependents of an owner, the content of a namespace, objects that are due."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

from tests.cluster.shelf import Key, Object, Shelf

NAMESPACES: Key = ("", "namespaces")
# Deletes an object, or marks it: its resource, the object, propagation, grace period.
Mark = Callable[[Key, Object, str, int | None], Object]


class Garbage:
    """A garbage collector that has always just run, and a namespace controller that has too, unless it is deferred.

    In a real cluster both take a moment; of what the collector leaves for that long no client sees anything here.
    """

    def __init__(self, shelf: Shelf, mark: Mark) -> None:
        self._shelf = shelf
        self._mark = mark
        self._queue: deque[str] = deque()
        self._namespaces: deque[str] = deque()
        self._running = False
        self.deferred = False
        self._noted: set[str] = set()

    def sweep(self) -> None:
        """Empty the namespaces that were terminating at the last sweep already."""
        terminating = {
            each["metadata"]["name"]: each
            for each in self._shelf.all(NAMESPACES)
            if each["metadata"].get("deletionTimestamp")
        }
        for name in sorted(self._noted & set(terminating)):
            self._empty(terminating[name])
        self._noted = set(terminating)

    def is_due(self, key: Key, thing: Object) -> bool:
        """Whether an object is marked and nothing keeps it any longer."""
        metadata = thing["metadata"]
        if not metadata.get("deletionTimestamp") or metadata.get("finalizers"):
            return False
        if key == NAMESPACES:
            return not (thing.get("spec") or {}).get("finalizers")
        return not metadata.get("deletionGracePeriodSeconds")

    def collect(self, thing: Object) -> None:
        """Do all that follows from what an object has become."""
        metadata = thing["metadata"]
        self._queue.append(metadata["uid"])
        self._queue.extend(each["metadata"]["uid"] for _, each in self._shelf.dependents(metadata["uid"]))
        self._queue.extend(owner["uid"] for owner in metadata.get("ownerReferences") or ())
        if metadata.get("namespace") and metadata.get("deletionTimestamp"):
            self._namespaces.append(metadata["namespace"])
        if self._running:
            return
        self._running = True
        try:
            while self._queue or self._namespaces:
                self._step()
        finally:
            self._running = False

    def _step(self) -> None:
        if self._queue:
            found = self._shelf.by_uid(self._queue.popleft())
            if found:
                self._examine(*found)
            return
        namespace = self._shelf.get(NAMESPACES, None, self._namespaces.popleft())
        if namespace and namespace["metadata"].get("deletionTimestamp") and not self.deferred:
            self._empty(namespace)

    def _examine(self, key: Key, thing: Object) -> None:
        metadata = thing["metadata"]
        if not metadata.get("deletionTimestamp"):
            self._judge_owners(key, thing)
            return
        finalizers = metadata.get("finalizers") or ()
        if key == NAMESPACES:
            self._namespaces.append(metadata["name"])
        elif "orphan" in finalizers:
            self._orphan(key, thing)
        elif "foregroundDeletion" in finalizers:
            self._delete_dependents(key, thing)

    def _judge_owners(self, key: Key, thing: Object) -> None:
        references = thing["metadata"].get("ownerReferences") or []
        solid, waiting = [], False
        for each in references:
            owner = self._owner(each, thing)
            if owner is None:
                continue
            if _is_foreground(owner):
                waiting = True
            else:
                solid.append(each)
        if references and not solid:
            foreground = waiting and bool(self._shelf.dependents(thing["metadata"]["uid"]))
            self._mark(key, thing, "Foreground" if foreground else "Background", None)
        elif len(solid) < len(references):
            self._put(key, thing, ownerReferences=solid)

    def _owner(self, reference: Object, dependent: Object) -> Object | None:
        found = self._shelf.by_uid(reference["uid"])
        if found is None:
            return None
        namespace = found[1]["metadata"].get("namespace")
        return found[1] if namespace in {None, dependent["metadata"].get("namespace")} else None

    def _orphan(self, key: Key, owner: Object) -> None:
        uid = owner["metadata"]["uid"]
        for each, dependent in self._shelf.dependents(uid):
            left = [reference for reference in dependent["metadata"]["ownerReferences"] if reference["uid"] != uid]
            self._put(each, dependent, ownerReferences=left)
        self._without_finalizer(key, owner, "orphan")

    def _delete_dependents(self, key: Key, owner: Object) -> None:
        uid = owner["metadata"]["uid"]
        for each, dependent in self._shelf.dependents(uid):
            if not dependent["metadata"].get("deletionTimestamp"):
                self._judge_owners(each, dependent)
        if not any(_blocks(dependent, uid) for _, dependent in self._shelf.dependents(uid)):
            self._without_finalizer(key, owner, "foregroundDeletion")

    def _empty(self, namespace: Object) -> None:
        name = namespace["metadata"]["name"]
        # Pods go first, so that none runs without what the namespace held for it.
        for key in sorted(self._shelf.occupied(), key=lambda each: each != ("", "pods")):
            for thing in self._shelf.all(key, name):
                if not thing["metadata"].get("deletionTimestamp"):
                    self._mark(key, thing, "Background", None)
            if key == ("", "pods") and self._shelf.all(key, name):
                return
        if any(self._shelf.all(key, name) for key in self._shelf.occupied()):
            return
        current = self._shelf.get(NAMESPACES, None, name)
        if current is not None:
            left: dict[str, Any] = {**(current.get("spec") or {}), "finalizers": []}
            self._finish(NAMESPACES, current | {"metadata": dict(current["metadata"]), "spec": left})

    def _without_finalizer(self, key: Key, thing: Object, finalizer: str) -> None:
        current = self._shelf.get(key, thing["metadata"].get("namespace"), thing["metadata"]["name"])
        if current is not None:
            left = [each for each in current["metadata"].get("finalizers") or () if each != finalizer]
            self._finish(key, current | {"metadata": _with(current["metadata"], finalizers=left)})

    def _finish(self, key: Key, thing: Object) -> None:
        if self.is_due(key, thing):
            self._shelf.remove(key, thing)
        else:
            self._shelf.put(key, thing)
        self.collect(thing)

    def _put(self, key: Key, thing: Object, **metadata: list[Any]) -> None:
        changed = thing | {"metadata": _with(thing["metadata"], **metadata)}
        self._shelf.put(key, changed)
        self.collect(changed)


def _with(metadata: Object, **changed: list[Any]) -> Object:
    return {key: value for key, value in (metadata | changed).items() if value or key not in changed}


def _is_foreground(owner: Object) -> bool:
    metadata = owner["metadata"]
    return bool(metadata.get("deletionTimestamp")) and "foregroundDeletion" in (metadata.get("finalizers") or ())


def _blocks(dependent: Object, uid: str) -> bool:
    references = dependent["metadata"].get("ownerReferences") or ()
    return any(each["uid"] == uid and each.get("blockOwnerDeletion") for each in references)
