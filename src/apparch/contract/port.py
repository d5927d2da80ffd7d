"""The port: EXPOSE, SERVICE_PORT, the command's port, the container's, the Service's (App document 5.4)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from apparch.app.side import AppSide
from apparch.contract.model import Judgement, Side, app, deploy
from apparch.contract.pair import Environment, Pair
from apparch.deploy.overlay import Overlay
from apparch.deploy.pods import command
from apparch.repository import Node

PORT = "SERVICE_PORT"
STANDARD = "8080"
SERVERS = frozenset({"uvicorn", "gunicorn", "hypercorn", "granian", "daphne", "flask", "waitress-serve"})
"""Programs whose options are known, so that a port among them is the one that is listened on."""
PORT_OPTIONS = frozenset({"--port", "-p", "--bind", "-b", "--listen"})


def judge(pair: Pair) -> Iterator[Judgement]:
    """Judge the image's port, and in every environment the container's and the Service's."""
    yield from _judge_image(pair.app)
    yield from pair.each(_judge_command)
    yield from pair.each(_judge)


def _judge_image(side: AppSide) -> Iterator[Judgement]:
    """EXPOSE against the default of SERVICE_PORT, and that against the schema's."""
    if not side.instructions or not side.variables:
        return
    variable = side.variable(PORT)
    if variable is None or variable.default is None:
        sides = (
            app(side.variable_place(PORT), "missing"),
            app(side.instructions[-1].place, "EXPOSE"),
        )
        yield Judgement("NET001", PORT, sides, f"the app publishes no default of {PORT}: add {PORT}={STANDARD}")
        return
    published = app(variable.place, variable.default)
    exposed = side.exposed or [("nothing", side.instructions[-1].place)]
    for port, place in exposed:
        wrong = ""
        if port != variable.default:
            wrong = f"the image exposes {port}, and {PORT} is {variable.default} by default: make both {STANDARD}"
        elif port != STANDARD:
            wrong = f"the image exposes {port}, and the standard port is {STANDARD}: make both {STANDARD}"
        yield Judgement("NET001", "EXPOSE", (app(place, port), published), wrong)
    if variable.schema is not None and variable.schema_place is not None and variable.schema.at("default").present:
        default = variable.schema.at("default")
        wrong = (
            ""
            if str(default) == variable.default
            else f"the schema's default of {PORT} is {default}, .env.example says {variable.default}"
        )
        yield Judgement(
            "NET001", PORT, (app(default.place, default), published), wrong and f"{wrong}: make both the same"
        )


def _judge(here: Environment) -> Iterator[Judgement]:
    """The container's port against SERVICE_PORT, and the Service's port against both."""
    side, overlay, settings = here.app, here.overlay, here.settings
    container = overlay.container
    if container is None or not side.variables:
        return
    ports = container.at("ports").elements()
    port = next((each for each in ports if each.at("name").text == "http"), None)
    listening = settings.of(PORT)
    if port is None:
        place = ports[0].place if ports else container.at("ports").place
        wrong = (
            "the container has no port named http: name its port http, so that Service, probes and monitoring find it"
        )
        yield Judgement("NET003", "containerPort", (*listening.sides, deploy(place, "no port named http")), wrong)
    else:
        number = port.at("containerPort")
        wrong = f"the container's port http is {number}, and the app listens on {listening.text}: make them the same"
        same = str(number) == listening.text
        yield Judgement("NET003", "containerPort", (*listening.sides, deploy(number)), "" if same else wrong)
    yield from _judge_service(overlay, listening.sides[0], deploy(container.at("ports").place, "http"))


def _judge_service(overlay: Overlay, published: Side, container: Side) -> Iterator[Judgement]:
    service = overlay.service
    if service is None:
        wrong = "there is no Service for the app: add one with port 80 named http and targetPort http"
        yield Judgement("NET003", "Service", (published, deploy(overlay.file, "no Service")), wrong)
        return
    ports = service.at("spec", "ports").elements()
    port = next((each for each in ports if each.at("name").text == "http"), ports[0] if ports else service.at("spec"))
    for field, wanted in (("name", "http"), ("port", 80), ("targetPort", "http")):
        found = port.at(field)
        wrong = f"the Service's {field} is {found}, and must be {wanted}: set {field}: {wanted}"
        yield Judgement(
            "NET003", f"Service {field}", (published, container, deploy(found)), "" if _is(found, wanted) else wrong
        )


def _is(found: Node, wanted: str | int) -> bool:
    return found.value == wanted and not isinstance(found.value, bool)


def _judge_command(here: Environment) -> Iterator[Judgement]:
    """The port that a command names, the manifest's or the image's, against the container's."""
    side, container = here.app, here.overlay.container
    if container is None:
        return
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
