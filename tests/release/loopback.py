"""A real OCI registry on loopback, and a door before it that grants tokens, counts writes and fails on request."""

from __future__ import annotations

import base64
import hashlib
import http.client
import json
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.ports import free_port

WRITER, READER = "writer-token", "reader-token"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
CONFIG = """\
version: 0.1
log: {{level: error}}
storage:
  filesystem: {{rootdirectory: {directory}}}
  delete: {{enabled: true}}
http: {{addr: "127.0.0.1:{port}"}}
"""
# A fault looks at method, path and body of a request and answers a status, or None to let it through.
Fault = Callable[[str, str], int | None]


@dataclass
class Registry:
    """The address of the registry itself, which knows no users."""

    host: str

    def manifest(self, repository: str, tag: str) -> bytes | None:
        """The bytes that a tag names now."""
        connection = http.client.HTTPConnection(self.host)
        connection.request("GET", f"/v2/{repository}/manifests/{tag}", headers={"Accept": MANIFEST})
        response = connection.getresponse()
        body = response.read()
        return body if response.status == 200 else None

    def digest(self, repository: str, tag: str) -> str | None:
        """The digest that a tag names now."""
        body = self.manifest(repository, tag)
        return None if body is None else f"sha256:{hashlib.sha256(body).hexdigest()}"

    def tags(self, repository: str) -> list[str]:
        """Every tag of a repository."""
        connection = http.client.HTTPConnection(self.host)
        connection.request("GET", f"/v2/{repository}/tags/list")
        return sorted(json.loads(connection.getresponse().read()).get("tags") or [])

    def push(self, repository: str, tag: str, content: str) -> str:
        """Push the smallest image with this content, as a builder would; the digest of its manifest."""
        layers = [self._blob(repository, content.encode())]
        config = self._blob(repository, json.dumps({"config": {}, "rootfs": {"type": "layers"}}).encode())
        manifest = {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": {"mediaType": "application/vnd.oci.image.config.v1+json", **config},
            "layers": [{"mediaType": "application/vnd.oci.image.layer.v1.tar", **layer} for layer in layers],
        }
        body = json.dumps(manifest).encode()
        self._send("PUT", f"/v2/{repository}/manifests/{tag}", body, {"Content-Type": MANIFEST})
        return f"sha256:{hashlib.sha256(body).hexdigest()}"

    def _blob(self, repository: str, content: bytes) -> dict[str, object]:
        digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
        place = self._send("POST", f"/v2/{repository}/blobs/uploads/", b"", {}).split(self.host, 1)[1]
        joined = "&" if "?" in place else "?"
        self._send("PUT", f"{place}{joined}digest={digest}", content, {"Content-Type": "application/octet-stream"})
        return {"digest": digest, "size": len(content)}

    def _send(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> str:
        connection = http.client.HTTPConnection(self.host)
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        assert response.status in (201, 202), f"{method} {path}: {response.status} {response.read()!r}"
        response.read()
        return response.headers.get("Location", "")


@dataclass
class Door:
    """What the workflows know as the registry: tokens as on GHCR, a record of requests, and faults on request."""

    host: str
    registry: Registry
    fault: Fault = lambda method, path: None
    requests: list[tuple[str, str, int]] = field(default_factory=list)

    @property
    def writes(self) -> list[str]:
        """The paths that were written to with success."""
        return [path for method, path, status in self.requests if method == "PUT" and status == 201]


@contextmanager
def registry_server(binary: str, directory: Path) -> Iterator[Registry]:
    """Run the registry over a directory until the block ends."""
    port = free_port()
    config = directory / "config.yml"
    config.write_text(CONFIG.format(directory=directory / "data", port=port))
    process = subprocess.Popen([binary, "serve", config], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_until_open(port)
        yield Registry(f"127.0.0.1:{port}")
    finally:
        process.terminate()
        process.wait()


@contextmanager
def door_before(registry: Registry) -> Iterator[Door]:
    """Stand before a registry until the block ends."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    door = Door(f"127.0.0.1:{server.server_address[1]}", registry)

    class Handler(_Handler):
        owner = door

    server.RequestHandlerClass = Handler
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield door
    finally:
        server.shutdown()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    owner: Door

    def do_GET(self) -> None:
        if self.path.startswith("/token?"):
            self._grant()
        else:
            self._forward()

    def do_PUT(self) -> None:
        self._forward()

    def _grant(self) -> None:
        given = base64.b64decode(self.headers.get("Authorization", "").removeprefix("Basic ")).decode()
        secret = given.partition(":")[2]
        known = secret in (WRITER, READER)
        self._answer(200 if known else 403, {}, json.dumps({"token": f"granted-{secret}"}).encode())

    def _forward(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        refused = self._refusal() or self.owner.fault(self.command, self.path)
        if refused:
            realm = f'Bearer realm="http://{self.owner.host}/token",service="registry"'
            self._answer(refused, {"WWW-Authenticate": realm} if refused == 401 else {}, b"{}")
            return
        connection = http.client.HTTPConnection(self.owner.registry.host)
        passed = {name: self.headers[name] for name in ("Accept", "Content-Type") if name in self.headers}
        connection.request(self.command, self.path, body, passed)
        response = connection.getresponse()
        content = response.read()
        kept = {
            name: value
            for name, value in response.headers.items()
            if name in ("Content-Type", "Docker-Content-Digest", "Location")
        }
        self._answer(response.status, kept, content)

    def _refusal(self) -> int | None:
        granted = self.headers.get("Authorization", "").removeprefix("Bearer granted-")
        if granted not in (WRITER, READER):
            return 401
        return 403 if self.command == "PUT" and granted == READER else None

    def _answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.owner.requests.append((self.command, self.path, status))
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the record of requests is what tests read."""


def _wait_until_open(port: int, seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.02)
