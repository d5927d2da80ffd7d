"""How kubectl reaches what the nodes run: commands in a container, a pod's ports, what pods and nodes use."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping

import psutil  # type: ignore[import-untyped]
from tests.cluster.api.application import Application
from tests.cluster.errors import BadRequest
from tests.cluster.network import Network
from tests.cluster.nodes.kubelet import Kubelet
from tests.cluster.nodes.pods import PodLife
from tests.cluster.objects import Object, name, uid

_WINDOW = "15s"


def open_nodes(application: Application, nodes: Mapping[str, Kubelet], network: Callable[[], Network]) -> None:
    """Let an API server run commands where pods run, connect to them, and tell what they use."""

    def execute(pod: Object, container: str, command: list[str]) -> subprocess.Popen[bytes]:
        return _start(_life(nodes, pod), container, command)

    application.execute = execute
    application.reach = lambda pod, port: network().route(pod["status"].get("podIP", ""), port)
    application.serve_metrics(lambda plural: list(_used(application, nodes, plural)))


def _life(nodes: Mapping[str, Kubelet], pod: Object) -> PodLife:
    node = nodes.get(pod["spec"].get("nodeName", ""))
    life = node.life(uid(pod)) if node else None
    if life is None or life.process is None or life.process.exit_code is not None:
        raise BadRequest(f"cannot exec into a container in a completed pod; current phase is {pod['status']['phase']}")
    return life


def _start(life: PodLife, container: str, command: list[str]) -> subprocess.Popen[bytes]:
    assert life.process is not None
    running = psutil.Process(life.process.pid)
    # The image's python is the one that runs here.
    program = sys.executable if command[0] in {"python", "python3"} else command[0]
    pipe = subprocess.PIPE
    try:
        return subprocess.Popen(
            [program, *command[1:]], env=running.environ(), cwd=running.cwd(), stdin=pipe, stdout=pipe, stderr=pipe
        )
    except FileNotFoundError:
        text = f'exec: "{command[0]}": executable file not found in $PATH ({container})'
        return subprocess.Popen(
            ["sh", "-c", 'echo "$1" >&2; exit 127', "sh", text], stdin=pipe, stdout=pipe, stderr=pipe
        )


def _used(application: Application, nodes: Mapping[str, Kubelet], plural: str) -> Iterator[Object]:
    """What the processes of each pod, or of each node, use at this moment."""
    store = application.store
    per_node: dict[str, list[int]] = {each: [0, 0] for each in nodes}
    for pod in store.list(store.resources.named("pods"))[0]:
        node = nodes.get(pod["spec"].get("nodeName", ""))
        life = node.life(uid(pod)) if node else None
        if life is None or life.process is None or life.process.exit_code is not None:
            continue
        millicores, memory = _usage(life.process.pid)
        per_node[pod["spec"]["nodeName"]][0] += millicores
        per_node[pod["spec"]["nodeName"]][1] += memory
        if plural == "pods":
            used = {"name": pod["spec"]["containers"][0]["name"], "usage": _amounts(millicores, memory)}
            metadata = {key: pod["metadata"][key] for key in ("name", "namespace", "labels") if key in pod["metadata"]}
            yield {"metadata": metadata, "timestamp": store.now(), "window": _WINDOW, "containers": [used]}
    if plural == "nodes":
        for each in store.list(store.resources.named("nodes"))[0]:
            if name(each) in per_node:
                usage = _amounts(*per_node[name(each)])
                yield {"metadata": {"name": name(each)}, "timestamp": store.now(), "window": _WINDOW, "usage": usage}


def _usage(pid: int) -> tuple[int, int]:
    try:
        process = psutil.Process(pid)
        family = [process, *process.children(recursive=True)]
        return (
            int(sum(each.cpu_percent(None) for each in family) * 10),
            sum(each.memory_info().rss for each in family),
        )
    except psutil.NoSuchProcess:
        return 0, 0


def _amounts(millicores: int, memory: int) -> dict[str, str]:
    return {"cpu": f"{millicores}m", "memory": f"{memory // 1024}Ki"}
