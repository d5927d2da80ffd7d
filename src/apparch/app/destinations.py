"""Under which references a command pushes an image."""

from __future__ import annotations

from collections.abc import Callable

from apparch.repository.programs import Program


def destinations(run: Program) -> list[str]:
    """The references of a command that pushes, as they are written."""
    judge = _OF.get(run.name)
    return judge(run) if judge else []


def _docker(run: Program) -> list[str]:
    if run.words[:1] == ("push",):
        return [] if run.has("--all-tags", "-a") else list(run.words[1:2])
    return run.option("-t", "--tag") if "build" in run.words[:2] else []


def _azure(run: Program) -> list[str]:
    registry = next(iter(run.option("-r", "--registry")), "").removesuffix(".azurecr.io")
    return [f"{registry}.azurecr.io/{each}" for each in run.option("-t", "--image")]


_OF: dict[str, Callable[[Program], list[str]]] = {
    **dict.fromkeys(("docker", "podman", "nerdctl", "buildah"), _docker),
    "az": _azure,
    "gcloud": lambda run: run.option("-t", "--tag"),
    "executor": lambda run: run.option("-d", "--destination"),
    "skopeo": lambda run: [word.removeprefix("docker://") for word in run.words[-1:]],
    "pack": lambda run: list(run.words[1:2]),
}
