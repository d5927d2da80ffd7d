"""The Helm chart: lints strictly, renders the overlays' objects, refuses values that could not run."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
from tests.deploy.rendering import CHART
from tests.kube import DEPLOY, Manifest, helm, helm_template, kustomize

from apparch.pages.judges.objects import faults

ENVIRONMENTS = {"production": ("values-prod.yaml", "prj-01-prod"), "staging": ("values-staging.yaml", "prj-01-staging")}
# What a namespace needs before any release: applied once, not owned by the chart.
NOT_IN_CHART = {"Namespace", "SealedSecret"}


def lint(chart: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """helm lint, warnings counted as errors."""
    return subprocess.run([helm(), "lint", "--strict", chart, *options], capture_output=True, text=True, check=False)


def comparable(manifests: list[Manifest]) -> dict[tuple[str, str], Manifest]:
    """Objects by kind and name; Helm's own annotations mean nothing to kustomize."""
    for m in manifests:
        annotations: dict[str, Any] = m["metadata"].get("annotations", {})
        for key in [k for k in annotations if k.startswith("helm.sh/")]:
            del annotations[key]
    return {(m["kind"], m["metadata"]["name"]): m for m in manifests if m["kind"] not in NOT_IN_CHART}


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_chart_lints_without_a_warning(environment: str) -> None:
    """helm lint --strict takes the chart with each environment's values."""
    done = lint(CHART, "--values", str(CHART / ENVIRONMENTS[environment][0]))
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.rule("OWN025")
@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_chart_renders_the_objects_of_the_overlay(environment: str) -> None:
    """Helm and kustomize give the same eight objects, key for key."""
    values, namespace = ENVIRONMENTS[environment]
    ours = comparable(helm_template(CHART, values, namespace))
    theirs = comparable(kustomize(DEPLOY / "k8s" / "overlays" / environment))
    assert len(ours) == 8
    assert ours == theirs


@pytest.mark.rule("TAG007")
def test_the_chart_alone_does_not_deploy() -> None:
    """values.yaml holds no tag, and the schema of the values says so."""
    done = lint(CHART)
    assert done.returncode != 0
    assert "/image/tag" in done.stdout


@pytest.mark.rule("TAG007")
@pytest.mark.parametrize(
    ("option", "where"),
    [
        ("image.tag=latest", "/image/tag"),
        ("image.tag=v1.4", "/image/tag"),
        ("image.repository=docker.io/org/app", "/image/repository"),
        ("replicas=1", "/replicas"),
        ("replica=3", "replica"),
        ("config.DB_HOST=", "/config/DB_HOST"),
    ],
)
def test_values_that_could_not_run_are_refused(option: str, where: str) -> None:
    """A moving tag, a foreign registry, one replica, a misspelt key and an empty setting render nothing."""
    with pytest.raises(subprocess.CalledProcessError) as failed:
        helm_template(CHART, "values-prod.yaml", "prj-01-prod", "--set", option)
    assert where in failed.value.stderr


def test_a_singleton_is_valid_too() -> None:
    """What singleton=true makes of the chart passes strict schemas."""
    rendered = helm_template(CHART, "values-prod.yaml", "prj-01-prod", "--set", "singleton=true")
    assert [(m["kind"], faults(m)) for m in rendered if faults(m)] == []


def test_a_chart_that_drifts_from_base_is_noticed(deploy: Path) -> None:
    """A probe changed in base only makes the two renderings differ."""
    file = deploy / "k8s/base/deployments/app.yaml"
    file.write_text(file.read_text().replace("failureThreshold: 30", "failureThreshold: 31"))
    ours = comparable(helm_template(CHART, *ENVIRONMENTS["production"]))
    theirs = comparable(kustomize(deploy / "k8s/overlays/production"))
    assert [key for key in ours if ours[key] != theirs[key]] == [("Deployment", "app")]
