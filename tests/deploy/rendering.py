"""What an environment deploys, and the parts of it that several tests look at."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.kube import DEPLOY, Manifest, kustomize

ENVIRONMENTS = ("production", "staging")

NAMESPACES = {"production": "prj-01-prod", "staging": "prj-01-staging"}


def overlay(environment: str, root: Path = DEPLOY) -> list[Manifest]:
    """What an environment deploys."""
    return kustomize(root / "k8s" / "overlays" / environment)


def pod(workload: Manifest) -> dict[str, Any]:
    """The pod that a workload makes."""
    spec: dict[str, Any] = workload["spec"]["template"]["spec"]
    return spec


def container(workload: Manifest) -> dict[str, Any]:
    """The one container of that pod."""
    (found,) = pod(workload)["containers"]
    assert isinstance(found, dict)
    return found
