"""The probes: paths, scheme, port, times (App document 6.2)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from apparch.app.published import HEALTH
from apparch.app.side import AppSide
from apparch.contract.model import Judgement, app, deploy
from apparch.contract.pair import Environment, Pair
from apparch.contract.settings import Settings
from apparch.deploy.overlay import Overlay
from apparch.deploy.pods import command
from apparch.repository import Node

CHECK = "PROBE_TIMEOUT_SECONDS"


def judge(pair: Pair) -> Iterator[Judgement]:
    """Judge each probe by itself."""
    yield from pair.each(_judge)


def _judge(here: Environment) -> Iterator[Judgement]:
    side, overlay, settings = here.app, here.overlay, here.settings
    if overlay.container is None:
        return
    yield from _judge_scheme(side, overlay.container)
    for kind, path in HEALTH.items():
        yield from _judge_probe(side, overlay, settings, kind, path)
    startup = overlay.container.at("startupProbe")
    if startup.present:
        for kind in ("livenessProbe", "readinessProbe"):
            delay = overlay.container.at(kind, "initialDelaySeconds")
            served = app(side.route_place(HEALTH["startupProbe"]), HEALTH["startupProbe"])
            wrong = (
                f"{kind} waits {delay} seconds, and the startupProbe waits as long as is needed: remove "
                "initialDelaySeconds"
            )
            late = delay.present and delay.value != 0
            yield Judgement("PRB013", f"{kind} initialDelaySeconds", (served, deploy(delay)), wrong if late else "")


def _judge_probe(side: AppSide, overlay: Overlay, settings: Settings, kind: str, path: str) -> Iterator[Judgement]:
    assert overlay.container is not None
    probe = overlay.container.at(kind)
    served = app(side.route_place(path), path if side.serves(path) else f"{path} is not served")
    if not probe.at("httpGet").present:
        wrong = f"the container has no {kind} with httpGet: let it ask {path} on port http"
        yield Judgement("PRB012", kind, (served, deploy(probe.place, "no httpGet")), wrong)
        return
    asked = probe.at("httpGet", "path")
    wrong = ""
    if asked.text != path and not side.source.routes and _alone(overlay, kind):
        pass  # an app whose routes nobody read may have others, as long as each probe has its own
    elif asked.text != path and not side.source.routes:
        wrong = f"{kind} asks {asked}, which another probe asks as well: give it a path of its own, {path}"
    elif asked.text != path:
        wrong = f"{kind} asks {asked}, and the app answers at {path}: set path: {path}"
    elif not side.serves(path):
        wrong = f"{kind} asks {path}, and the app does not serve it: serve {path}"
    yield Judgement("PRB012", f"{kind} path", (served, deploy(asked)), wrong)
    port = probe.at("httpGet", "port")
    wrong = f"{kind} asks port {port}, and the container's port is named http: set port: http"
    container = app(settings.of("SERVICE_PORT").sides[0].place, "http")
    yield Judgement("PRB012", f"{kind} port", (container, deploy(port)), "" if port.text == "http" else wrong)
    yield from _judge_timeout(overlay, settings, kind)


def _alone(overlay: Overlay, kind: str) -> bool:
    """Whether no other probe asks what this one asks."""
    assert overlay.container is not None
    asked = overlay.container.at(kind, "httpGet", "path").text
    return all(overlay.container.at(other, "httpGet", "path").text != asked for other in HEALTH if other != kind)


def _judge_timeout(overlay: Overlay, settings: Settings, kind: str) -> Iterator[Judgement]:
    assert overlay.container is not None
    timeout, check = overlay.container.at(kind, "timeoutSeconds"), settings.of(CHECK)
    wrong = ""
    if timeout.number is None:
        wrong = (
            f"{kind} has no timeoutSeconds of its own: set one above {CHECK} ({check.text or 'the time of a check'})"
        )
    elif check.seconds is not None and timeout.number <= check.seconds:
        wrong = (
            f"{kind} gives up after {timeout} s, and the app's check may take {check.text} s: raise "
            f"timeoutSeconds, or lower {CHECK}"
        )
    yield Judgement("PRB012", f"{kind} timeoutSeconds", (*check.sides, deploy(timeout)), wrong)


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
