"""The probes of a container, asked over HTTP as a kubelet asks them."""

from __future__ import annotations

import http.client
import socket
from dataclasses import dataclass

from tests.cluster.objects import Object


@dataclass(frozen=True)
class Probe:
    """One probe of a container; times in seconds. Without a path it only connects."""

    path: str | None
    port: int
    period: float
    timeout: float
    failures: int
    successes: int
    delay: float = 0.0

    @staticmethod
    def of(container: Object, kind: str) -> Probe | None:
        """A probe as the manifest states it, with Kubernetes' own defaults; None where it states none.

        Raises:
            ValueError: the probe is of a kind that is not carried out here.
        """
        probe = container.get(kind)
        if probe is None:
            return None
        how = probe.get("httpGet") or probe.get("tcpSocket")
        if how is None:
            raise ValueError(f"{kind}: only httpGet and tcpSocket are carried out")
        names = {each.get("name"): each["containerPort"] for each in container.get("ports") or []}
        return Probe(
            path=how.get("path", "/") if "httpGet" in probe else None,
            port=names[how["port"]] if isinstance(how["port"], str) else how["port"],
            period=probe.get("periodSeconds", 10),
            timeout=probe.get("timeoutSeconds", 1),
            failures=probe.get("failureThreshold", 3),
            successes=probe.get("successThreshold", 1),
            delay=probe.get("initialDelaySeconds", 0),
        )

    def ask(self, host: str, port: int) -> str:
        """Ask once; empty for a success, else what a kubelet's event says."""
        if self.path is None:
            return self._connect(host, port)
        connection = http.client.HTTPConnection(host, port, timeout=self.timeout)
        try:
            connection.request("GET", self.path, headers={"Connection": "close"})
            status = connection.getresponse().status
        except TimeoutError:
            return f'Get "http://{host}:{port}{self.path}": context deadline exceeded'
        except (OSError, http.client.HTTPException) as error:
            return f'Get "http://{host}:{port}{self.path}": {error}'
        finally:
            connection.close()
        return "" if 200 <= status < 400 else f"HTTP probe failed with statuscode: {status}"

    def _connect(self, host: str, port: int) -> str:
        try:
            socket.create_connection((host, port), self.timeout).close()
        except OSError as error:
            return f"dial tcp {host}:{port}: {error}"
        return ""
