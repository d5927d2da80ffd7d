"""The objects of a cluster, created, changed and deleted as a Kubernetes API server does it.

It does not know what an object means: defaults, rules and admission are `strategies`, called on every write.
"""

from __future__ import annotations

import secrets
import threading
import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from tests.cluster import errors, selectors
from tests.cluster.garbage import Garbage
from tests.cluster.operation import DEFAULT, Operation, Options
from tests.cluster.resources import Registry, Resource
from tests.cluster.shelf import Change, Event, Object, Shelf, Watch, copy

__all__ = ["Change", "Event", "Object", "Operation", "Options", "Resource", "Store", "Watch", "copy"]

STALE = "the object has been modified; please apply your changes to the latest version and try again"
# What a generated name is made of: no vowels, so that it makes no word.
_SUFFIX = "bcdfghjklmnpqrstvwxz2456789"
_KEPT = ("name", "namespace", "uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds")


Strategy = Callable[["Store", Operation], None]


class Store:
    """All objects of one cluster. Every method may be called from any thread."""

    def __init__(
        self,
        strategies: Sequence[Strategy] = (),
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        history: int = 20_000,
    ) -> None:
        self.resources = Registry()
        self.strategies = list(strategies)
        self.lock = threading.RLock()
        self._now = now
        self._shelf = Shelf(history)
        self._garbage = Garbage(self._shelf, self._mark)

    def follow(self, follower: Callable[[Change], None]) -> None:
        """Call a function after each change, in the thread that made it; it may write to the store in turn."""
        self._shelf.followers.append(follower)

    @property
    def version(self) -> str:
        """The resource version of the last change."""
        with self.lock:
            return str(self._shelf.version)

    def now(self) -> str:
        """The time as objects state it."""
        return _written(self._now())

    def get(self, resource: Resource, namespace: str | None, name: str) -> Object:
        """An object; raises NotFound."""
        with self.lock:
            return copy(self._found(resource, namespace, name))

    def list(
        self,
        resource: Resource,
        namespace: str | None = None,
        labels: selectors.Labels = None,
        fields: selectors.Fields = None,
    ) -> tuple[list[Object], str]:
        """The objects that are selected, by namespace and name, and the resource version they are of."""
        wanted = selectors.judge(namespace, labels, fields)
        with self.lock:
            found = [copy(each) for each in self._shelf.all(resource.key, namespace) if wanted(each)]
            return found, str(self._shelf.version)

    def create(self, resource: Resource, thing: Object, options: Options = DEFAULT) -> Object:
        """Add an object; raises AlreadyExists, Invalid, Forbidden."""
        new = copy(thing)
        with self.lock:
            self._identify(resource, new)
            namespace, name = new["metadata"].get("namespace"), new["metadata"]["name"]
            self._apply_strategies("create", resource, new, None, None, options)
            if self._shelf.get(resource.key, namespace, name):
                raise errors.already_exists(resource.group, resource.plural, name)
            if not options.dry_run:
                self._shelf.put(resource.key, new)
                self._garbage.collect(new)
            return copy(new)

    def update(
        self,
        resource: Resource,
        thing: Object,
        subresource: str | None = None,
        options: Options = DEFAULT,
    ) -> Object:
        """Put an object in place of what it was; raises NotFound, Conflict, Invalid, Forbidden.

        With a subresource only that part is taken: `status`; `binding` (a pod's node); `finalize` (a namespace's
        finalizers).
        """
        with self.lock:
            metadata = thing["metadata"]
            old = self._found(resource, metadata.get("namespace"), metadata["name"])
            self._refuse_stale(resource, metadata, old)
            new = self._merged(resource, copy(thing), copy(old), subresource)
            self._apply_strategies("update", resource, new, old, subresource, options)
            if "generation" in old["metadata"] and _wanted(resource, new) != _wanted(resource, old):
                new["metadata"]["generation"] = old["metadata"]["generation"] + 1
            new["metadata"]["resourceVersion"] = old["metadata"]["resourceVersion"]
            if options.dry_run:
                return copy(new)
            if _timeless(new) == _timeless(old):
                # That somebody wrote the same again is no change.
                return copy(old)
            if self._garbage.is_due(resource.key, new):
                self._shelf.remove(resource.key, new)
            else:
                self._shelf.put(resource.key, new)
            self._garbage.collect(new)
            return copy(new)

    def change(
        self,
        resource: Resource,
        namespace: str | None,
        name: str,
        mutate: Callable[[Object], None],
        subresource: str | None = None,
        options: Options = DEFAULT,
    ) -> Object:
        """Read, change and write back an object as one step; raises what `get` and `update` raise."""
        with self.lock:
            thing = self.get(resource, namespace, name)
            mutate(thing)
            return self.update(resource, thing, subresource, options)

    def delete(
        self,
        resource: Resource,
        namespace: str | None,
        name: str,
        propagation: str = "Background",
        grace: int | None = None,
        preconditions: Mapping[str, str] | None = None,
        options: Options = DEFAULT,
    ) -> Object:
        """Delete an object, or mark it where finalizers or a grace period (seconds) keep it; returns its last state.

        Raises NotFound, Conflict, Forbidden.
        """
        with self.lock:
            old = self._found(resource, namespace, name)
            self._require(resource, old, preconditions or {})
            self._apply_strategies("delete", resource, copy(old), old, None, options)
            return copy(old if options.dry_run else self._mark(resource.key, old, propagation, grace))

    def watch(
        self,
        resource: Resource,
        namespace: str | None = None,
        since: str | None = None,
        labels: selectors.Labels = None,
        fields: selectors.Fields = None,
    ) -> Watch:
        """Events after a resource version; without one, an ADDED for all that is there first. Raises Expired."""
        with self.lock:
            wanted = selectors.judge(namespace, labels, fields)
            return self._shelf.watch(resource.key, wanted, int(since) if since not in {None, "", "0"} else None)

    def defer_namespaces(self) -> None:
        """Leave the content of a terminating namespace to `sweep`, so that clients see it for a moment."""
        self._garbage.deferred = True

    def sweep(self) -> None:
        """Empty the namespaces that were terminating at the last sweep already."""
        with self.lock:
            self._garbage.sweep()

    def forget_history(self) -> None:
        """Let every older resource version expire, as a compaction does."""
        with self.lock:
            self._shelf.forget_history()

    def close(self) -> None:
        """End all watches."""
        with self.lock:
            self._shelf.end_watches()

    def _found(self, resource: Resource, namespace: str | None, name: str) -> Object:
        found = self._shelf.get(resource.key, namespace if resource.namespaced else None, name)
        if found is None:
            raise errors.not_found(resource.group, resource.plural, name)
        return found

    def _identify(self, resource: Resource, new: Object) -> None:
        metadata = new.setdefault("metadata", {})
        new["apiVersion"], new["kind"] = resource.api_version, resource.kind
        if not resource.namespaced:
            metadata.pop("namespace", None)
        if metadata.get("resourceVersion"):
            raise errors.BadRequest("resourceVersion should not be set on objects to be created")
        if not metadata.get("name") and metadata.get("generateName"):
            metadata["name"] = metadata["generateName"] + "".join(secrets.choice(_SUFFIX) for _ in range(5))
        if not metadata.get("name"):
            cause = errors.Cause(
                "FieldValueRequired", "Required value: name or generateName is required", "metadata.name"
            )
            raise errors.invalid(resource.group, resource.kind, "", [cause])
        if resource.namespaced:
            self._require_namespace(resource, metadata)
        for each in ("deletionTimestamp", "deletionGracePeriodSeconds", "resourceVersion", "selfLink"):
            metadata.pop(each, None)
        metadata["uid"], metadata["creationTimestamp"] = str(uuid.uuid4()), self.now()
        metadata.pop("generation", None)
        if resource.key == ("", "namespaces"):
            # What keeps a namespace until its content is gone.
            new["spec"] = {"finalizers": ["kubernetes"]}
        if resource.generation or resource.custom:
            metadata["generation"] = 1

    def _require_namespace(self, resource: Resource, metadata: Object) -> None:
        name = metadata.get("namespace") or ""
        namespace = self._shelf.get(("", "namespaces"), None, name)
        if namespace is None:
            raise errors.not_found("", "namespaces", name)
        if namespace["metadata"].get("deletionTimestamp"):
            why = f"unable to create new content in namespace {name} because it is being terminated"
            refused = errors.forbidden(resource.group, resource.plural, metadata["name"], why)
            cause = {"reason": "NamespaceTerminating", "message": f"namespace {name} is being terminated"}
            refused.details = (refused.details or {}) | {"causes": [cause | {"field": "metadata.namespace"}]}
            raise refused

    def _refuse_stale(self, resource: Resource, metadata: Object, old: Object) -> None:
        given = metadata.get("resourceVersion")
        if given and given != old["metadata"]["resourceVersion"]:
            raise errors.conflict(resource.group, resource.plural, metadata["name"], STALE)
        uid = {"uid": metadata["uid"]} if metadata.get("uid") else {}
        self._require(resource, old, uid)

    def _require(self, resource: Resource, old: Object, preconditions: Mapping[str, str]) -> None:
        names = {"uid": "UID", "resourceVersion": "ResourceVersion"}
        for field, wanted in preconditions.items():
            actual = old["metadata"][field]
            if wanted and wanted != actual:
                word = names[field]
                why = f"Precondition failed: {word} in precondition: {wanted}, {word} in object meta: {actual}"
                raise errors.conflict(resource.group, resource.plural, old["metadata"]["name"], why)

    def _merged(self, resource: Resource, new: Object, old: Object, subresource: str | None) -> Object:
        metadata, before = new["metadata"], old["metadata"]
        new["apiVersion"], new["kind"] = resource.api_version, resource.kind
        if subresource is not None:
            part = {"status": ("status",), "binding": ("spec",), "finalize": ("spec",)}[subresource]
            kept = old | {each: new[each] for each in part if each in new}
            if "managedFields" in metadata:
                kept["metadata"] = before | {"managedFields": metadata["managedFields"]}
            return kept
        for each in (*_KEPT, "generation", "resourceVersion"):
            metadata.pop(each, None)
            if each in before:
                metadata[each] = before[each]
        metadata.pop("selfLink", None)
        if before.get("deletionTimestamp"):
            added = set(metadata.get("finalizers") or ()) - set(before.get("finalizers") or ())
            if added:
                found = "{" + ", ".join(f'"{each}"' for each in sorted(added)) + "}"
                text = "Forbidden: no new finalizers can be added if the object is being deleted"
                text += f", found new finalizers []string{found}"
                cause = errors.Cause("FieldValueForbidden", text, "metadata.finalizers")
                raise errors.invalid(resource.group, resource.kind, before["name"], [cause])
        if "status" in resource.subresources:
            new.pop("status", None)
            if "status" in old:
                new["status"] = old["status"]
        return new

    def _apply_strategies(
        self, verb: str, resource: Resource, new: Object, old: Object | None, subresource: str | None, options: Options
    ) -> None:
        operation = Operation(verb, resource, new, copy(old) if old else None, subresource, options, self.now())
        for strategy in self.strategies:
            strategy(self, operation)

    def _mark(self, key: tuple[str, str], old: Object, propagation: str, grace: int | None) -> Object:
        new = copy(old)
        metadata = new["metadata"]
        finalizers = [each for each in metadata.get("finalizers") or () if each not in {"foregroundDeletion", "orphan"}]
        finalizers += {"Foreground": ["foregroundDeletion"], "Orphan": ["orphan"]}.get(propagation, [])
        metadata.pop("finalizers", None)
        if finalizers:
            metadata["finalizers"] = finalizers
        seconds = _grace(new, grace) if key == ("", "pods") else 0
        begun = metadata.get("deletionTimestamp")
        if begun is None:
            metadata["deletionTimestamp"] = _written(self._now() + timedelta(seconds=seconds))
            metadata["deletionGracePeriodSeconds"] = seconds
            if metadata.get("generation"):
                metadata["generation"] += 1
            if key == ("", "namespaces"):
                new["status"] = (new.get("status") or {}) | {"phase": "Terminating"}
        elif grace is not None and seconds < metadata["deletionGracePeriodSeconds"]:
            end = datetime.fromisoformat(begun) - timedelta(seconds=metadata["deletionGracePeriodSeconds"] - seconds)
            metadata["deletionTimestamp"], metadata["deletionGracePeriodSeconds"] = _written(end), seconds
        if self._garbage.is_due(key, new):
            self._shelf.remove(key, new)
        elif new != old:
            self._shelf.put(key, new)
        self._garbage.collect(new)
        return new


def _grace(pod: Object, asked: int | None) -> int:
    # A pod that never ran, or runs no longer, has nothing to wait for.
    if not pod["spec"].get("nodeName") or (pod.get("status") or {}).get("phase") in {"Succeeded", "Failed"}:
        return 0
    default: int = pod["spec"].get("terminationGracePeriodSeconds", 30)
    return max(0, default if asked is None else asked)


def _wanted(resource: Resource, thing: Object) -> Object:
    """The part of an object of which its generation counts the changes."""
    if resource.custom:
        return {key: value for key, value in thing.items() if key not in {"metadata", "status"}}
    counted = {key: value for key, value in thing.items() if key in {"spec", "webhooks", "endpoints"}}
    # Of a Deployment the annotations count too: they are copied to its ReplicaSets.
    return counted | ({"": thing["metadata"].get("annotations")} if resource.plural == "deployments" else {})


def _timeless(thing: Object) -> Object:
    metadata = thing["metadata"]
    told = [{key: each[key] for key in each if key != "time"} for each in metadata.get("managedFields") or ()]
    return thing | {"metadata": metadata | {"managedFields": told}}


def _written(time: datetime) -> str:
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
