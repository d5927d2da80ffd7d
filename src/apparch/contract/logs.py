"""The logs: to standard output, so no volume for them (App document 5.3)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from apparch.contract.model import Judgement, app, deploy
from apparch.contract.pair import Environment, Pair
from apparch.deploy.pods import pod

_LOGS = re.compile(r"(^|[/_.-])logs?($|[/_.-])", re.IGNORECASE)


def judge(pair: Pair) -> Iterator[Judgement]:
    """Judge the mounts of the app's pod and the claims beside it."""
    yield from pair.each(_judge)


def _judge(here: Environment) -> Iterator[Judgement]:
    side, overlay = here.app, here.overlay
    if overlay.workload is None or overlay.container is None:
        return
    published = app(side.variable_place("LOG_FORMAT"), "standard output")
    mounts = overlay.container.at("volumeMounts")
    found = False
    for mount in mounts.elements():
        path = mount.at("mountPath")
        if _LOGS.search(str(path)) or _LOGS.search(str(mount.at("name"))):
            found = True
            wrong = (
                f"a volume is mounted for logs at {path}, and the app writes them to standard output: remove "
                "the mount and its volume"
            )
            yield Judgement("LOG005", "volumeMounts", (published, deploy(path)), wrong)
    for node in overlay.rendering.of_kind("PersistentVolumeClaim"):
        title = node.at("metadata", "name")
        if _LOGS.search(str(title)) and not found:
            found = True
            wrong = f"the claim {title} keeps logs, and the app writes them to standard output: remove it"
            yield Judgement("LOG005", "PersistentVolumeClaim", (published, deploy(title)), wrong)
    if not found:
        yield Judgement(
            "LOG005", "volumeMounts", (published, deploy(pod(overlay.workload).at("volumes"), "none for logs"))
        )
