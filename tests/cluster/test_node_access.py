"""kubectl reaches what the stand-in's nodes run: commands, ports, usage."""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.cluster.cluster import Cluster
from tests.cluster.nodes.images import Command, Image
from tests.kube import kubectl

# One worker starts one cluster.
pytestmark = pytest.mark.xdist_group("node-access")
SERVER = """
import http.server, os
class Here(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"here")
    def log_message(self, *_):
        pass
http.server.ThreadingHTTPServer((os.environ["ADDRESS"], 8080), Here).serve_forever()
"""


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Where kubectl finds a cluster with one running pod, `web`."""
    directory: Path = tmp_path_factory.mktemp("access")
    with Cluster(nodes=("node-1",)) as cluster:
        image = Image(lambda run: Command(("python3", "-c", SERVER), {**os.environ, "ADDRESS": run.address}))
        cluster.registry.push("web:1", image)
        config = cluster.kubeconfig(directory / "kubeconfig", "stand-in")
        found = {"PATH": os.environ["PATH"], "HOME": str(directory), "KUBECONFIG": str(config)}
        container = {"name": "web", "image": "web:1", "env": [{"name": "COLOUR", "value": "blue"}]}
        pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web"}, "spec": {"containers": [container]}}
        run(found, "create", "-f", "-", given=json.dumps(pod))
        run(found, "wait", "--for=condition=Ready", "pod/web", "--timeout=30s")
        yield found


def run(environment: dict[str, str], *arguments: str, given: str = "") -> str:
    """What kubectl prints."""
    done = subprocess.run(
        [kubectl(), *arguments], input=given, capture_output=True, text=True, check=True, env=environment, timeout=60
    )
    return done.stdout.strip()


def test_command_has_the_containers_settings(environment: dict[str, str]) -> None:
    """What is run in a container sees what the container was given."""
    assert run(environment, "exec", "web", "--", "python", "-c", "import os; print(os.environ['COLOUR'])") == "blue"


def test_command_of_a_pod_that_is_gone_is_refused(environment: dict[str, str]) -> None:
    """Who asks for a pod that does not run is told so."""
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "lost"}}
    spec = {"containers": [{"name": "web", "image": "nowhere:1"}]}
    run(environment, "create", "-f", "-", given=json.dumps(pod | {"spec": spec}))
    with pytest.raises(subprocess.CalledProcessError) as caught:
        run(environment, "exec", "lost", "--", "true")
    run(environment, "delete", "pod", "lost", "--now")
    assert "cannot exec into a container in a completed pod; current phase is Pending" in caught.value.stderr


def test_forwarded_port_is_the_pods(environment: dict[str, str]) -> None:
    """The process that the node started answers."""
    words = [str(kubectl()), "port-forward", "pod/web", ":8080"]
    with subprocess.Popen(words, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            port = int(process.stdout.readline().split()[2].rpartition(":")[2])
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
            end = time.monotonic() + 30
            while True:
                try:
                    connection.request("GET", "/")
                    assert connection.getresponse().read() == b"here"
                    break
                except (http.client.HTTPException, OSError):
                    # A process that has only just started may not listen yet.
                    connection.close()
                    assert time.monotonic() < end
                    time.sleep(0.05)
        finally:
            process.terminate()


def test_top_tells_what_pods_and_nodes_use(environment: dict[str, str]) -> None:
    """The memory is that of the real process."""
    pod, node = (run(environment, "top", kind, "--no-headers").split() for kind in ("pods", "nodes"))
    assert (pod[0], node[0]) == ("web", "node-1")
    assert int(pod[2].removesuffix("Mi")) > 1
