"""The Helm chart: lints strictly, renders the overlays' objects, refuses values that could not run."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
from tests.deploy.rendering import CHART, container, without_hashes
from tests.kube import DEPLOY, Manifest, helm, helm_template, kustomize, of_kind, only

from apparch.pages.proved.judges.objects import faults

ENVIRONMENTS = {"production": ("values-prod.yaml", "prj-01-prod"), "staging": ("values-staging.yaml", "prj-01-staging")}
# What a namespace needs before any release: applied once, not owned by the chart.
NOT_IN_CHART = {"Namespace", "SealedSecret"}


def lint(chart: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """helm lint, warnings counted as errors."""
    return subprocess.run([helm(), "lint", "--strict", chart, *options], capture_output=True, text=True, check=False)


def comparable(manifests: list[Manifest]) -> dict[tuple[str, str], Manifest]:
    """Objects by kind and name; Helm's own annotations mean nothing to kustomize, which hashes the settings' name."""
    manifests = without_hashes(manifests)
    for m in manifests:
        m.get("spec", {}).get("template", {}).get("metadata", {}).pop("annotations", None)
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
    """Helm and kustomize give the same nine objects, key for key."""
    values, namespace = ENVIRONMENTS[environment]
    ours = comparable(helm_template(CHART, values, namespace))
    theirs = comparable(kustomize(DEPLOY / "k8s" / "overlays" / environment))
    assert len(ours) == 9
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


@pytest.mark.rule("GOP012")
def test_a_changed_setting_changes_the_charts_pods() -> None:
    """The pods carry a checksum of the settings, so that an upgrade of settings alone rolls out."""
    before, after = (
        only(
            helm_template(CHART, "values-prod.yaml", "prj-01-prod", "--set", f"config.LOG_LEVEL={level}"), "Deployment"
        )
        for level in ("INFO", "DEBUG")
    )
    assert before["spec"]["template"] != after["spec"]["template"]


def test_the_first_release_waits_for_no_hook() -> None:
    """The Job comes with the rest: as a hook before there would be no settings, after it no end to the waiting."""
    rendered = helm_template(CHART, "values-prod.yaml", "prj-01-prod")
    assert [m for m in rendered if "helm.sh/hook" in m["metadata"].get("annotations", {})] == []
    assert container(only(rendered, "Job"))["envFrom"][0] == {"configMapRef": {"name": "app-config"}}


def test_an_upgrade_migrates_with_the_new_settings_before_it_touches_the_app() -> None:
    """Job and settings of its own are hooks before the upgrade, the settings first; a failure leaves the release."""
    rendered = helm_template(CHART, "values-prod.yaml", "prj-01-prod", "--is-upgrade")
    hooks = {m["metadata"]["name"]: m["metadata"]["annotations"] for m in rendered if hook(m)}
    assert {name: found["helm.sh/hook"] for name, found in hooks.items()} == {
        "app-migrate": "pre-upgrade",
        "app-migrate-config": "pre-upgrade",
    }
    assert int(hooks["app-migrate-config"]["helm.sh/hook-weight"]) < 0
    theirs, ours = (only([m], "ConfigMap")["data"] for m in of_kind(rendered, "ConfigMap"))
    assert theirs == ours
    assert container(only(rendered, "Job"))["envFrom"][0] == {"configMapRef": {"name": "app-migrate-config"}}


def hook(manifest: Manifest) -> bool:
    """Whether helm runs an object before or after a release instead of keeping it."""
    return "helm.sh/hook" in manifest["metadata"].get("annotations", {})
