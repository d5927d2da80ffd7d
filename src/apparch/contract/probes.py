"""The probes and the stop: paths, port, times (App document 6.1, 6.2)."""

from __future__ import annotations

from collections.abc import Iterator

from apparch.contract.app_side import AppSide
from apparch.contract.deploy_side import Overlay
from apparch.contract.model import Judgement, app, deploy
from apparch.contract.settings import Settings

PATHS = {
    "startupProbe": "/health/startup",
    "livenessProbe": "/health/live",
    "readinessProbe": "/health/ready",
}
CHECK = "PROBE_TIMEOUT_SECONDS"
PRESTOP, GRACE = "PRESTOP_SECONDS", "GRACE_SECONDS"
PARTS = ("DRAIN_SECONDS", "REQUEST_SECONDS", "CLEANUP_SECONDS")
MARGIN = "MARGIN_SECONDS"
MARGIN_SECONDS = 5.0
"""The margin of the App document, for an app whose source has no constant of that name."""
DEFAULT_GRACE = 30.0
"""What Kubernetes takes where a pod states nothing."""


def judge(side: AppSide, overlay: Overlay, settings: Settings) -> Iterator[Judgement]:
    """Judge each probe by itself."""
    if overlay.container is None:
        return
    for kind, path in PATHS.items():
        yield from _judge_probe(side, overlay, settings, kind, path)
    startup = overlay.container.at("startupProbe")
    if startup.present:
        for kind in ("livenessProbe", "readinessProbe"):
            delay = overlay.container.at(kind, "initialDelaySeconds")
            served = app(side.route_place(PATHS["startupProbe"]), PATHS["startupProbe"])
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
    return all(overlay.container.at(other, "httpGet", "path").text != asked for other in PATHS if other != kind)


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


def judge_stop(side: AppSide, overlay: Overlay, settings: Settings) -> Iterator[Judgement]:
    """preStop and the grace period against the app's own budget."""
    if overlay.workload is None or overlay.container is None:
        return
    sleep = overlay.container.at("lifecycle", "preStop", "sleep", "seconds")
    prestop, grace = settings.of(PRESTOP), settings.of(GRACE)
    wrong = ""
    if sleep.number is None:
        wrong = (
            f"preStop is no sleep: set lifecycle.preStop.sleep.seconds to {PRESTOP} "
            f"({prestop.text or 'the drain of endpoints'})"
        )
    elif prestop.seconds is not None and sleep.number > prestop.seconds:
        wrong = f"preStop sleeps {sleep} s, and the app reckons with {PRESTOP}={prestop.text}: make them the same"
    yield Judgement("SHD011", "preStop.sleep.seconds", (*prestop.sides, deploy(sleep)), wrong)
    period = overlay.workload.at("spec", "template", "spec", "terminationGracePeriodSeconds")
    seconds = period.number if period.number is not None else DEFAULT_GRACE
    wrong = ""
    if grace.seconds is not None and seconds < grace.seconds:
        wrong = f"the pod gets {seconds:g} s to stop, and the app reckons with {GRACE}={grace.text}: make them the same"
    field = "terminationGracePeriodSeconds"
    yield Judgement("SHD011", field, (*grace.sides, deploy(period, f"{seconds:g}")), wrong)
    if wrong:
        return
    margin, place = side.source.numbers.get(MARGIN, (MARGIN_SECONDS, side.home))
    parts = {name: settings.of(name) for name in PARTS}
    slept = sleep.number if sleep.number is not None else (prestop.seconds or 0.0)
    needed = slept + sum(part.seconds or 0.0 for part in parts.values()) + margin
    limit = min(seconds, grace.seconds) if grace.seconds is not None else seconds
    named = " + ".join(
        [f"preStop {slept:g}", *(f"{name} {part.text}" for name, part in parts.items()), f"margin {margin:g}"]
    )
    wrong = f"{named} = {needed:g} s exceed the grace period of {limit:g} s: raise the grace period, or shorten a part"
    sides = (
        app(place, f"{needed:g} s"),
        *(each for part in parts.values() for each in part.sides[-1:]),
        deploy(sleep),
        deploy(period, f"{limit:g} s"),
    )
    yield Judgement("SHD011", "budget", sides, wrong if needed > limit else "")
