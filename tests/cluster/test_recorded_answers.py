"""The stand-in API server answers as real ones were recorded to have answered."""

from __future__ import annotations

import json
import re
import ssl
import urllib.error
import urllib.request
from dataclasses import dataclass, replace
from email.message import Message
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.cluster.api.server import Server
from tests.cluster.conftest import Clients
from tests.cluster.store import Object, Options

RECORDED: dict[str, Object] = yaml.safe_load(
    Path(__file__).with_name("testdata").joinpath("recorded.yaml").read_text()
)["answers"]
CRONTAB = yaml.safe_load(Path(__file__).with_name("testdata").joinpath("crontab-crd.yaml").read_text())


@dataclass(frozen=True)
class Reply:
    """What the server answered."""

    code: int
    body: Object
    warnings: tuple[str, ...]


def send(server: Server, method: str, path: str, body: bytes | None, kind: str, token: str = "") -> Reply:
    """One request to the server, and its answer."""
    context = ssl.create_default_context(cadata=server.credentials.authority.decode())
    headers = {
        "Authorization": f"Bearer {token or server.credentials.token}",
        "Content-Type": kind,
        "User-Agent": "recorded/1",
    }
    request = urllib.request.Request(server.url + path, body, headers, method=method)
    try:
        with urllib.request.urlopen(request, context=context, timeout=20) as answer:
            text = answer.readline() if "watch=" in path else answer.read()
            return Reply(answer.status, json.loads(text), _warnings(answer.headers))
    except urllib.error.HTTPError as error:
        return Reply(error.code, json.loads(error.read()), ())


@pytest.mark.parametrize("name", RECORDED)
def test_answer_is_the_recorded_one(clients: Clients, name: str) -> None:
    """Code, reason, message, causes and warnings are those of a real server."""
    recorded = json.loads(json.dumps(RECORDED[name]).replace("{ns}", clients.namespace))
    for each in recorded.get("given", ()):
        _give(clients, each)
    method, _, path = recorded["ask"].partition(" ")
    content = recorded["raw"].encode() if "raw" in recorded else _encoded(recorded.get("body"))
    token = clients.server.access.token_of(clients.namespace, recorded["as"]) if "as" in recorded else ""
    kind = recorded.get("type", "application/json")
    reply = send(clients.server, method, _full(clients, path), content, kind, token)
    body = reply.body["object"] if "event" in recorded else reply.body
    if "event" in recorded:
        assert reply.body["type"] == recorded["event"]["type"]
        recorded |= recorded["event"]
        reply = replace(reply, code=body["code"])
    assert (reply.code, body.get("reason") or None) == (recorded["code"], recorded.get("reason", body.get("reason")))
    _compare(recorded, reply, body)


def test_recorded_answers_say_where_they_are_from() -> None:
    """There are enough of them, and each can be looked up."""
    assert len(RECORDED) >= 40
    assert [name for name, each in RECORDED.items() if not each.get("from")] == []


def _compare(recorded: Object, reply: Reply, body: Object) -> None:
    message = body.get("message", "")
    if "says" in recorded:
        assert message == recorded["says"]
    assert message.startswith(recorded.get("begins", ""))
    assert message.endswith(recorded.get("ends", ""))
    assert [each for each in recorded.get("tells", ()) if each not in message] == []
    if "causes" in recorded:
        causes = body["details"]["causes"]
        told = [
            {key: cause.get(key) for key in wanted} for wanted, cause in zip(recorded["causes"], causes, strict=True)
        ]
        assert told == recorded["causes"]
    if "warns" in recorded:
        assert list(reply.warnings) == recorded["warns"]
    for path, value in recorded.get("holds", {}).items():
        assert _at(body, path) == value


def _give(clients: Clients, given: Object) -> None:
    store, namespace = clients.store, clients.namespace
    match given:
        case {"namespace": "delete"}:
            # What a pod on a node keeps terminating.
            _run(clients, "web")
            store.delete(store.resources.named("namespaces"), None, namespace)
        case {"label": labels}:
            namespaces = store.resources.named("namespaces")
            store.change(namespaces, None, namespace, lambda it: it["metadata"]["labels"].update(labels))
        case {"running": name}:
            _run(clients, name)
        case {"bound": name}:
            clients.set_status("persistentvolumeclaims", name, phase="Bound", capacity={"storage": "1Gi"})
        case {"budget": name, "status": status}:
            clients.set_status("poddisruptionbudgets.policy", name, **status)
        case {"scale": name, "to": replicas}:
            options = Options(manager="kube-controller-manager", recorded="scale")
            resource = store.resources.named("deployments.apps")
            store.change(resource, namespace, name, lambda it: it["spec"].update(replicas=replicas), options=options)
        case {"compacted": True}:
            store.forget_history()
        case {"crd": True}:
            path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
            send(clients.server, "POST", path, _encoded(CRONTAB), "application/json")
        case _:
            resource_of = store.resources.of(given["apiVersion"], given["kind"])
            assert resource_of is not None
            path = _full(clients, resource_of.plural)
            reply = send(clients.server, "POST", path, _encoded(given), "application/json")
            assert reply.code == 201, reply.body


def _run(clients: Clients, name: str) -> None:
    pods = clients.store.resources.named("pods")
    clients.store.change(pods, clients.namespace, name, lambda it: it["spec"].update(nodeName="a"), "binding")
    clients.set_status("pods", name, phase="Running", conditions=[{"type": "Ready", "status": "True"}])


def _full(clients: Clients, path: str) -> str:
    if path.startswith("/"):
        return path
    plural = re.split(r"[/?]", path, maxsplit=1)[0]
    resource = next(each for each in clients.store.resources if each.plural == plural and not each.custom)
    base = f"/apis/{resource.group}/{resource.version}" if resource.group else f"/api/{resource.version}"
    return f"{base}/namespaces/{clients.namespace}/{path}"


def _encoded(body: Any) -> bytes | None:
    return None if body is None else json.dumps(body).encode()


def _warnings(headers: Message) -> tuple[str, ...]:
    return tuple(json.loads(each.removeprefix("299 - ")) for each in headers.get_all("Warning") or ())


def _at(thing: Any, path: str) -> Any:
    for part in path.split("."):
        thing = thing[int(part)] if isinstance(thing, list) else thing[part]
    return thing
