"""Patches and server-side apply change an object as the standards and Kubernetes' own tests say."""

from __future__ import annotations

from typing import Any

import pytest
from tests.cluster import errors
from tests.cluster.api import shapes
from tests.cluster.api.apply import Applying, applied
from tests.cluster.api.managed import entries
from tests.cluster.api.patch import json_patch, merge_patch, strategic_merge
from tests.cluster.resources import Registry
from tests.cluster.store import Object

REGISTRY = Registry()
DEPLOYMENTS = REGISTRY.named("deployments.apps")
POD_SPEC = shapes.definition("io.k8s.api.core.v1.PodSpec")

# RFC 7386, appendix A: what is there, the patch, what it makes.
MERGE_PATCHES: list[tuple[Any, Any, Any]] = [
    ({"a": "b"}, {"a": "c"}, {"a": "c"}),
    ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
    ({"a": "b"}, {"a": None}, {}),
    ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
    ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
    ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
    ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
    ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
    (["a", "b"], ["c", "d"], ["c", "d"]),
    ({"a": "b"}, ["c"], ["c"]),
    ({"a": "foo"}, None, None),
    ({"a": "foo"}, "bar", "bar"),
    ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
    ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
    ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
]
# RFC 6902, appendix A.
JSON_PATCHES: list[tuple[Any, list[Object], Any]] = [
    ({"foo": "bar"}, [{"op": "add", "path": "/baz", "value": "qux"}], {"baz": "qux", "foo": "bar"}),
    ({"foo": ["bar", "baz"]}, [{"op": "add", "path": "/foo/1", "value": "qux"}], {"foo": ["bar", "qux", "baz"]}),
    ({"baz": "qux", "foo": "bar"}, [{"op": "remove", "path": "/baz"}], {"foo": "bar"}),
    ({"foo": ["bar", "qux", "baz"]}, [{"op": "remove", "path": "/foo/1"}], {"foo": ["bar", "baz"]}),
    ({"baz": "qux"}, [{"op": "replace", "path": "/baz", "value": "boo"}], {"baz": "boo"}),
    (
        {"foo": {"bar": "baz", "waldo": "fred"}, "qux": {"corge": "grault"}},
        [{"op": "move", "from": "/foo/waldo", "path": "/qux/thud"}],
        {"foo": {"bar": "baz"}, "qux": {"corge": "grault", "thud": "fred"}},
    ),
    (
        {"foo": ["all", "grass", "cows", "eat"]},
        [{"op": "move", "from": "/foo/1", "path": "/foo/3"}],
        {"foo": ["all", "cows", "eat", "grass"]},
    ),
    ({"baz": "qux"}, [{"op": "test", "path": "/baz", "value": "qux"}], {"baz": "qux"}),
    ({"foo": "bar"}, [{"op": "add", "path": "/child", "value": {"a": {}}}], {"foo": "bar", "child": {"a": {}}}),
    ({"/": 9, "~1": 10}, [{"op": "test", "path": "/~01", "value": 10}], {"/": 9, "~1": 10}),
    ({"foo": ["bar"]}, [{"op": "add", "path": "/foo/-", "value": ["a"]}], {"foo": ["bar", ["a"]]}),
]


def named(*names: str, **more: Any) -> list[Object]:
    """Containers with only their names."""
    return [{"name": each, **more} for each in names]


# The cases of staging/src/k8s.io/apimachinery/pkg/util/strategicpatch/patch_test.go (at 0503e3e7), on a pod's spec.
STRATEGIC: dict[str, tuple[Object, Object, Object]] = {
    "merges by name, in the patch's order": (
        {"containers": [{"name": "1"}, {"name": "2", "image": "b"}, {"name": "3"}]},
        {"containers": [{"name": "3", "image": "c"}, {"name": "1", "image": "a"}, {"name": "2", "tty": True}]},
        {
            "containers": [
                {"name": "3", "image": "c"},
                {"name": "1", "image": "a"},
                {"name": "2", "image": "b", "tty": True},
            ]
        },
    ),
    "keeps what the patch does not name before the next one": (
        {"containers": [{"name": "1"}, {"name": "2", "image": "b"}, {"name": "3"}]},
        {"containers": [{"name": "3", "image": "c"}, {"name": "1", "image": "a"}]},
        {"containers": [{"name": "2", "image": "b"}, {"name": "3", "image": "c"}, {"name": "1", "image": "a"}]},
    ),
    "replaces a list that has the directive": (
        {"containers": named("1", "2")},
        {"containers": [{"$patch": "replace"}]},
        {"containers": []},
    ),
    "deletes an item": (
        {"containers": named("1", "2", "3")},
        {"containers": [{"name": "1", "$patch": "delete"}, {"name": "3", "$patch": "delete"}]},
        {"containers": named("2")},
    ),
    "empties a map": (
        {"nodeSelector": {"a": "1", "b": "1"}},
        {"nodeSelector": {"$patch": "delete"}},
        {"nodeSelector": {}},
    ),
    "replaces a map": (
        {"nodeSelector": {"a": "1"}},
        {"nodeSelector": {"b": "2", "$patch": "replace"}},
        {"nodeSelector": {"b": "2"}},
    ),
    "deletes a key that is null": ({"hostname": "a", "subdomain": "b"}, {"subdomain": None}, {"hostname": "a"}),
    "retains only the keys that are told": (
        {"volumes": [{"name": "data", "emptyDir": {}}]},
        {"volumes": [{"$retainKeys": ["name", "hostPath"], "name": "data", "hostPath": {"path": "/x"}}]},
        {"volumes": [{"name": "data", "hostPath": {"path": "/x"}}]},
    ),
    "orders a list that it does not change": (
        {"containers": named("1", "3")},
        {"$setElementOrder/containers": [{"name": "3"}, {"name": "2"}, {"name": "1"}]},
        {"containers": named("3", "1")},
    ),
    "adds before what is there": (
        {"containers": named("old")},
        {"containers": named("new")},
        {"containers": named("new", "old")},
    ),
    "replaces a list without a key": (
        {"containers": [{"name": "1", "command": ["a", "b"]}]},
        {"containers": [{"name": "1", "command": ["c"]}]},
        {"containers": [{"name": "1", "command": ["c"]}]},
    ),
}


@pytest.mark.parametrize(("target", "patch", "result"), MERGE_PATCHES)
def test_merge_patch_of_the_standard(target: Any, patch: Any, result: Any) -> None:
    """RFC 7386's own examples come out as it says."""
    assert merge_patch(target, patch) == result


@pytest.mark.parametrize(("target", "patch", "result"), JSON_PATCHES)
def test_json_patch_of_the_standard(target: Any, patch: list[Object], result: Any) -> None:
    """RFC 6902's own examples come out as it says."""
    assert json_patch(target, patch) == result


@pytest.mark.parametrize("name", STRATEGIC)
def test_strategic_merge(name: str) -> None:
    """A pod's lists and maps are merged by the schema and by directives."""
    target, patch, result = STRATEGIC[name]
    assert strategic_merge(POD_SPEC, target, patch) == result


def test_strategic_merge_needs_the_key() -> None:
    """An item that does not say which it is cannot be merged."""
    with pytest.raises(errors.BadRequest, match="does not contain declared merge key: name"):
        strategic_merge(POD_SPEC, {"containers": named("1")}, {"containers": [{"image": "b"}]})


def deployment(**spec: Any) -> Object:
    """A Deployment, as somebody applies it."""
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}, "spec": spec}


def container(name: str, **more: Any) -> Object:
    """A template with one container."""
    return {"spec": {"containers": [{"name": name, **more}]}}


def apply(live: Object | None, patch: Object, manager: str, *, force: bool = False) -> Object:
    """What is there after a manager has applied a configuration."""
    empty: Object = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {}}
    return applied(DEPLOYMENTS, live or empty, patch, Applying(manager, force, "2026-01-01T00:00:00Z"))


def owners(thing: Object, *path: str) -> list[str]:
    """Who owns a field."""
    return [each.manager for each in entries(thing) if tuple(path) in each.fields]


def test_field_that_is_applied_no_longer_is_removed() -> None:
    """What only this manager owned goes."""
    live = apply(None, deployment(replicas=2, paused=True), "one")
    assert apply(live, deployment(replicas=2), "one")["spec"] == {"replicas": 2}


def test_field_that_another_owns_too_stays() -> None:
    """Who gives a shared field up leaves it to the other."""
    shared = apply(apply(None, deployment(replicas=2), "one"), deployment(replicas=2), "two")
    left = apply(shared, deployment(), "one")
    assert owners(shared, "f:spec", "f:replicas") == ["one", "two"]
    assert (left["spec"]["replicas"], owners(left, "f:spec", "f:replicas")) == (2, ["two"])


def test_forced_field_is_its_new_owners_alone() -> None:
    """The other manager loses it, and conflicts when it comes back."""
    live = apply(None, deployment(replicas=2), "one")
    forced = apply(live, deployment(replicas=3), "two", force=True)
    with pytest.raises(errors.Conflict, match=r'conflict with "two": \.spec\.replicas'):
        apply(forced, deployment(replicas=2), "one")
    assert owners(forced, "f:spec", "f:replicas") == ["two"]


def test_items_of_a_list_with_keys_have_owners_of_their_own() -> None:
    """Two managers bring a container each, and each may take its own away."""
    both = apply(apply(None, deployment(template=container("a")), "one"), deployment(template=container("b")), "two")
    left = apply(both, deployment(), "one")
    assert [each["name"] for each in both["spec"]["template"]["spec"]["containers"]] == ["b", "a"]
    assert left["spec"]["template"]["spec"]["containers"] == [{"name": "b"}]


def test_list_without_keys_has_one_owner() -> None:
    """A command is taken as a whole."""
    live = apply(None, deployment(template=container("a", command=["x"])), "one")
    with pytest.raises(errors.Conflict, match=r'\[name="a"\].command'):
        apply(live, deployment(template=container("a", command=["x", "y"])), "two")


def test_same_configuration_changes_nothing() -> None:
    """An apply that says the same again leaves even the time of the last one."""
    live = apply(None, deployment(replicas=2), "one")
    again = applied(DEPLOYMENTS, live, deployment(replicas=2), Applying("one", False, "2027-01-01T00:00:00Z"))
    assert again == live
