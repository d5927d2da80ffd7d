"""The image against what manifests rely on: its user, its command's port, what it writes, its scheme."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from apparch.contract.app_side import AppSide
from apparch.contract.deploy_side import Overlay, command, kind, name, pod
from apparch.contract.model import Judgement, app, deploy
from apparch.repository import Node

SERVERS = frozenset({"uvicorn", "gunicorn", "hypercorn", "granian", "daphne", "flask", "waitress-serve"})
"""Programs whose options are known, so that a port among them is the one that is listened on."""
PORT_OPTIONS = frozenset({"--port", "-p", "--bind", "-b", "--listen"})
TEMPORARY = "/tmp"  # noqa: S108 (a path in a container)


def judge(side: AppSide, overlay: Overlay) -> Iterator[Judgement]:
    """Judge every container that runs the app's image."""
    for each in overlay.running:
        yield from _judge_user(side, each.workload, each.container)
        yield from _judge_temporary(side, each.workload, each.container)
    if overlay.container is not None:
        yield from _judge_port(side, overlay.container)
        yield from _judge_scheme(side, overlay.container)


def _setting(workload: Node, container: Node, key: str) -> Node:
    """A field of the security context: the container's own, else the pod's."""
    own = container.at("securityContext", key)
    return own if own.present else pod(workload).at("securityContext", key)


def _judge_user(side: AppSide, workload: Node, container: Node) -> Iterator[Judgement]:
    demanded, user = (_setting(workload, container, key) for key in ("runAsNonRoot", "runAsUser"))
    if demanded.value is not True or side.user is None:
        return
    if user.number is not None and user.number > 0:
        return
    said, place = side.user.name, side.user.place
    wrong = ""
    if user.number == 0:
        wrong = "the pod demands runAsNonRoot and sets runAsUser: 0: remove runAsUser"
    elif said in ("root", "0"):
        wrong = (
            "the image runs as root, and the pod demands runAsNonRoot, so that it never starts: set USER to a number"
        )
    elif not said.isdigit():
        wrong = (
            f"the image's user {said} is a name, which Kubernetes cannot check for runAsNonRoot: set USER to its "
            "number, or runAsUser"
        )
    yield Judgement("IMG013", f"user of {kind(workload)} {name(workload)}", (app(place, said), deploy(demanded)), wrong)


def _judge_temporary(side: AppSide, workload: Node, container: Node) -> Iterator[Judgement]:
    locked = container.at("securityContext", "readOnlyRootFilesystem")
    writes = side.source.temporary
    if locked.value is not True or writes is None:
        return
    mounts = {
        str(each.at("mountPath")).rstrip("/")
        for each in container.at("volumeMounts").elements()
        if each.at("readOnly").value is not True
    }
    moved = [each for each in container.at("env").elements() if each.at("name").text == "TMPDIR"]
    if moved or "TMPDIR" in side.environment or TEMPORARY in mounts or "" in mounts:
        return
    wrong = f"the app makes temporary files, and {TEMPORARY} cannot be written on a read-only root: mount an emptyDir"
    sides = (app(writes, "temporary files"), deploy(locked))
    yield Judgement("IMG013", f"{TEMPORARY} of {kind(workload)} {name(workload)}", sides, wrong)


def _judge_port(side: AppSide, container: Node) -> Iterator[Judgement]:
    """The port that a command names, the manifest's or the image's, against the container's."""
    ports = container.at("ports").elements()
    port = next((each for each in ports if each.at("name").text == "http"), ports[0] if len(ports) == 1 else None)
    if port is None:
        return
    overridden = container.at("command").present
    start = next((each for each in reversed(side.stage) if each.name == "CMD"), None)
    entry = next((each for each in reversed(side.stage) if each.name == "ENTRYPOINT"), None)
    if overridden or container.at("args").present:
        words = command(container) if overridden else [*(entry.words if entry else []), *command(container)]
        place = container.at("command" if overridden else "args")
        where = deploy(place, " ".join(command(container)))
    else:
        begin = [each for each in (entry, start) if each is not None]
        words = [word for each in begin for word in each.words]
        where = app(begin[-1].place, " ".join(words)) if begin else app(side.home, "")
    listened = listening_port(words)
    number = port.at("containerPort")
    if listened is not None and str(number) != listened:
        wrong = f"the command listens on port {listened}, and the container's port is {number}: make them the same"
        published = app(side.variable_place("SERVICE_PORT"), "SERVICE_PORT")
        sides = (where, deploy(number)) if where.repository == "app" else (published, where, deploy(number))
        yield Judgement("NET003", "port of the command", sides, wrong)


def listening_port(words: Sequence[str]) -> str | None:
    """The port that a known server's command line names; None where it names none, or the server is not known."""
    flat = [part for word in words for part in (word.split() if " " in word else [word])]
    if not any(each.rpartition("/")[2] in SERVERS for each in flat):
        return None
    for index, word in enumerate(flat):
        option, equals, value = word.partition("=")
        if option in PORT_OPTIONS:
            said = value if equals else next(iter(flat[index + 1 :]), "")
            match = re.search(r"(?:^|:)([0-9]{1,5})$", said)
            if match:
                return match[1]
    return None


def _judge_scheme(side: AppSide, container: Node) -> Iterator[Judgement]:
    if side.source.encrypted or not side.source.routes:
        return
    words = " ".join(command(container))
    if re.search(r"--ssl|--certfile|--keyfile|--tls", words):
        return
    for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
        scheme = container.at(probe, "httpGet", "scheme")
        if scheme.text == "HTTPS":
            wrong = f"{probe} asks over HTTPS, and the app serves plain HTTP: remove scheme"
            path = container.at(probe, "httpGet", "path")
            sides = (app(side.route_place(str(path)), "HTTP"), deploy(scheme))
            yield Judgement("PRB012", f"{probe} scheme", sides, wrong)
