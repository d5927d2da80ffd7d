"""Where objects are kept: by name, by uid and by owner, with a log that watches read."""

from __future__ import annotations

import threading
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from tests.cluster.errors import Expired

Object = dict[str, Any]
Key = tuple[str, str]
Json = TypeVar("Json")


@dataclass(frozen=True)
class Event:
    """What happened to an object: ADDED, MODIFIED, DELETED, or BOOKMARK with nothing but a resource version."""

    type: str
    object: Object


@dataclass(frozen=True)
class Change:
    """One entry of the log: what the object was before it, and what it is."""

    version: int
    key: Key
    type: str
    object: Object
    old: Object | None


Judge = Callable[[Object], bool]


class Watch:
    """A view of the log, from one version on; iterate over it until it is closed."""

    def __init__(self, shelf: Shelf, key: Key, wanted: Judge) -> None:
        self._shelf = shelf
        self._key = key
        self._wanted = wanted
        self._events: deque[Event] = deque()
        self._changed = threading.Condition()
        self._wake: Callable[[], None] | None = None
        self.closed = False

    def __enter__(self) -> Watch:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __iter__(self) -> Iterator[Event]:
        while True:
            event = self.next()
            if event is None:
                return
            yield event

    def next(self, timeout: float | None = None) -> Event | None:
        """The next event; None when the watch is closed, or after `timeout` seconds."""
        with self._changed:
            self._changed.wait_for(lambda: self._events or self.closed, timeout)
            if self.closed or not self._events:
                return None
            event = self._events.popleft()
            # The reader may change what it gets; the shelf must not see it.
            return Event(event.type, copy(event.object))

    def pending(self) -> list[Event]:
        """All events that are there now, without waiting; their objects are not to be changed."""
        with self._changed:
            found = list(self._events)
            self._events.clear()
            return found

    def on_change(self, wake: Callable[[], None]) -> None:
        """Call `wake` whenever an event is there or the watch is closed, from the thread that changed something."""
        self._wake = wake
        wake()

    def close(self) -> None:
        """End the iteration, in whichever thread it runs."""
        with self._changed:
            self.closed = True
            self._changed.notify_all()
        self._shelf.forget(self)
        if self._wake:
            self._wake()

    def take(self, change: Change) -> None:
        """Turn a change into an event, as this watch sees it."""
        event = self._seen(change)
        if event is None:
            return
        with self._changed:
            self._events.append(event)
            self._changed.notify_all()
        if self._wake:
            self._wake()

    def _seen(self, change: Change) -> Event | None:
        if change.key != self._key:
            return None
        was = change.old is not None and self._wanted(change.old)
        now = change.type != "DELETED" and self._wanted(change.object)
        match was, now:
            case False, False:
                return None
            case False, True:
                return Event("ADDED", change.object)
            case True, True:
                return Event("MODIFIED", change.object)
            case _:
                return Event("DELETED", change.object)


@dataclass
class Shelf:
    """All objects of a cluster. Not locked: the store that owns it is. What it hands out is not to be changed.

    `followers` are called after each change, and may write in turn.
    """

    history: int = 20_000
    version: int = 1000
    followers: list[Callable[[Change], None]] = field(default_factory=list)
    _objects: dict[Key, dict[tuple[str, str], Object]] = field(default_factory=lambda: defaultdict(dict))
    _by_uid: dict[str, tuple[Key, Object]] = field(default_factory=dict)
    _dependents: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    _log: deque[Change] = field(default_factory=deque)
    _forgotten: int = 0
    _watches: list[Watch] = field(default_factory=list)

    def get(self, key: Key, namespace: str | None, name: str) -> Object | None:
        """The object of that name."""
        return self._objects[key].get((namespace or "", name))

    def all(self, key: Key, namespace: str | None = None) -> list[Object]:
        """The objects of a resource by namespace and name; without a namespace, of all."""
        kept = self._objects[key]
        return [kept[place] for place in sorted(kept) if namespace is None or place[0] == namespace]

    def occupied(self) -> list[Key]:
        """The resources of which there is an object."""
        return [key for key, kept in self._objects.items() if kept]

    def by_uid(self, uid: str) -> tuple[Key, Object] | None:
        """The object with a uid, and its resource."""
        return self._by_uid.get(uid)

    def dependents(self, uid: str) -> list[tuple[Key, Object]]:
        """The objects that name a uid as an owner."""
        return [self._by_uid[each] for each in sorted(self._dependents.get(uid, ())) if each in self._by_uid]

    def put(self, key: Key, thing: Object) -> None:
        """Keep an object under the next version, and tell the watches."""
        old = self.get(key, thing["metadata"].get("namespace"), thing["metadata"]["name"])
        self._unlink(old)
        self._stamp(thing)
        self._objects[key][_place(thing)] = thing
        self._by_uid[thing["metadata"]["uid"]] = key, thing
        for owner in thing["metadata"].get("ownerReferences") or ():
            self._dependents[owner["uid"]].add(thing["metadata"]["uid"])
        self._tell(Change(self.version, key, "MODIFIED" if old else "ADDED", thing, old))

    def remove(self, key: Key, thing: Object) -> None:
        """Keep an object no longer."""
        old = self._objects[key].pop(_place(thing))
        self._unlink(old)
        self._stamp(thing)
        self._tell(Change(self.version, key, "DELETED", thing, old))

    def watch(self, key: Key, wanted: Judge, since: int | None) -> Watch:
        """Changes after a version, or all that is there and then what changes; raises Expired."""
        watch = Watch(self, key, wanted)
        if since is None:
            for each in filter(wanted, self.all(key)):
                watch.take(Change(self.version, key, "ADDED", each, None))
        elif since < self._forgotten:
            raise Expired(f"too old resource version: {since} ({self._forgotten})")
        else:
            for change in self._log:
                if change.version > since:
                    watch.take(change)
        self._watches.append(watch)
        return watch

    def forget(self, watch: Watch) -> None:
        """Tell a watch nothing more."""
        if watch in self._watches:
            self._watches.remove(watch)

    def forget_history(self) -> None:
        """Lose the log, as a compacted etcd does: older versions have expired."""
        self._log.clear()
        self._forgotten = self.version

    def end_watches(self) -> None:
        """Close every watch, as a server does that restarts."""
        for each in list(self._watches):
            each.close()

    def _stamp(self, thing: Object) -> None:
        self.version += 1
        thing["metadata"]["resourceVersion"] = str(self.version)

    def _unlink(self, old: Object | None) -> None:
        if old is None:
            return
        uid = old["metadata"]["uid"]
        self._by_uid.pop(uid, None)
        for owner in old["metadata"].get("ownerReferences") or ():
            self._dependents[owner["uid"]].discard(uid)

    def _tell(self, change: Change) -> None:
        self._log.append(change)
        while len(self._log) > self.history:
            self._forgotten = self._log.popleft().version
        for watch in list(self._watches):
            watch.take(change)
        for follow in self.followers:
            follow(change)


def copy(thing: Json) -> Json:
    """A copy of JSON data that shares nothing with it."""
    made: Any = thing
    if isinstance(thing, dict):
        made = {key: copy(value) for key, value in thing.items()}
    elif isinstance(thing, list):
        made = [copy(each) for each in thing]
    return cast(Json, made)


def _place(thing: Object) -> tuple[str, str]:
    return thing["metadata"].get("namespace") or "", thing["metadata"]["name"]
