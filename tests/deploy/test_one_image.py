"""Everything that the Deploy repo can render runs one image, as the image was built."""

from __future__ import annotations

import re
from itertools import chain
from pathlib import PurePosixPath
from typing import Any

import pytest
from tests.deploy.rendering import RENDERINGS, rendering, workloads
from tests.kube import ROOT, only
from tests.release.dockerfile import stages

IMAGE = "ghcr.io/org/app"
DOCKERFILE = ROOT / "snippets/app/docker/Dockerfile"


def containers(name: str) -> list[dict[str, Any]]:
    """Every container of every workload of a rendering, those that run first included."""
    pods = [each["spec"]["template"]["spec"] for each in workloads(rendering(name))]
    return [each for pod in pods for each in chain(pod["containers"], pod.get("initContainers", []))]


def filled() -> set[PurePosixPath]:
    """The directories that the image's last stage fills."""
    copied = [arguments.split()[-1] for arguments in stages(DOCKERFILE.read_text("utf-8"))[-1].all("COPY")]
    return {PurePosixPath(path) for path in copied if path.startswith("/")}


@pytest.mark.rule("OWN022")
@pytest.mark.parametrize("name", RENDERINGS)
def test_every_container_runs_the_one_image(name: str) -> None:
    """By overlay, component or chart, as a server or as a Job: the name is one, and so is the tag."""
    images = {each["image"] for each in containers(name)}
    assert {re.split("[:@]", image)[0] for image in images} == {IMAGE}
    assert len(images) == 1


@pytest.mark.rule("OWN022")
@pytest.mark.parametrize("name", RENDERINGS)
def test_nothing_is_mounted_over_what_the_image_holds(name: str) -> None:
    """A mount at, in or around a directory that the image fills would make it another image."""
    mounted = {PurePosixPath(mount["mountPath"]) for each in containers(name) for mount in each.get("volumeMounts", [])}
    assert filled()
    assert [m for m in mounted for f in filled() if m.is_relative_to(f) or f.is_relative_to(m)] == []


@pytest.mark.rule("OWN006")
@pytest.mark.parametrize("name", RENDERINGS)
def test_the_migration_is_the_app_images_own(name: str) -> None:
    """The Job runs the command of the very image that the Deployment runs."""
    (server,) = only(rendering(name), "Deployment")["spec"]["template"]["spec"]["containers"]
    (job,) = only(rendering(name), "Job")["spec"]["template"]["spec"]["containers"]
    assert (job["image"], job["command"]) == (server["image"], ["python", "-m", "app.migrate"])
