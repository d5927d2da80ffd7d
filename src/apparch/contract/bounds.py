"""The bounds of the Ingress that leads to the app, beside the app's own on the same things (App document 5.4, 6.4)."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

from apparch.contract.model import Judgement, Side, app, deploy
from apparch.contract.pair import Environment, Pair
from apparch.deploy.overlay import Overlay
from apparch.repository import Node
from apparch.repository.kustomize.objects import name

BODY, IDLE, WAIT = "MAX_BODY_BYTES", "KEEP_ALIVE_SECONDS", "REQUEST_SECONDS"
DEFAULTS: dict[str, dict[str, float]] = {
    "traefik": {BODY: math.inf, IDLE: 90, WAIT: math.inf},
    "nginx": {BODY: 2**20, IDLE: 60, WAIT: 60},
}
"""What a controller does where nothing is written, by its class; what an unknown one does, nobody says here."""
ANNOTATIONS = {
    "nginx.ingress.kubernetes.io/proxy-body-size": BODY,
    "nginx.ingress.kubernetes.io/proxy-read-timeout": WAIT,
    "nginx.org/client-max-body-size": BODY,
    "nginx.org/proxy-read-timeout": WAIT,
}
TRANSPORT = "traefik.ingress.kubernetes.io/service.serverstransport"
MIDDLEWARES = "traefik.ingress.kubernetes.io/router.middlewares"
_UNITS = {"": 1.0, "ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_SIZES = {"": 1, "k": 2**10, "m": 2**20, "g": 2**30}


@dataclass(frozen=True)
class Bound:
    """What an Ingress allows of one thing, in bytes or seconds; without a bound it is infinite."""

    value: float
    node: Node
    """Where it is written, or for a default the class that has it."""


def judge(pair: Pair) -> Iterator[Judgement]:
    """Judge what each Ingress of the app lets through, waits for, and keeps open."""
    yield from pair.each(_judge)


def _judge(here: Environment) -> Iterator[Judgement]:
    side, overlay, settings = here.app, here.overlay, here.settings
    for ingress in overlay.rendering.of_kind("Ingress"):
        if overlay.service is None or name(overlay.service) not in _backends(ingress):
            continue
        found = _bounds(ingress, overlay)
        for constant in (BODY, IDLE):
            if constant in found and constant in side.source.numbers:
                own, place = side.source.numbers[constant]
                yield _compared(constant, found[constant], own, (app(place, f"{constant} = {own:g}"),))
        wait = settings.of(WAIT)
        if WAIT in found and wait.seconds is not None:
            yield _compared(WAIT, found[WAIT], wait.seconds, wait.sides)


def _compared(subject: str, bound: Bound, own: float, sides: tuple[Side, ...]) -> Judgement:
    has = f"{bound.value:g}"
    wrong = ""
    if subject == BODY and bound.value < own:
        wrong = f"the Ingress refuses bodies of more than {has} bytes, and the app takes {own:g}: raise the Ingress's"
    elif subject == WAIT and bound.value <= own:
        wrong = f"the Ingress waits {has} s for an answer that may take {own:g} s: raise it, or lower {WAIT}"
    elif subject == IDLE and bound.value >= own:
        wrong = (
            f"the Ingress keeps idle connections for {has} s, and the app closes them after {own:g} s, under a request "
            f"that is on its way: lower it, or raise {IDLE}"
        )
    said = "no bound" if math.isinf(bound.value) else has
    return Judgement("NET004", f"Ingress {subject}", (*sides, deploy(bound.node, said)), wrong)


def _backends(ingress: Node) -> set[str | None]:
    paths = [path for rule in ingress.at("spec", "rules").elements() for path in rule.at("http", "paths").elements()]
    backends = [ingress.at("spec", "defaultBackend"), *(path.at("backend") for path in paths)]
    return {each.at("service", "name").text for each in backends}


def _bounds(ingress: Node, overlay: Overlay) -> dict[str, Bound]:
    """What is written wins over the defaults of the class; nginx ignores seconds with a unit behind them."""
    by_class = ingress.at("spec", "ingressClassName")
    if not by_class.present:
        by_class = ingress.at("metadata", "annotations", "kubernetes.io/ingress.class")
    found = {subject: Bound(value, by_class) for subject, value in DEFAULTS.get(by_class.text or "", {}).items()}
    stated = _of_traefik(ingress, overlay)
    if by_class.text != "traefik":
        annotated = [(subject, ingress.at("metadata", "annotations", key)) for key, subject in ANNOTATIONS.items()]
        stated += [(subject, node) for subject, node in annotated if subject != WAIT or _text(node).isdigit()]
    for subject, node in stated:
        value = _bytes(_text(node)) if subject == BODY else _seconds(_text(node))
        if value is not None:
            found[subject] = Bound(value, node)
    return found


def _of_traefik(ingress: Node, overlay: Overlay) -> list[tuple[str, Node]]:
    """What its own objects say, where the Service or the Ingress names them as `namespace-name@kubernetescrd`."""
    assert overlay.service is not None
    found: list[tuple[str, Node]] = []
    transport = overlay.service.at("metadata", "annotations", TRANSPORT).text or ""
    for each in overlay.rendering.of_kind("ServersTransport"):
        if transport.endswith(f"-{name(each)}@kubernetescrd"):
            timeouts = each.at("spec", "forwardingTimeouts")
            found += [(IDLE, timeouts.at("idleConnTimeout")), (WAIT, timeouts.at("responseHeaderTimeout"))]
    used = (ingress.at("metadata", "annotations", MIDDLEWARES).text or "").split(",")
    for each in overlay.rendering.of_kind("Middleware"):
        if any(one.strip().endswith(f"-{name(each)}@kubernetescrd") for one in used):
            found.append((BODY, each.at("spec", "buffering", "maxRequestBodyBytes")))
    return found


def _text(node: Node) -> str:
    return str(node).strip() if node.text is not None or node.number is not None else ""


def _bytes(text: str) -> float | None:
    match = re.fullmatch(r"([0-9]{1,15})([kmg]?)", text.lower())
    return (int(match[1]) * _SIZES[match[2]] or math.inf) if match else None


def _seconds(text: str) -> float | None:
    """Of a number, or of a duration such as `1m30s`; zero is no bound."""
    if not re.fullmatch(r"([0-9]{1,9}(\.[0-9]{1,9})?(ms|s|m|h))+|[0-9]{1,9}", text):
        return None
    parts = re.findall(r"([0-9.]+)(ms|s|m|h|)", text)
    return sum(float(number) * _UNITS[unit] for number, unit in parts) or math.inf
