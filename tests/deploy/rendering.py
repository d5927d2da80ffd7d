"""What an environment deploys, and the parts of it that several tests look at."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from tests.kube import DEPLOY, ROOT, Manifest, helm_template, kustomize

ENVIRONMENTS = ("production", "staging")

NAMESPACES = {"production": "prj-01-prod", "staging": "prj-01-staging"}

CHART = DEPLOY / "helm/apps/app"
BY_HELM = {
    "helm: production": ("values-prod.yaml", NAMESPACES["production"]),
    "helm: staging": ("values-staging.yaml", NAMESPACES["staging"]),
    "helm: a singleton": ("values-prod.yaml", NAMESPACES["production"], "--set", "singleton=true"),
}
EXAMPLES = tuple(f"k8s/examples/{folder.name}" for folder in sorted((DEPLOY / "k8s/examples").iterdir()))
"""Production with one component each."""
RENDERINGS = (*(f"k8s/overlays/{environment}" for environment in ENVIRONMENTS), *EXAMPLES, *BY_HELM)
"""Everything that the repo can deploy: each overlay, each component, the chart with each of its values."""


@cache
def rendering(name: str) -> list[Manifest]:
    """One of RENDERINGS, rendered once; not to be changed."""
    return helm_template(CHART, *BY_HELM[name]) if name in BY_HELM else kustomize(DEPLOY / name)


def workloads(manifests: list[Manifest]) -> list[Manifest]:
    """All that makes pods, by whatever kind."""
    jobs = [each["spec"]["jobTemplate"] for each in manifests if each["kind"] == "CronJob"]
    return [*jobs, *(each for each in manifests if "spec" in each.get("spec", {}).get("template", {}))]


def seconds(manifests: list[Manifest], name: str) -> float:
    """A time that the app is told by its ConfigMap, or takes by default."""
    told = {key: value for each in manifests if each["kind"] == "ConfigMap" for key, value in each["data"].items()}
    schema = json.loads((ROOT / "snippets/app/config/settings.schema.json").read_text())
    return float(told.get(name, schema["properties"][name]["default"]))


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
