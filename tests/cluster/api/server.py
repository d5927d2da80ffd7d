"""The API served over HTTPS from a thread, and the kubeconfig with which clients reach it."""

from __future__ import annotations

import base64
import ssl
import tempfile
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn
import yaml
from tests.cluster.api.access import Access
from tests.cluster.api.admission import attach
from tests.cluster.api.application import Application
from tests.cluster.api.logs import Logs
from tests.cluster.api.tls import Certificates, certificates
from tests.cluster.api.websocket import WebSocketProtocol
from tests.cluster.errors import AlreadyExists
from tests.cluster.store import Store

# How long a terminating namespace keeps what is in it, at least, in seconds.
_PATIENCE = 0.5
_NAMESPACES = ("default", "kube-node-lease", "kube-public", "kube-system")


@dataclass(frozen=True)
class Credentials:
    """How a client reaches the server: its address, what signs its certificate, and a token."""

    url: str
    authority: bytes
    token: str

    def kubeconfig(self, context: str = "stand-in", namespace: str = "default") -> dict[str, Any]:
        """A kubeconfig with one context."""
        authority = base64.b64encode(self.authority).decode()
        return {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": context,
            "clusters": [{"name": context, "cluster": {"server": self.url, "certificate-authority-data": authority}}],
            "users": [{"name": context, "user": {"token": self.token}}],
            "contexts": [{"name": context, "context": {"cluster": context, "user": context, "namespace": namespace}}],
        }


class Server:
    """An API server over a store, as a context manager: it serves while it is entered."""

    def __init__(self, store: Store | None = None, logs: Logs | None = None) -> None:
        self.store = prepared(store or Store())
        self.access = Access(self.store)
        self.application = Application(self.store, self.access, logs)
        self._certificates = certificates()
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None
        self._stopping = threading.Event()
        # Who deletes a namespace with all in it, object by object, is to find the objects still there.
        self.store.defer_namespaces()

    @property
    def url(self) -> str:
        """`https://127.0.0.1:PORT`."""
        assert self._server is not None
        port = self._server.servers[0].sockets[0].getsockname()[1]
        return f"https://127.0.0.1:{port}"

    @property
    def credentials(self) -> Credentials:
        """Those of the cluster's administrator."""
        return Credentials(self.url, self._certificates.authority, self.access.admin_token)

    def write_kubeconfig(self, path: Path, context: str = "stand-in", namespace: str = "default") -> Path:
        """A kubeconfig file for the administrator."""
        path.write_text(yaml.safe_dump(self.credentials.kubeconfig(context, namespace)), "utf-8")
        path.chmod(0o600)
        return path

    def __enter__(self) -> Server:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Serve from a thread, at a port that the system chooses."""
        config = uvicorn.Config(
            self.application,
            host="127.0.0.1",
            port=0,
            log_level="error",
            access_log=False,
            lifespan="off",
            ws=WebSocketProtocol,
            ssl_context_factory=lambda *_: _context(self._certificates),
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, name="api-server", daemon=True)
        self._thread.start()
        self._stopping.clear()
        threading.Thread(target=self._sweep, name="namespaces", daemon=True).start()
        while not self._server.started:
            if not self._thread.is_alive():
                raise RuntimeError("the API server did not start; see its output above")
            time.sleep(0.005)

    def _sweep(self) -> None:
        while not self._stopping.wait(_PATIENCE):
            self.store.sweep()

    def stop(self) -> None:
        """End all watches and connections."""
        self._stopping.set()
        self.store.close()
        if self._server is not None and self._thread is not None:
            self._server.should_exit = True
            self._server.force_exit = True
            self._thread.join(timeout=10)


def prepared(store: Store) -> Store:
    """A store with the API server's rules, the namespaces that every cluster has, and a default account in each."""
    attach(store)
    namespaces, accounts = store.resources.named("namespaces"), store.resources.named("serviceaccounts")
    for name in _NAMESPACES:
        with suppress(AlreadyExists):
            store.create(namespaces, {"metadata": {"name": name}})
    for each in store.list(namespaces)[0]:
        name = each["metadata"]["name"]
        with suppress(AlreadyExists):
            store.create(accounts, {"metadata": {"name": "default", "namespace": name}})
        # What was there before the rules gets its defaults now.
        store.change(namespaces, None, name, lambda _: None, "status")
    return store


def _context(made: Certificates) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.NamedTemporaryFile() as chain:
        chain.write(made.server)
        chain.flush()
        context.load_cert_chain(chain.name)
    return context
