"""The API as an ASGI application: which path and method does what, and how errors are answered."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from functools import partial
from typing import Any

from starlette.concurrency import iterate_in_threadpool
from starlette.requests import HTTPConnection, Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send
from tests.cluster import errors
from tests.cluster.api import access, discovery, handlers, metrics, openapi, reading, shapes
from tests.cluster.api.handlers import Answer, Content
from tests.cluster.api.logs import Logs, lines_of
from tests.cluster.api.request import Target, options, target, unknown_path
from tests.cluster.api.streams import Execute, Reach, Socket, forward, run_command
from tests.cluster.shelf import Object
from tests.cluster.store import Store

VERSION = {
    "major": "1",
    "minor": "37",
    "gitVersion": f"{shapes.VERSION}+k3s1",
    "gitCommit": "0000000000000000000000000000000000000000",
    "gitTreeState": "clean",
    "buildDate": "2026-01-01T00:00:00Z",
    "goVersion": "go1.26",
    "compiler": "gc",
    "platform": "linux/amd64",
    "emulationMajor": "1",
    "emulationMinor": "37",
    "minCompatibilityMajor": "1",
    "minCompatibilityMinor": "36",
}
_OPEN = {"/version", "/healthz", "/livez", "/readyz"}
_VERBS = {"POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}


class Application:
    """The API over a store.

    `logs`, `execute` and `reach` may be set later, by who runs the containers; without `execute` no command can be run
    in one, and `reach` takes a pod's own address for where it is.
    """

    def __init__(self, store: Store, rights: access.Access, logs: Logs | None = None) -> None:
        self.store = store
        self.rights = rights
        self.logs = logs
        self.execute: Execute | None = None
        self.reach: Reach = _address
        self._metrics: metrics.Metrics | None = None
        self.requests = 0

    def serve_metrics(self, measured: metrics.Metrics) -> None:
        """Serve what pods and nodes use, as a metrics server does."""
        self._metrics = measured
        for each in metrics.RESOURCES:
            self.store.resources.add(each)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "websocket":
            await self._stream(scope, receive, send)
            return
        if scope["type"] != "http":
            return
        self.requests += 1
        request = Request(scope, receive)
        try:
            response = await self._answer(request)
        except errors.ApiError as error:
            response = _error(error)
        await response(scope, receive, send)

    async def _stream(self, scope: Scope, receive: Receive, send: Send) -> None:
        """A command in a container, or connections to a pod."""
        connection = HTTPConnection(scope)
        await receive()
        socket = Socket(scope, receive, send)
        try:
            user = self.rights.user(connection.headers.get("authorization", ""))
            wanted = target(self.store.resources, scope["path"])
            self._require(user, "create", wanted)
            pod = self.store.get(wanted.resource, wanted.namespace, wanted.name or "")
            if wanted.subresource == "exec" and self.execute:
                query = connection.query_params
                container = query.get("container") or pod["spec"]["containers"][0]["name"]
                start = partial(self.execute, pod, container, query.getlist("command"))
                await run_command(socket, start)
            elif wanted.subresource == "portforward":
                await forward(socket, partial(self.reach, pod))
            else:
                raise unknown_path()
        except errors.ApiError as error:
            await _refused(send, error)

    async def _answer(self, request: Request) -> Response:
        path = request.url.path.rstrip("/") or "/"
        if path in _OPEN or path.startswith(("/healthz/", "/livez/", "/readyz/")):
            return _json(VERSION) if path == "/version" else PlainTextResponse("ok")
        user = self.rights.user(request.headers.get("authorization", ""))
        if "impersonate-user" in request.headers:
            user = self.rights.impersonated(user, request.headers)
        found = self._described(path, request)
        if found is not None:
            return found
        if not path.startswith(("/api/v1/", "/apis/")):
            raise unknown_path()
        wanted = target(self.store.resources, path)
        return await self._served(request, wanted, user)

    def _described(self, path: str, request: Request) -> Response | None:
        registry = self.store.resources
        parts = path.strip("/").split("/")
        if parts[0] == "openapi":
            return self._openapi(parts[1:])
        all_at_once = "as=APIGroupDiscoveryList" in request.headers.get("accept", "")
        if path in {"/api", "/apis"} and all_at_once:
            body = discovery.aggregated(registry, core=path == "/api")
            return _json(body, media_type=discovery.AGGREGATED)
        match parts:
            case ["api"]:
                body = discovery.versions()
            case ["apis"]:
                body = discovery.groups(registry)
            case ["apis", group]:
                body = discovery.group(registry, group)
            case ["api", version]:
                body = discovery.resources(registry, "", version)
            case ["apis", group, version]:
                body = discovery.resources(registry, group, version)
            case _:
                return None
        return _json(body)

    def _openapi(self, parts: list[str]) -> Response:
        registry = self.store.resources
        match parts:
            case ["v2"]:
                return Response(openapi.V2, media_type=openapi.V2_TYPE)
            case ["v3"]:
                return _json(openapi.index(registry))
            case ["v3", "api", version]:
                return Response(openapi.document(registry, "", version), media_type="application/json")
            case ["v3", "apis", group, version]:
                return Response(openapi.document(registry, group, version), media_type="application/json")
        raise unknown_path()

    async def _served(self, request: Request, wanted: Target, user: access.User) -> Response:
        query = dict(request.query_params)
        if request.method == "GET":
            return self._read(request, wanted, user, query)
        verb = _VERBS.get(request.method)
        if verb is None:
            raise errors.MethodNotAllowed("the server does not allow this method on the requested resource")
        if wanted.subresource in {"exec", "portforward"}:
            # Clients that cannot open a WebSocket ask for SPDY, which is not spoken here.
            raise errors.BadRequest("Upgrade request required") if self.execute else unknown_path()
        if verb == "delete" and not wanted.name:
            verb = "deletecollection"
        self._require(user, verb, wanted)
        content = Content(
            body=await request.body(),
            type=request.headers.get("content-type", "").partition(";")[0],
            query=query,
            options=options(query, request.headers, user.name),
            user=user,
        )
        answer = self._written(verb, wanted, content)
        response = self._shown(request, wanted, answer.body, answer.code)
        for each in answer.warnings:
            response.headers.append("Warning", f"299 - {json.dumps(each)}")
        return response

    def _written(self, verb: str, wanted: Target, content: Content) -> Answer:
        match verb:
            case "create":
                return handlers.create(self.store, self.rights, wanted, content)
            case "update":
                return handlers.replace_object(self.store, wanted, content)
            case "patch":
                return handlers.patch(self.store, wanted, content)
            case _:
                return handlers.delete(self.store, wanted, content)

    def _read(self, request: Request, wanted: Target, user: access.User, query: dict[str, str]) -> Response:
        watching = query.get("watch") in {"true", "1"}
        verb = "watch" if watching else "get" if wanted.name else "list"
        if verb not in wanted.resource.verbs:
            raise errors.MethodNotAllowed("the server does not allow this method on the requested resource")
        self._require(user, verb, wanted)
        if wanted.subresource == "log":
            lines = lines_of(self.store, self.logs, wanted.namespace or "", wanted.name or "", query)
            return StreamingResponse(iterate_in_threadpool(_ended(lines)), media_type="text/plain")
        if watching:
            return StreamingResponse(self._events(request, wanted, query), media_type="application/json")
        if self._metrics and wanted.resource in metrics.RESOURCES:
            return _json(metrics.told(self._metrics, wanted, self.store.version, query))
        if wanted.name:
            return self._shown(request, wanted, reading.get(self.store, wanted), 200)
        return self._shown(request, wanted, reading.listed(self.store, wanted, query), 200)

    async def _events(self, request: Request, wanted: Target, query: dict[str, str]) -> AsyncIterator[bytes]:
        try:
            watching = reading.watch(self.store, wanted, query)
        except errors.ApiError as error:
            yield reading.error_line(error)
            return
        include = _include(request) if _wants_table(request) else None
        async for line in reading.stream(self.store, wanted, query, watching, include):
            yield line

    def _require(self, user: access.User, verb: str, wanted: Target) -> None:
        wish = access.wish_of(verb, wanted.resource, wanted.namespace, wanted.name, wanted.subresource)
        self.rights.require(user, wish)

    def _shown(self, request: Request, wanted: Target, body: Any, code: int) -> Response:
        if _wants_table(request) and body.get("kind") not in {"Status", "Scale"}:
            now = datetime.fromisoformat(self.store.now())
            return _json(reading.as_table(wanted, body, now, _include(request)), code)
        if "as=PartialObjectMetadata" in request.headers.get("accept", ""):
            body = _partial(body)
        return _json(body, code)


def _wants_table(request: Request) -> bool:
    return "as=Table" in request.headers.get("accept", "").partition(",")[0]


def _include(request: Request) -> str:
    return request.query_params.get("includeObject") or "Metadata"


def _partial(body: Any) -> Any:
    if "items" in body:
        items = [_partial(each) for each in body["items"]]
        kind = {"kind": "PartialObjectMetadataList", "apiVersion": "meta.k8s.io/v1"}
        return kind | {"metadata": body["metadata"], "items": items}
    return {"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": body["metadata"]}


def _ended(lines: Iterator[str]) -> Iterator[bytes]:
    for each in lines:
        yield each.encode() + b"\n"


def _json(body: Any, code: int = 200, media_type: str = "application/json") -> Response:
    return Response(json.dumps(body, separators=(",", ":")).encode(), code, media_type=media_type)


def _address(pod: Object, port: int) -> tuple[str, int]:
    return (pod.get("status") or {}).get("podIP", "127.0.0.1"), port


async def _refused(send: Send, error: errors.ApiError) -> None:
    body = json.dumps(error.status()).encode()
    headers = [(b"content-type", b"application/json")]
    await send({"type": "websocket.http.response.start", "status": error.code, "headers": headers})
    await send({"type": "websocket.http.response.body", "body": body})


def _error(error: errors.ApiError) -> Response:
    response = _json(error.status(), error.code)
    seconds = (error.details or {}).get("retryAfterSeconds")
    if seconds:
        response.headers["Retry-After"] = str(seconds)
    return response
