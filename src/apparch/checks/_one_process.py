"""The judges of what runs beside the app's one process: more of it in a pod, and migrations when it starts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from apparch.app.repo import AppRepo
from apparch.app.stages import final, lineage, released
from apparch.checks._deploy import app_pods
from apparch.checks._migrating import IMAGES, migrates
from apparch.checks._shared import finding
from apparch.checks._started import started
from apparch.checks.whole import Whole
from apparch.deploy.pods import all_containers, command
from apparch.deploy.repo import DeployRepo
from apparch.finding import Answer
from apparch.repository import Place
from apparch.repository.kustomize.objects import kind, name
from apparch.repository.programs import Program, program
from apparch.repository.shell import parse_commands

_SERVERS: dict[str, tuple[str, ...]] = {
    "gunicorn": ("-w", "--workers"),
    "uvicorn": ("--workers",),
    "hypercorn": ("-w", "--workers"),
    "granian": ("--workers",),
    "fastapi": ("--workers",),
    "uwsgi": ("-p", "--processes", "--workers"),
    "puma": ("-w", "--workers"),
    "pm2-runtime": ("-i",),
    "pm2": ("-i",),
}
"""The options by which servers are told how many processes to start."""
_NUMBER = re.compile(r"(?:\$\{\w+:?-)?([0-9]{1,4})\}?")


def twf007(whole: Whole) -> Iterator[Answer]:
    """The image starts one process of the app, and replicas make more; what a pod starts instead is MAN008's."""
    for app in whole.apps:
        for each in started(app):
            if count := _processes(each.run):
                yield _many(each.place, each.run.name, count)
        for _, stages in released(app):
            for stage in lineage(stages, final(stages)):
                for instruction in stage.all("ENV"):
                    for key, value in instruction.assignments:
                        if key == "WEB_CONCURRENCY" and re.fullmatch(r"[2-9]|[1-9][0-9]+", value or ""):
                            yield _many(instruction.place, key, value or "")


def _many(place: Place, what: str, count: str) -> Answer:
    return finding(
        "TWF007",
        place,
        f"{what}: 파드 하나에서 앱 프로세스 {count}개를 시작한다",
        f"{what} starts {count} processes of the app in one pod",
    )


def _processes(run: Program) -> str:
    """How many processes a server is told to start; empty for one, or where it is not said."""
    for value in run.option(*_SERVERS.get(run.name, ())):
        number = _NUMBER.fullmatch(value)
        if number and int(number[1]) > 1:
            return number[1]
        if value in ("max", "auto", "0") and run.name.startswith("pm2"):
            return value
    joined = [re.fullmatch(r"-w([0-9]{1,4})", word) for word in run.arguments] if run.name == "gunicorn" else []
    return next((match[1] for match in joined if match and int(match[1]) > 1), "")


def _runs(words: Sequence[str]) -> list[Program]:
    """The programs of a container's command, also of what a shell reads."""
    inline = [words[at + 1] for at, word in enumerate(words[:-1]) if re.fullmatch(r"-\w*c", word)]
    if inline:
        return [program(each.words) for each in parse_commands(inline[0])]
    return [program(words)] if words else []


def twf008(whole: Whole) -> Iterator[Answer]:
    """A migration is a process of its own and no part of every start."""
    for app in whole.apps:
        for each in started(app):
            if migrates(each.run) and not _is_all(app, each.place):
                yield _with_every_start(each.place, each.run)
    for deploy in whole.deploys:
        for seen, container in app_pods(deploy, before=True):
            if kind(seen.node) in ("Job", "CronJob", "Pod"):
                continue
            where = container.key("args") if container.at("args").present else container.key("command")
            for run in _runs(command(container)):
                if migrates(run):
                    yield _with_every_start(where, run)


def _with_every_start(place: Place, run: Program) -> Answer:
    said = " ".join((run.name, *run.words[:2]))
    return finding(
        "TWF008",
        place,
        f"파드가 시작할 때마다 {said}로 마이그레이션한다",
        f"every pod that starts migrates, by {said}",
    )


def _is_all(app: AppRepo, place: Place) -> bool:
    """Whether the image does nothing else when it starts: it is there for migrations."""
    return all(migrates(each.run) for each in started(app) if each.place.path == place.path)


def own006(whole: Whole) -> Iterator[Answer]:
    """What migrates is in the app's image."""
    for deploy in whole.deploys:
        yield from _migrated_by_others(deploy)
    for app in whole.apps:
        yield from _left_behind(app)


def _migrated_by_others(deploy: DeployRepo) -> Iterator[Answer]:
    for each in deploy.objects:
        if each.system or kind(each.node) not in ("Job", "CronJob", "Deployment", "StatefulSet"):
            continue
        for container in all_containers(each.node):
            image = container.at("image")
            if IMAGES.search(image.text or ""):
                yield finding(
                    "OWN006",
                    image.place,
                    f"{kind(each.node)} {name(each.node)}: 앱의 이미지가 아니라 {image}가 마이그레이션한다",
                    f"the {kind(each.node)} {name(each.node)} migrates with {image}, not with the app's image",
                )


def _left_behind(app: AppRepo) -> Iterator[Answer]:
    """An image without the folder of migrations that its repository has."""
    folder = f"{app.repository.prefix}migrations/"
    if not any(path.startswith(folder) for path in app.product):
        return
    for _, stages in released(app):
        copies = [each for stage in stages for key in ("COPY", "ADD") for each in stage.all(key)]
        mounts = [each for stage in stages for each in stage.all("RUN") if each.flag("mount")]
        taken = " ".join(word for each in copies for word in each.rest.split()[:-1])
        if mounts or not copies or re.search(r"migrations|(^|\s)\.?/?(\s|$)|[$*]|<<", taken):
            continue
        yield finding(
            "OWN006",
            final(stages).begin.place,
            "migrations/를 이미지에 넣지 않는다",
            "the image is built without migrations/",
        )
