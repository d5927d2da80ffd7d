"""Logs, commands and tunnels of the real kubectl reach a pod of the stand-in as in a cluster."""

from __future__ import annotations

import http.server
import subprocess
import threading
import urllib.request

import pytest
from tests.cluster.conftest import Clients, Refused
from tests.cluster.examples import running_pod
from tests.cluster.store import Object


def test_logs_come_from_who_runs_the_pod(clients: Clients, monkeypatch: pytest.MonkeyPatch) -> None:
    """The container's lines are shown, and a container that never ran has none."""
    running_pod(clients, "web-1")
    refusal = clients.refused("logs", "web-1")
    started = {"name": "web", "state": {"running": {}}, "ready": True}
    clients.set_status("pods", "web-1", phase="Running", containerStatuses=[started])
    lines = lambda pod, container, _: iter([f"{pod['metadata']['name']} {container}"])  # noqa: E731
    monkeypatch.setattr(clients.server.application, "logs", lines)
    assert clients.kubectl("logs", "web-1") == "web-1 web"
    assert 'container "web" in pod "web-1" is waiting to start: ContainerCreating' in refusal


def test_exec_runs_a_command_where_the_pod_runs(clients: Clients, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its input and output pass through, and its exit code is kubectl's."""
    running_pod(clients, "web-1")
    monkeypatch.setattr(clients.server.application, "execute", _on_this_machine)
    shown = clients.kubectl("exec", "-i", "web-1", "--", "sh", "-c", "read line; echo got $line", given="a line\n")
    with pytest.raises(Refused) as caught:
        clients.kubectl("exec", "web-1", "--", "sh", "-c", "echo why >&2; exit 3")
    assert shown == "got a line"
    assert caught.value.returncode == 3
    assert caught.value.stderr.splitlines() == ["why", "command terminated with exit code 3"]


def _on_this_machine(_: Object, __: str, command: list[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def test_port_forward_reaches_the_pod(clients: Clients) -> None:
    """What is asked at the local port is answered by the pod, more than once."""
    running_pod(clients, "web-1")
    with Answering() as port:
        clients.set_status("pods", "web-1", phase="Running", podIP="127.0.0.1")
        with clients.started("port-forward", "pod/web-1", f":{port}") as process:
            assert process.stdout is not None
            local = process.stdout.readline().split()[2].rpartition(":")[2]
            answers = [urllib.request.urlopen(f"http://127.0.0.1:{local}/", timeout=10).read() for _ in range(3)]
    assert answers == [b"here"] * 3


class Answering:
    """A web server that says it is here."""

    def __enter__(self) -> int:
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Here)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return int(self._server.server_address[1])

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Here(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "4")
        self.end_headers()
        self.wfile.write(b"here")

    def log_message(self, *_: object) -> None:
        """Say nothing."""
