"""Objects read: one, a list in pages, a table, and watches as streams."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import Any

from tests.cluster import errors
from tests.cluster.api.handlers import list_of
from tests.cluster.api.request import Target
from tests.cluster.api.scale import scale_of
from tests.cluster.api.tables import table
from tests.cluster.shelf import Event, Object
from tests.cluster.store import Store, Watch

_INITIAL_END = "k8s.io/initial-events-end"


def get(store: Store, target: Target) -> Object:
    """One object, or its scale."""
    found = store.get(target.resource, target.namespace, target.name or "")
    return scale_of(found) if target.subresource == "scale" else found


def listed(store: Store, target: Target, query: Mapping[str, str]) -> Object:
    """All objects that are selected, in pages where the client asks for them."""
    items, version = store.list(
        target.resource, target.namespace, query.get("labelSelector"), query.get("fieldSelector")
    )
    start, version = _position(query.get("continue"), version)
    limit = int(query.get("limit") or 0)
    end = start + limit if limit else len(items)
    more = _token(end, version) if end < len(items) else ""
    return list_of(target.resource, items[start:end], version, more, len(items) - end)


def as_table(target: Target, body: Object, now: datetime, include: str) -> Object:
    """What was read, as rows."""
    if "items" in body:
        made = table(target.resource, body["items"], body["metadata"]["resourceVersion"], now, include)
        made["metadata"] = body["metadata"]
        return made
    return table(target.resource, [body], body["metadata"].get("resourceVersion", ""), now, include)


def watch(store: Store, target: Target, query: Mapping[str, str]) -> Watch:
    """A watch as the query asks for it; raises Expired."""
    fields = query.get("fieldSelector") or ""
    if target.name:
        fields = f"metadata.name={target.name}"
    initial = query.get("sendInitialEvents") == "true"
    since = None if initial else query.get("resourceVersion")
    return store.watch(target.resource, target.namespace, since, query.get("labelSelector"), fields)


async def stream(
    store: Store, target: Target, query: Mapping[str, str], watching: Watch, include: str | None
) -> AsyncIterator[bytes]:
    """The events of a watch, a line each, until the client or the time limit ends it."""
    loop = asyncio.get_running_loop()
    changed = asyncio.Event()
    limit = float(query.get("timeoutSeconds") or 1800)
    end = loop.time() + limit
    first = query.get("sendInitialEvents") == "true"
    watching.on_change(partial(_wake, loop, changed))
    try:
        while loop.time() < end:
            changed.clear()
            events = watching.pending()
            for event in events:
                yield _line(store, target, event, include)
            if first:
                first = False
                yield _line(store, target, _bookmark(store, target, initial=True), None)
            if watching.closed:
                return
            if not events:
                await _wait(changed, min(end - loop.time(), 60))
                if not changed.is_set() and query.get("allowWatchBookmarks") == "true":
                    yield _line(store, target, _bookmark(store, target, initial=False), None)
    finally:
        watching.close()


def error_line(error: errors.ApiError) -> bytes:
    """A watch that cannot go on, as its only event."""
    return json.dumps({"type": "ERROR", "object": error.status()}).encode() + b"\n"


def _wake(loop: asyncio.AbstractEventLoop, changed: asyncio.Event) -> None:
    # Who changes something runs in a thread of its own; the server may have ended before it.
    with suppress(RuntimeError):
        loop.call_soon_threadsafe(changed.set)


async def _wait(changed: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await changed.wait()
    except TimeoutError:
        return


def _bookmark(store: Store, target: Target, *, initial: bool) -> Event:
    metadata: dict[str, Any] = {"resourceVersion": store.version}
    if initial:
        metadata["annotations"] = {_INITIAL_END: "true"}
    kind = {"kind": target.resource.kind, "apiVersion": target.resource.api_version}
    return Event("BOOKMARK", kind | {"metadata": metadata})


def _line(store: Store, target: Target, event: Event, include: str | None) -> bytes:
    shown = event.object
    if include is not None and event.type != "BOOKMARK":
        shown = table(target.resource, [shown], shown["metadata"]["resourceVersion"], _now(store), include)
    return json.dumps({"type": event.type, "object": shown}, separators=(",", ":")).encode() + b"\n"


def _now(store: Store) -> datetime:
    return datetime.fromisoformat(store.now())


def _token(start: int, version: str) -> str:
    told = {"v": "meta.k8s.io/v1", "rv": int(version), "start": start}
    return base64.urlsafe_b64encode(json.dumps(told).encode()).decode()


def _position(token: str | None, version: str) -> tuple[int, str]:
    if not token:
        return 0, version
    try:
        told = json.loads(base64.urlsafe_b64decode(token))
        return told["start"], str(told["rv"])
    except (ValueError, KeyError) as error:
        raise errors.BadRequest("continue key is not valid: illegal base64 data") from error
