"""The port: EXPOSE, SERVICE_PORT, the container's port, the Service's (App document 5.4)."""

from __future__ import annotations

from collections.abc import Iterator

from apparch.contract.app_side import AppSide
from apparch.contract.deploy_side import Overlay
from apparch.contract.model import Judgement, Side, app, deploy
from apparch.contract.settings import Settings
from apparch.repository import Node

PORT = "SERVICE_PORT"
STANDARD = "8080"


def judge_app(side: AppSide) -> Iterator[Judgement]:
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


def judge(side: AppSide, overlay: Overlay, settings: Settings) -> Iterator[Judgement]:
    """The container's port against SERVICE_PORT, and the Service's port against both."""
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
