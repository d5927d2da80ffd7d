"""The store of the stand-in cluster keeps, changes and deletes objects as an API server does."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from tests.cluster import errors
from tests.cluster.store import Object, Options, Resource, Store

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.fixture
def store() -> Store:
    """A store with one namespace, whose clock stands still."""
    store = Store(now=lambda: NOW)
    store.create(store.resources.named("namespaces"), {"metadata": {"name": "shop"}})
    return store


def of(store: Store, name: str) -> Resource:
    """A resource by its name."""
    return store.resources.named(name)


def made(name: str, owner: Object | None = None, **fields: Any) -> Object:
    """An object of the namespace, to be created."""
    metadata: Object = {"name": name, "namespace": "shop"}
    if owner:
        metadata["ownerReferences"] = [
            {"kind": owner["kind"], "name": owner["metadata"]["name"], "uid": owner["metadata"]["uid"]}
            | {"apiVersion": owner["apiVersion"], "controller": True, "blockOwnerDeletion": True}
        ]
    return {"metadata": metadata, **fields}


def names(store: Store, resource: str) -> list[str]:
    """The names of all objects of a resource."""
    return [each["metadata"]["name"] for each in store.list(of(store, resource))[0]]


def family(store: Store) -> tuple[Object, Object, Object]:
    """A Deployment, its ReplicaSet, and a running pod of that."""
    deployment = store.create(of(store, "deployments.apps"), made("app", spec={"replicas": 1}))
    replicas = store.create(of(store, "replicasets.apps"), made("app-1", deployment, spec={"replicas": 1}))
    pod = store.create(of(store, "pods"), made("app-1-a", replicas, spec={"nodeName": "one"}))
    return deployment, replicas, pod


def test_created_object_gets_its_identity(store: Store) -> None:
    """An object gets its kind, a uid, a time, a generation and a resource version."""
    deployment = store.create(of(store, "deployments.apps"), made("app", spec={}))
    metadata = deployment["metadata"]
    assert (deployment["apiVersion"], deployment["kind"]) == ("apps/v1", "Deployment")
    assert (metadata["creationTimestamp"], metadata["generation"]) == ("2026-01-02T03:04:05Z", 1)
    assert metadata["resourceVersion"] == store.version
    assert len(metadata["uid"]) == 36


def test_generated_name_starts_with_its_prefix(store: Store) -> None:
    """Two objects of one generateName are two objects."""
    thing = {"metadata": {"generateName": "job-", "namespace": "shop"}}
    one, other = (store.create(of(store, "configmaps"), thing)["metadata"]["name"] for _ in range(2))
    assert [len(one), one[:4]] == [9, "job-"]
    assert one != other


def test_missing_object_is_not_found(store: Store) -> None:
    """The error carries the Status of a real one."""
    with pytest.raises(errors.NotFound) as caught:
        store.get(of(store, "deployments.apps"), "shop", "app")
    assert caught.value.status() == {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "message": 'deployments.apps "app" not found',
        "reason": "NotFound",
        "details": {"name": "app", "group": "apps", "kind": "deployments"},
        "code": 404,
    }


def test_taken_name_is_refused(store: Store) -> None:
    """A second object of the name is not created."""
    store.create(of(store, "configmaps"), made("settings"))
    with pytest.raises(errors.AlreadyExists, match='configmaps "settings" already exists'):
        store.create(of(store, "configmaps"), made("settings"))


def test_namespace_must_exist(store: Store) -> None:
    """Nothing is created in a namespace that is not there."""
    with pytest.raises(errors.NotFound, match='namespaces "elsewhere" not found'):
        store.create(of(store, "configmaps"), {"metadata": {"name": "a", "namespace": "elsewhere"}})


def test_stale_update_is_a_conflict(store: Store) -> None:
    """Of two writers who read the same version, the second is refused."""
    seen = store.create(of(store, "configmaps"), made("settings"))
    store.update(of(store, "configmaps"), seen | {"data": {"a": "1"}})
    with pytest.raises(errors.Conflict, match="the object has been modified; please apply your changes"):
        store.update(of(store, "configmaps"), seen | {"data": {"a": "2"}})


def test_generation_counts_changes_of_the_spec(store: Store) -> None:
    """Status does not count, the spec does, and what is equal is no change at all."""
    resource = of(store, "deployments.apps")
    store.create(resource, made("app", spec={"replicas": 1}))
    store.change(resource, "shop", "app", lambda it: it.update(status={"replicas": 1}), "status")
    same = store.change(resource, "shop", "app", lambda it: it["spec"].update(replicas=1))
    changed = store.change(resource, "shop", "app", lambda it: it["spec"].update(replicas=2))
    assert [same["metadata"]["generation"], changed["metadata"]["generation"]] == [1, 2]
    assert int(changed["metadata"]["resourceVersion"]) == int(same["metadata"]["resourceVersion"]) + 1


def test_status_and_spec_are_written_apart(store: Store) -> None:
    """An update keeps the status, an update of the status keeps the spec."""
    resource = of(store, "deployments.apps")
    store.create(resource, made("app", spec={"replicas": 1}))
    both = {"spec": {"replicas": 5}, "status": {"replicas": 7}}
    status = store.change(resource, "shop", "app", lambda it: it.update(both), "status")
    spec = store.change(resource, "shop", "app", lambda it: it.update(both | {"status": {}}))
    assert (status["spec"], status["status"]) == ({"replicas": 1}, {"replicas": 7})
    assert (spec["spec"], spec["status"]) == ({"replicas": 5}, {"replicas": 7})


def test_dry_run_changes_nothing(store: Store) -> None:
    """Create, update and delete answer as if they had been done."""
    resource, dry = of(store, "configmaps"), Options(dry_run=True)
    assert store.create(resource, made("a"), dry)["metadata"]["uid"]
    kept = store.create(resource, made("b"))
    store.update(resource, kept | {"data": {"a": "1"}}, options=dry)
    store.delete(resource, "shop", "b", options=dry)
    assert store.list(resource)[0] == [kept]


def test_list_selects_by_labels_and_fields(store: Store) -> None:
    """Both selectors are met by what is listed."""
    for name, app, node in (("a", "web", "one"), ("b", "web", "two"), ("c", "db", "one")):
        pod = made(name, spec={"nodeName": node})
        pod["metadata"]["labels"] = {"app": app}
        store.create(of(store, "pods"), pod)
    found, _ = store.list(of(store, "pods"), "shop", labels="app in (web)", fields="spec.nodeName=one")
    assert [each["metadata"]["name"] for each in found] == ["a"]


def test_running_pod_is_only_marked(store: Store) -> None:
    """A pod on a node stays for its grace period, until the kubelet deletes it with none."""
    *_, pod = family(store)
    marked = store.delete(of(store, "pods"), "shop", "app-1-a")["metadata"]
    assert (marked["deletionTimestamp"], marked["deletionGracePeriodSeconds"]) == ("2026-01-02T03:04:35Z", 30)
    store.delete(of(store, "pods"), "shop", "app-1-a", grace=0, preconditions={"uid": pod["metadata"]["uid"]})
    assert names(store, "pods") == []


def test_shorter_grace_period_shortens_and_longer_does_not(store: Store) -> None:
    """The deletion time moves to an earlier one only."""
    family(store)
    times = [
        store.delete(of(store, "pods"), "shop", "app-1-a", grace=grace)["metadata"]["deletionTimestamp"]
        for grace in (20, 40, 5)
    ]
    assert [each[-4:-1] for each in times] == [":25", ":25", ":10"]


def test_pod_without_a_node_goes_at_once(store: Store) -> None:
    """Nothing runs that could be waited for."""
    store.create(of(store, "pods"), made("pending", spec={}))
    store.delete(of(store, "pods"), "shop", "pending")
    assert names(store, "pods") == []


def test_wrong_uid_deletes_nothing(store: Store) -> None:
    """A deletion that means an earlier object of the name is a conflict."""
    store.create(of(store, "configmaps"), made("a"))
    with pytest.raises(errors.Conflict, match="Precondition failed: UID in precondition: other, UID in object meta: "):
        store.delete(of(store, "configmaps"), "shop", "a", preconditions={"uid": "other"})


def test_finalizer_keeps_until_it_is_removed(store: Store) -> None:
    """The object is marked, takes no new finalizer, and goes with its last one."""
    thing = made("a")
    thing["metadata"]["finalizers"] = ["example.org/backup"]
    resource = of(store, "configmaps")
    store.create(resource, thing)
    store.delete(resource, "shop", "a")
    with pytest.raises(errors.Invalid, match="no new finalizers can be added if the object is being deleted"):
        store.change(resource, "shop", "a", lambda it: it["metadata"]["finalizers"].append("example.org/more"))
    store.change(resource, "shop", "a", lambda it: it["metadata"].pop("finalizers"))
    assert names(store, "configmaps") == []


def test_background_deletion_takes_dependents_along(store: Store) -> None:
    """The owner goes at once, its ReplicaSet with it, the pod is marked."""
    family(store)
    store.delete(of(store, "deployments.apps"), "shop", "app")
    pods, _ = store.list(of(store, "pods"))
    assert names(store, "deployments.apps") == names(store, "replicasets.apps") == []
    assert [bool(each["metadata"].get("deletionTimestamp")) for each in pods] == [True]


def test_foreground_deletion_keeps_owners_until_dependents_are_gone(store: Store) -> None:
    """Deployment and ReplicaSet wait for the pod."""
    family(store)
    store.delete(of(store, "deployments.apps"), "shop", "app", propagation="Foreground")
    waiting = [*names(store, "deployments.apps"), *names(store, "replicasets.apps"), *names(store, "pods")]
    store.delete(of(store, "pods"), "shop", "app-1-a", grace=0)
    assert waiting == ["app", "app-1", "app-1-a"]
    assert names(store, "deployments.apps") == names(store, "replicasets.apps") == []


def test_orphans_stay_without_an_owner(store: Store) -> None:
    """The ReplicaSet keeps its pod and belongs to nobody."""
    family(store)
    store.delete(of(store, "deployments.apps"), "shop", "app", propagation="Orphan")
    replicas = store.get(of(store, "replicasets.apps"), "shop", "app-1")
    assert names(store, "deployments.apps") == []
    assert "ownerReferences" not in replicas["metadata"]
    assert names(store, "pods") == ["app-1-a"]


def test_dependent_of_a_deleted_owner_does_not_stay(store: Store) -> None:
    """What a controller creates for an owner that is already gone, goes too."""
    _, replicas, _ = family(store)
    store.delete(of(store, "replicasets.apps"), "shop", "app-1")
    store.create(of(store, "configmaps"), made("late", replicas))
    assert names(store, "configmaps") == []


def test_namespace_goes_after_all_in_it(store: Store) -> None:
    """It is Terminating, takes nothing new, and keeps the rest until the pods are gone."""
    family(store)
    store.create(of(store, "configmaps"), made("settings"))
    terminating = store.delete(of(store, "namespaces"), None, "shop")
    with pytest.raises(errors.Forbidden, match="unable to create new content in namespace shop because it is being"):
        store.create(of(store, "configmaps"), made("late"))
    kept = names(store, "configmaps")
    store.delete(of(store, "pods"), "shop", "app-1-a", grace=0)
    assert (terminating["status"]["phase"], kept) == ("Terminating", ["settings"])
    assert names(store, "namespaces") == names(store, "configmaps") == names(store, "deployments.apps") == []


def test_watch_tells_what_happens_after_a_version(store: Store) -> None:
    """Events come in order, also those that were there before the watch."""
    resource = of(store, "configmaps")
    store.create(resource, made("before"))
    since = store.version
    store.create(resource, made("a"))
    with store.watch(resource, "shop", since) as watch:
        store.change(resource, "shop", "a", lambda it: it.update(data={"a": "1"}))
        store.delete(resource, "shop", "a")
        told = [(event.type, event.object["metadata"]["name"]) for event in watch.pending()]
    assert told == [("ADDED", "a"), ("MODIFIED", "a"), ("DELETED", "a")]


def test_watch_without_a_version_begins_with_all_there_is(store: Store) -> None:
    """The present state comes first, as additions."""
    store.create(of(store, "configmaps"), made("a"))
    with store.watch(of(store, "configmaps")) as watch:
        assert [event.type for event in watch.pending()] == ["ADDED"]


def test_watch_of_a_selection_sees_objects_enter_and_leave(store: Store) -> None:
    """A label that changes adds or removes the object for who selects by it."""
    resource = of(store, "configmaps")
    store.create(resource, made("a"))
    with store.watch(resource, labels="app=web") as watch:
        for value in ("web", "db"):
            store.change(resource, "shop", "a", lambda it, value=value: it["metadata"].update(labels={"app": value}))  # type: ignore[misc]
        assert [event.type for event in watch.pending()] == ["ADDED", "DELETED"]


def test_watch_of_a_forgotten_version_has_expired(store: Store) -> None:
    """Who comes back too late has to list anew."""
    since = store.version
    store.create(of(store, "configmaps"), made("a"))
    store.forget_history()
    with pytest.raises(errors.Expired, match="too old resource version"):
        store.watch(of(store, "configmaps"), since=since)


def test_strategies_see_and_refuse_every_write(store: Store) -> None:
    """A strategy may change what is written, and nothing is kept of what it refuses."""

    def label(_: Store, operation: Any) -> None:
        if operation.verb == "delete":
            raise errors.forbidden("", "configmaps", "a", "kept")
        operation.object["metadata"]["labels"] = {"seen": operation.verb}

    store.strategies.append(label)
    created = store.create(of(store, "configmaps"), made("a"))
    with pytest.raises(errors.Forbidden):
        store.delete(of(store, "configmaps"), "shop", "a")
    assert created["metadata"]["labels"] == {"seen": "create"}
    assert names(store, "configmaps") == ["a"]
