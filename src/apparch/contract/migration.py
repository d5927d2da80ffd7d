"""The migration: the App's command, run by a Job, once, from the app's own image (App document 2.1, 6.3)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from apparch.app.side import AppSide
from apparch.contract.model import Judgement, app, deploy
from apparch.contract.pair import Environment, Pair
from apparch.deploy.overlay import Overlay
from apparch.deploy.pods import command, pod
from apparch.repository import Node, Place

SQL = re.compile(
    r"\b(CREATE\s+(TABLE|INDEX|SCHEMA|EXTENSION)|ALTER\s+TABLE|DROP\s+TABLE|INSERT\s+INTO|DELETE\s+FROM|UPDATE\s+\w+\s+SET)\b",
    re.IGNORECASE,
)
MIGRATES = re.compile(r"\bmigrat\w*|\balembic\b", re.IGNORECASE)


def judge(pair: Pair) -> Iterator[Judgement]:
    """Judge the image's start, every Job with the app's image, and what else in the rendering migrates."""
    yield from _judge_image(pair)
    yield from pair.each(_judge)


def _judge(here: Environment) -> Iterator[Judgement]:
    side, overlay = here.app, here.overlay
    home = side.migrations or side.home
    if side.migrations and not overlay.jobs:
        wrong = "the app has migrations, and no Job runs them: add the Job with the app's command to the overlay"
        yield Judgement("OWN006", "Job", (app(home, "migrations"), deploy(overlay.file, "no Job")), wrong)
    for _, container in overlay.jobs:
        if side.source.modules or side.scripts:  # of another language's commands nothing is known
            yield _judge_command(side, container, home)
        if overlay.container is not None and here.names_image:
            image, running = container.at("image"), overlay.container.at("image")
            wrong = f"the Job runs {image}, and the Deployment {running}: let one images entry of the overlay set both"
            sides = (app(home, "the app's image"), deploy(image), deploy(running))
            yield Judgement("TWF008", "Job image", sides, "" if image.text == running.text else wrong)
    yield from _judge_start(overlay, home)
    yield from _judge_sql(overlay, home)


def _judge_command(side: AppSide, container: Node, home: Place) -> Judgement:
    words = command(container)
    place = container.at("command") if container.at("command").present else container
    said = " ".join(words) or "no command"
    module = words[words.index("-m") + 1] if "-m" in words[:-1] else None
    if module is not None and module in side.source.modules:
        return Judgement("OWN006", "Job command", (app(side.source.modules[module], module), deploy(place, said)))
    if module is not None:
        wrong = f"the Job runs {module}, and the app has no such module: call the command that the app documents"
        near = side.source.modules.get(f"{module.partition('.')[0]}.migrate", home)
        return Judgement("OWN006", "Job command", (app(near, "not there"), deploy(place, said)), wrong)
    known = bool(words) and words[0] in side.scripts
    wrong = "the Job's command is none that the app provides: call `python -m` and a module of the app"
    return Judgement(
        "OWN006", "Job command", (app(home, "the app's command"), deploy(place, said)), "" if known else wrong
    )


def _judge_image(pair: Pair) -> Iterator[Judgement]:
    """The image's own start command migrates nothing."""
    side, other = pair.app, pair.deploy
    jobs = [deploy(container.at("image"), "Job") for overlay in other.overlays for _, container in overlay.jobs]
    for each in side.stage:
        if each.name in ("CMD", "ENTRYPOINT"):
            wrong = (
                f"the image migrates when it starts ({each.argument}), once for every pod: leave the migration "
                "to the Job"
            )
            sides = (app(each.place, each.argument), *(jobs[:1] or [pair.anywhere]))
            yield Judgement("TWF008", each.name, sides, wrong if MIGRATES.search(each.argument) else "")
    for path in other.repository.matching("*.sql"):
        wrong = "the Deploy repo holds SQL: move it to the app's migrations/"
        sides = (app(side.migrations or side.home, "migrations"), deploy(Place(path), "SQL"))
        yield Judgement("OWN026", path, sides, wrong)


def _judge_start(overlay: Overlay, home: Place) -> Iterator[Judgement]:
    if overlay.workload is None:
        return
    starting = pod(overlay.workload).at("initContainers").elements() + (
        [overlay.container] if overlay.container else []
    )
    for container in starting:
        said = " ".join(command(container))
        if MIGRATES.search(said):
            wrong = f"the pod migrates when it starts ({said}), once for every replica: leave the migration to the Job"
            place = container.at("command") if container.at("command").present else container.at("args")
            yield Judgement("TWF008", "start of the pod", (app(home, "migrations"), deploy(place, said)), wrong)


def _judge_sql(overlay: Overlay, home: Place) -> Iterator[Judgement]:
    for node in overlay.rendering.of_kind("ConfigMap", "Job", "CronJob"):
        for below in node.walk():
            if below.text and SQL.search(below.text):
                wrong = (
                    "the manifests hold SQL: move it to the app's migrations/, and let the Job call the app's command"
                )
                yield Judgement("OWN026", "SQL", (app(home, "migrations"), deploy(below, "SQL")), wrong)
