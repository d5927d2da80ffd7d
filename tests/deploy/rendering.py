"""What the Deploy repo brings to a cluster, by every way there is, and the parts of it that several tests look at."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml
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
OVERLAYS = tuple(f"k8s/overlays/{environment}" for environment in ENVIRONMENTS)
RENDERINGS = (*OVERLAYS, *EXAMPLES, *BY_HELM)
"""Everything that the repo can deploy: each overlay, each component, the chart with each of its values."""


HASH = re.compile(r"(app-config)-[a-z0-9]{10}")
"""What kustomize adds to the name of the settings."""


@cache
def rendering(name: str) -> list[Manifest]:
    """One of RENDERINGS, or another directory of kustomize, rendered once; not to be changed."""
    return helm_template(CHART, *BY_HELM[name]) if name in BY_HELM else without_hashes(kustomize(DEPLOY / name))


def without_hashes(value: Any) -> Any:
    """The same with the settings under the name that a person gave them."""
    match value:
        case dict():
            return {key: without_hashes(below) for key, below in value.items()}
        case list():
            return [without_hashes(below) for below in value]
        case _:
            return HASH.sub(r"\1", value) if isinstance(value, str) else value


def namespace(environment: str) -> Manifest:
    """The Namespace of an environment, which is applied apart from what the overlay renders."""
    (home,) = {each["metadata"]["namespace"] for each in overlay(environment)}
    found: Manifest = yaml.safe_load((DEPLOY / f"k8s/namespaces/{home}.yaml").read_text())
    return found


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
    found: list[Manifest] = without_hashes(kustomize(root / "k8s" / "overlays" / environment))
    return found


def pod(workload: Manifest) -> dict[str, Any]:
    """The pod that a workload makes."""
    spec: dict[str, Any] = workload["spec"]["template"]["spec"]
    return spec


def container(workload: Manifest) -> dict[str, Any]:
    """The one container of that pod."""
    (found,) = pod(workload)["containers"]
    assert isinstance(found, dict)
    return found


def containers(workload: Manifest) -> list[dict[str, Any]]:
    """Every container of that pod, those that run before the others included."""
    spec = pod(workload)
    return [*spec.get("initContainers", []), *spec["containers"]]


def of_the_app(workload: Manifest) -> list[dict[str, Any]]:
    """The containers of that pod that run the app's own image, whatever its registry."""
    return [each for each in containers(workload) if each["image"].rpartition(":")[0].endswith("/app")]


def documents(*suffixes: str) -> Iterator[tuple[Path, Any]]:
    """Every YAML document in a file of the Deploy repo, the chart's templates apart, which are none yet."""
    for file in sorted(f for suffix in suffixes or ("yaml", "yml") for f in DEPLOY.rglob(f"*.{suffix}")):
        if not file.is_relative_to(CHART / "templates"):
            for document in yaml.safe_load_all(file.read_text()):
                yield file, document


def scalars(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every value below a value that holds no others, with the keys that lead to it."""
    match value:
        case dict():
            for key, below in value.items():
                yield from scalars(below, (*path, str(key)))
        case list():
            for below in value:
                yield from scalars(below, (*path, "[]"))
        case _:
            yield path, value
