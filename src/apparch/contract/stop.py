"""The stop: preStop, the grace period, and the app's own budget (App document 6.1)."""

from __future__ import annotations

from collections.abc import Iterator

from apparch.contract.model import Judgement, app, deploy
from apparch.contract.pair import Environment, Pair

PRESTOP, GRACE = "PRESTOP_SECONDS", "GRACE_SECONDS"
PARTS = ("DRAIN_SECONDS", "REQUEST_SECONDS", "CLEANUP_SECONDS")
MARGIN = "MARGIN_SECONDS"
MARGIN_SECONDS = 5.0
"""The margin of the App document, for an app whose source has no constant of that name."""
DEFAULT_GRACE = 30.0
"""What Kubernetes takes where a pod states nothing."""


def judge(pair: Pair) -> Iterator[Judgement]:
    """Judge preStop and the grace period against the app's own budget."""
    yield from pair.each(_judge)


def _judge(here: Environment) -> Iterator[Judgement]:
    side, overlay, settings = here.app, here.overlay, here.settings
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
