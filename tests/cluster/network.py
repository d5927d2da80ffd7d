"""The cluster's network on the loopback: addresses of pods, Services as proxies, one ingress that ends TLS.

Pods and Services have addresses of 127.0.0.0/8. A Service passes connections on, one ready endpoint each, and hears of
a change of endpoints only after `lag` seconds, as kube-proxy does. NetworkPolicies are not enforced.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import itertools
import random
import socket
import ssl
import tempfile
import threading
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.cluster import sealing
from tests.cluster.control import Control
from tests.cluster.objects import Object, labels, name, namespace

Address = tuple[str, int]
_PRIVILEGED = 1024
_UNPRIVILEGED = 8000
"""Added to a port that only root may listen on."""
_CHUNK = 65536


class Network:
    """Where things listen, and who is behind a Service."""

    def __init__(self, lag: float = 0.2) -> None:
        self.lag = lag
        self._octet, self._mark = _claim_octet()
        self._numbers = itertools.count(10)
        self._lock = threading.Lock()
        self._routes: dict[Address, Address] = {}
        self._endpoints: dict[tuple[str, str], list[Address]] = {}
        self._told: dict[tuple[str, str], list[Address]] = {}
        self._services: dict[tuple[str, str], tuple[str, dict[str, int]]] = {}
        self._ingresses: dict[str, tuple[str, str]] = {}
        self._contexts: dict[str, tuple[str, ssl.SSLContext]] = {}
        self._default = _context(*sealing.new_key(datetime.now(UTC), timedelta(days=365)))
        self._servers: list[asyncio.Server] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="network", daemon=True)
        self._thread.start()
        self.ingress = (self.new_address(), 8443)
        self._call(self._listen(self.ingress, self._by_host, self._sni()))

    def new_address(self) -> str:
        """An address that nothing else has."""
        with self._lock:
            number = next(self._numbers)
        return f"127.{self._octet}.{number // 250}.{number % 250 + 1}"

    def open_route(self, ip: str, port: int, target: Address) -> None:
        """Lead a pod's port to where its process listens."""
        with self._lock:
            self._routes[ip, port] = target

    def route(self, ip: str, port: int) -> Address:
        """Where a pod's port leads; to itself where nothing else is said."""
        return self._routes.get((ip, port), (ip, port))

    def close_route(self, ip: str, port: int) -> None:
        """The pod has no such port any longer."""
        with self._lock:
            self._routes.pop((ip, port), None)

    def service(self, where: str, called: str, port: str | int = "http") -> Address:
        """Where clients connect to a Service; raises KeyError while there is none."""
        ip, ports = self._services[where, called]
        return ip, ports[str(port)]

    def host(self, value: str) -> str | None:
        """The address of a Service's name inside the cluster; None for any other text."""
        parts = value.split(".")
        if parts[2:] in (["svc"], ["svc", "cluster", "local"]) and (parts[1], parts[0]) in self._services:
            return self._services[parts[1], parts[0]][0]
        return None

    def endpoints(self, where: str, called: str) -> list[Address]:
        """Where a Service's next connection may go, as the proxy knows it now."""
        return list(self._endpoints.get((where, called), []))

    def reconcile(self, control: Control) -> None:
        """Take over Services, endpoints, ingresses and their certificates."""
        services = {(namespace(each), name(each)): each for each in control.all("services")}
        for key in set(self._services) - set(services):
            self._close_service(key)
        for key, each in services.items():
            if key not in self._services and each["spec"].get("ports"):
                self._open_service(each)
        for each in control.all("endpointslices.discovery.k8s.io"):
            key = namespace(each), labels(each).get("kubernetes.io/service-name", "")
            found = _targets(each)
            if self._told.get(key) != found:
                self._told[key] = found
                self._loop.call_soon_threadsafe(
                    self._loop.call_later, self.lag, self._endpoints.__setitem__, key, found
                )
        self._ingresses = {
            rule["host"]: (namespace(each), path["backend"]["service"]["name"])
            for each in control.all("ingresses.networking.k8s.io")
            for rule in each["spec"].get("rules") or []
            for path in (rule.get("http") or {}).get("paths") or []
            if "host" in rule
        }
        self._certificates(control)

    def close(self) -> None:
        """Listen no longer."""
        for server in self._servers:
            self._loop.call_soon_threadsafe(server.close)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._mark.close()

    def _open_service(self, service: Object) -> None:
        key, ip = (namespace(service), name(service)), self.new_address()
        ports = {}
        for each in service["spec"]["ports"]:
            number = each["port"] + (_UNPRIVILEGED if each["port"] < _PRIVILEGED else 0)
            ports[each.get("name", str(each["port"]))] = ports[str(each["port"])] = number
            index = service["spec"]["ports"].index(each)
            self._call(self._listen((ip, number), _behind(self, key, index)))
        self._services[key] = ip, ports

    def _close_service(self, key: tuple[str, str]) -> None:
        ip, _ = self._services.pop(key)
        for server in list(self._servers):
            if any(each.getsockname()[0] == ip for each in server.sockets):
                self._servers.remove(server)
                self._loop.call_soon_threadsafe(server.close)
        self._endpoints.pop(key, None)
        self._told.pop(key, None)

    def _certificates(self, control: Control) -> None:
        for each in control.all("ingresses.networking.k8s.io"):
            for entry in each["spec"].get("tls") or []:
                secret = control.get("secrets", namespace(each), entry.get("secretName", ""))
                for host in entry.get("hosts") or []:
                    if secret is None or "tls.crt" not in (secret.get("data") or {}):
                        self._contexts.pop(host, None)
                    elif self._contexts.get(host, ("", None))[0] != secret["data"]["tls.crt"]:
                        data = {key: base64.b64decode(secret["data"][key]) for key in ("tls.key", "tls.crt")}
                        context = _context(data["tls.key"], data["tls.crt"])
                        self._contexts[host] = secret["data"]["tls.crt"], context

    def _sni(self) -> ssl.SSLContext:
        def choose(sock: ssl.SSLObject, host: str | None, _: ssl.SSLContext) -> None:
            sock.server_side_host = host  # type: ignore[attr-defined]
            sock.context = self._contexts.get(host or "", ("", self._default))[1]

        self._default.sni_callback = choose
        return self._default

    async def _listen(
        self,
        address: Address,
        choose: Callable[[asyncio.StreamWriter], Address | None],
        context: ssl.SSLContext | None = None,
    ) -> None:
        async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await _pass_on(reader, writer, choose(writer))

        self._servers.append(await asyncio.start_server(connected, *address, ssl=context, backlog=512))

    def _by_host(self, writer: asyncio.StreamWriter) -> Address | None:
        chosen = writer.get_extra_info("ssl_object")
        key = self._ingresses.get(getattr(chosen, "server_side_host", None) or "")
        return self.choose(key, 0) if key else None

    def choose(self, key: tuple[str, str], index: int) -> Address | None:
        """One of the ready endpoints; where it listens, or None where nobody does."""
        found = self._endpoints.get(key) or []
        per_port = [each for each in found if each[0].endswith(f"#{index}")]
        if not per_port:
            return None
        ip, port = random.choice(per_port)
        return self._routes.get((ip.partition("#")[0], port))

    def _call(self, work: Awaitable[None]) -> None:
        asyncio.run_coroutine_threadsafe(_awaited(work), self._loop).result(10)


def _behind(network: Network, key: tuple[str, str], index: int) -> Callable[[asyncio.StreamWriter], Address | None]:
    return lambda _: network.choose(key, index)


async def _awaited(work: Awaitable[None]) -> None:
    await work


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, target: Address | None) -> None:
    try:
        if target is None:
            raise ConnectionRefusedError
        there, back = await asyncio.open_connection(*target)
    except OSError:
        # A reset, so that the client sees a failure and not an empty answer.
        writer.transport.abort()
        return
    await asyncio.gather(_pump(reader, back), _pump(there, writer))


async def _pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError, RuntimeError):
        while data := await source.read(_CHUNK):
            sink.write(data)
            await sink.drain()
    with contextlib.suppress(OSError, RuntimeError):
        sink.close()


def _targets(piece: Object) -> list[Address]:
    """Ready endpoints; without any, those that still serve while they stop, as kube-proxy does."""
    found = piece.get("endpoints") or []
    chosen = [each for each in found if each["conditions"]["ready"]]
    chosen = chosen or [each for each in found if each["conditions"]["serving"] and each["conditions"]["terminating"]]
    return [
        (f"{address}#{index}", port["port"])
        for index, port in enumerate(piece.get("ports") or [])
        for each in chosen
        for address in each["addresses"]
    ]


def _context(private: bytes, certificate: bytes) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as directory:
        file = Path(directory) / "pair.pem"
        file.write_bytes(private + certificate)
        context.load_cert_chain(file)
    return context


def _claim_octet() -> tuple[int, socket.socket]:
    """A part of the loopback that no other cluster of this machine uses, and what keeps it."""
    for octet in random.sample(range(64, 250), 180):
        mark = socket.socket()
        try:
            mark.bind((f"127.{octet}.255.254", 47001))
        except OSError:
            mark.close()
            continue
        return octet, mark
    raise RuntimeError("every part of the loopback is in use by other clusters")
