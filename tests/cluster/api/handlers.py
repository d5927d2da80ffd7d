"""What the verbs of the API do: each takes a target and a request's content, and returns an answer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from tests.cluster import errors
from tests.cluster.api import access, decode, shapes
from tests.cluster.api.admission import warnings
from tests.cluster.api.apply import Applying, applied
from tests.cluster.api.eviction import evict
from tests.cluster.api.gotext import go_text
from tests.cluster.api.patch import json_patch, merge_patch, strategic_merge
from tests.cluster.api.request import Target, is_dry_run
from tests.cluster.api.scale import scale_of, set_scale
from tests.cluster.operation import Options
from tests.cluster.resources import Resource
from tests.cluster.shelf import Object, copy
from tests.cluster.store import Store

APPLY = "application/apply-patch+yaml"
_PATCHES = ("application/json-patch+json", "application/merge-patch+json", "application/strategic-merge-patch+json")


@dataclass
class Content:
    """What a request brings: its body, its type, its query."""

    body: bytes
    type: str
    query: Mapping[str, str]
    options: Options
    user: access.User


@dataclass
class Answer:
    """A status code, a body, and warnings beside it."""

    body: Object
    code: int = 200
    warnings: list[str] = field(default_factory=list)


def create(store: Store, rights: access.Access, target: Target, content: Content) -> Answer:
    """POST: a new object, an eviction, a token, an answer to a question."""
    resource = target.resource
    if target.subresource:
        return _create_part(store, rights, target, content)
    if target.name:
        raise errors.MethodNotAllowed("the server does not allow this method on the requested resource")
    found = _read(resource, content)
    if resource.group in {"authentication.k8s.io", "authorization.k8s.io"}:
        return Answer(access.review(rights, content.user, resource.kind, found.object), 201)
    if resource.kind == "Binding":
        name = (found.object.get("metadata") or {}).get("name", "")
        return _create_part(store, rights, replace(target, name=name, subresource="binding"), content)
    _place(target, found.object)
    made = store.create(resource, found.object, content.options)
    return Answer(made, 201, [*found.problems, *warnings(store, resource.kind, made)])


def replace_object(store: Store, target: Target, content: Content) -> Answer:
    """PUT: an object in place of what it was."""
    found = _read(target.resource, content)
    given = found.object.setdefault("metadata", {})
    if given.get("name", target.name) != target.name:
        why = f"the name of the object ({given.get('name')}) does not match the name on the URL ({target.name})"
        raise errors.BadRequest(why)
    given["name"] = target.name
    _place(target, found.object)
    if target.subresource == "scale":
        return Answer(set_scale(store, target.resource, target.namespace or "", found.object, content.options))
    made = store.update(target.resource, found.object, target.subresource, content.options)
    return Answer(made, 200, [*found.problems, *warnings(store, target.resource.kind, made)])


def patch(store: Store, target: Target, content: Content) -> Answer:
    """PATCH: an object changed by one of four kinds of patch; server-side apply creates it where it is not there."""
    if content.type == APPLY:
        return _apply(store, target, content)
    if content.type not in _PATCHES or (target.resource.custom and "strategic" in content.type):
        listed = [APPLY, *(_PATCHES[:2] if target.resource.custom else _PATCHES)]
        why = "the body of the request was in an unknown format - accepted media types include: "
        why += ", ".join(sorted(listed))
        raise errors.UnsupportedMediaType(why)
    parsed = decode.parse(content.body)
    with store.lock:
        live = store.get(target.resource, target.namespace, target.name or "")
        if target.subresource == "scale":
            scale = _patched(shapes.definition(_SCALE), scale_of(live), parsed.object, content.type)
            scale["metadata"].pop("resourceVersion", None)
            return Answer(set_scale(store, target.resource, target.namespace or "", scale, content.options))
        changed = _patched(shapes.of(target.resource), live, parsed.object, content.type)
        # Of a strategic patch the refusal shows the patch, of the others what they would make of the object.
        shown = go_text(parsed.object) if "strategic" in content.type else json.dumps(changed, separators=(",", ":"))
        try:
            fitted = _fit(target.resource, changed)
        except errors.BadRequest as error:
            raise _unfit_patch(shown, error.message.partition(": ")[2]) from error
        problems = [*parsed.problems, *fitted.problems]
        mode = content.query.get("fieldValidation") or "Warn"
        if problems and mode == "Strict":
            raise _unfit_patch(shown, f"strict decoding error: {', '.join(problems)}")
        _refuse_moved(live, fitted.object)
        # A patch that names no version is meant for whatever is there.
        if not _states_version(parsed.object):
            fitted.object["metadata"]["resourceVersion"] = live["metadata"]["resourceVersion"]
        made = store.update(target.resource, fitted.object, target.subresource, content.options)
        told = problems if mode == "Warn" else []
        return Answer(made, 200, [*told, *warnings(store, target.resource.kind, made)])


def delete(store: Store, target: Target, content: Content) -> Answer:
    """DELETE: one object, or all that are selected."""
    asked = _delete_options(content)
    options = replace(content.options, dry_run=content.options.dry_run or bool(asked.get("dryRun")))
    chosen = _propagation(asked)
    grace = asked.get("gracePeriodSeconds")
    if target.name:
        gone = store.delete(
            target.resource, target.namespace, target.name, chosen, grace, asked.get("preconditions") or {}, options
        )
        return Answer(_deleted(store, target.resource, gone))
    found, version = store.list(
        target.resource, target.namespace, content.query.get("labelSelector"), content.query.get("fieldSelector")
    )
    for each in found:
        namespace, name = each["metadata"].get("namespace"), each["metadata"]["name"]
        store.delete(target.resource, namespace, name, chosen, grace, options=options)
    return Answer(list_of(target.resource, found, version))


def list_of(resource: Resource, items: list[Object], version: str, more: str = "", left: int = 0) -> Object:
    """A list of objects as the API writes it."""
    metadata = {"resourceVersion": version} | ({"continue": more, "remainingItemCount": left} if more else {})
    kind = {"kind": f"{resource.kind}List", "apiVersion": resource.api_version}
    return kind | {"metadata": metadata, "items": items}


_SCALE = "io.k8s.api.autoscaling.v1.Scale"


def _create_part(store: Store, rights: access.Access, target: Target, content: Content) -> Answer:
    namespace, name = target.namespace or "", target.name or ""
    body = decode.parse(content.body, content.type).object
    if target.subresource == "eviction":
        evict(store, namespace, name, body, content.options)
        return Answer(_success(), 201)
    if target.subresource == "binding":
        node = (body.get("target") or {}).get("name", "")
        pods = store.resources.named("pods")
        store.change(pods, namespace, name, lambda it: it["spec"].update(nodeName=node), "binding", content.options)
        return Answer(_success(), 201)
    if target.subresource == "token":
        store.get(target.resource, namespace, name)
        status = {"token": rights.token_of(namespace, name), "expirationTimestamp": store.now()}
        return Answer(body | {"status": status}, 201)
    raise errors.MethodNotAllowed("the server does not allow this method on the requested resource")


def _apply(store: Store, target: Target, content: Content) -> Answer:
    resource = target.resource
    if not content.query.get("fieldManager"):
        cause = errors.Cause("FieldValueRequired", "Required value: is required for apply patch", "fieldManager")
        raise errors.invalid("meta.k8s.io", "PatchOptions", "", [cause])
    parsed = decode.parse(content.body, content.type)
    desired = parsed.object
    if content.query.get("fieldValidation") == "Strict" and parsed.problems:
        raise errors.BadRequest(f"error strict decoding YAML: {', '.join(parsed.problems)}")
    metadata = desired.setdefault("metadata", {})
    if metadata.get("managedFields"):
        raise errors.BadRequest("metadata.managedFields must be nil")
    if (desired.get("apiVersion"), desired.get("kind")) != (resource.api_version, resource.kind):
        raise errors.BadRequest(f"invalid object type: {desired.get('apiVersion')}, Kind={desired.get('kind')}")
    metadata["name"] = target.name
    _place(target, desired)
    how = Applying(content.options.manager, content.query.get("force") == "true", store.now(), target.subresource or "")
    options = replace(content.options, managed=True)
    with store.lock:
        try:
            live = store.get(resource, target.namespace, target.name or "")
        except errors.NotFound:
            if target.subresource:
                raise
            empty = {"apiVersion": resource.api_version, "kind": resource.kind, "metadata": {}}
            fresh = _fit(resource, applied(resource, empty, desired, how)).object
            made = store.create(resource, fresh, options)
            return Answer(made, 201, warnings(store, resource.kind, made))
        stated = metadata.get("resourceVersion")
        result = _fit(resource, applied(resource, live, desired, how)).object
        result["metadata"]["resourceVersion"] = stated or live["metadata"]["resourceVersion"]
        made = store.update(resource, result, target.subresource, options)
        return Answer(made, 200, warnings(store, resource.kind, made))


def _patched(shape: shapes.Shape, live: Object, body: Any, kind: str) -> Object:
    if "json-patch" in kind:
        found: Object = json_patch(live, body)
    elif "strategic" in kind:
        found = copy(strategic_merge(shape, live, body))
    else:
        found = copy(merge_patch(live, body))
    return found


def _read(resource: Resource, content: Content) -> decode.Decoded:
    parsed = decode.parse(content.body, content.type)
    if not isinstance(parsed.object, dict):
        raise errors.BadRequest("the object provided is unrecognized (must be of type Object)")
    stated = parsed.object.get("apiVersion"), parsed.object.get("kind")
    if "kind" in parsed.object and stated[1] not in {resource.kind, "Scale", "Eviction", "TokenRequest", "Binding"}:
        group, _, version = str(stated[0]).rpartition("/")
        why = (
            f'{resource.kind} in version "{resource.version}" cannot be handled as a {resource.kind}: '
            f"converting ({group}/{version}.{stated[1]}) to ({resource.group}.{resource.kind}): unknown conversion"
        )
        raise errors.BadRequest(why)
    if stated[1] in {"Scale", "Eviction", "TokenRequest"}:
        return parsed
    fitted = _fit(resource, parsed.object)
    problems = [*parsed.problems, *fitted.problems]
    mode = content.query.get("fieldValidation") or "Warn"
    if problems and mode == "Strict":
        why = f"strict decoding error: {', '.join(problems)}"
        kind = resource.kind
        raise errors.BadRequest(f'{kind} in version "{resource.version}" cannot be handled as a {kind}: {why}')
    return decode.Decoded(fitted.object, problems if mode == "Warn" else [])


def _fit(resource: Resource, thing: Object) -> decode.Decoded:
    shape = shapes.of(resource)
    if not resource.custom:
        return decode.fit(shape, thing, resource.kind, resource.version)
    found = decode.prune(shape, thing)
    metadata = decode.fit(shapes.definition(shapes.META), thing.get("metadata") or {}, resource.kind, resource.version)
    found.object["metadata"] = metadata.object
    found.problems += [each.replace('"', '"metadata.', 1) for each in metadata.problems]
    return found


def _unfit_patch(shown: str, why: str) -> errors.Invalid:
    cause = errors.Cause("FieldValueInvalid", f"Invalid value: {json.dumps(shown)}: {why}", "patch")
    refused = errors.invalid("", "", "", [cause])
    refused.message = f' "" is invalid: patch: {cause.message}'
    return refused


def _refuse_moved(live: Object, changed: Object) -> None:
    # What names the object is not the patch's to change.
    for name in ("name", "namespace"):
        if changed["metadata"].get(name) != live["metadata"].get(name):
            new, old = changed["metadata"].get(name), live["metadata"].get(name)
            why = f"the {name} of the object ({new}) does not match the {name} on the URL ({old})"
            raise errors.BadRequest(why)


def _states_version(body: Any) -> bool:
    return isinstance(body, dict) and bool((body.get("metadata") or {}).get("resourceVersion"))


def _place(target: Target, thing: Object) -> None:
    metadata = thing.setdefault("metadata", {})
    if not target.resource.namespaced:
        return
    stated = metadata.get("namespace")
    if stated and stated != target.namespace:
        why = "the namespace of the provided object does not match the namespace sent on the request"
        raise errors.BadRequest(why)
    metadata["namespace"] = target.namespace


def _delete_options(content: Content) -> Object:
    asked: Object = {}
    if content.body:
        read = decode.parse(content.body, content.type).object
        asked = dict(read) if isinstance(read, dict) else {}
    for name in ("gracePeriodSeconds", "propagationPolicy", "orphanDependents"):
        if name in content.query:
            value: Any = content.query[name]
            asked[name] = int(value) if name == "gracePeriodSeconds" else value
    if is_dry_run(content.query.get("dryRun")):
        asked["dryRun"] = ["All"]
    return asked


def _propagation(asked: Object) -> str:
    if asked.get("orphanDependents") in {True, "true"}:
        return "Orphan"
    chosen: str = asked.get("propagationPolicy") or "Background"
    if chosen not in {"Background", "Foreground", "Orphan"}:
        text = f'Unsupported value: "{chosen}": supported values: "Background", "Foreground", "Orphan"'
        cause = errors.Cause("FieldValueNotSupported", text, "propagationPolicy")
        raise errors.invalid("meta.k8s.io", "DeleteOptions", "", [cause])
    return chosen


def _deleted(store: Store, resource: Resource, gone: Object) -> Object:
    """The object where it is still there, else only that it is gone."""
    metadata = gone["metadata"]
    try:
        left = store.get(resource, metadata.get("namespace"), metadata["name"])
    except errors.NotFound:
        named = errors.details(resource.group, resource.plural, metadata["name"]) | {"uid": metadata["uid"]}
        return _success() | {"details": named}
    return left if left["metadata"]["uid"] == metadata["uid"] else gone


def _success() -> Object:
    return {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success"}
