"""Image tags: none that could move or that is missing, anywhere in the Deploy repo."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from tests.kube import DEPLOY, kustomize, of_kind

ENVIRONMENTS = ("production", "staging")
NUMBER = r"(0|[1-9]\d*)"
VERSION = re.compile(rf"v{NUMBER}\.{NUMBER}\.{NUMBER}")
CANDIDATE = re.compile(rf"{VERSION.pattern}-rc\.{NUMBER}")
COMMIT = re.compile(r"sha-[0-9a-f]{40}")
ALLOWED = {"production": (VERSION, COMMIT), "staging": (VERSION, COMMIT, CANDIDATE)}


def images(directory: Path) -> list[str]:
    """The image of every container that a directory renders."""
    rendered = kustomize(directory)
    workloads = of_kind(rendered, "Deployment") + of_kind(rendered, "Job")
    return [c["image"] for w in workloads for c in w["spec"]["template"]["spec"]["containers"]]


def permitted(environment: str, tag: str) -> bool:
    """Whether an environment may run a tag (Deploy document 3.1)."""
    return any(form.fullmatch(tag) for form in ALLOWED[environment])


@pytest.mark.rule("TAG001", "TAG002", "IMG007")
@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_an_overlay_pins_an_immutable_tag(environment: str) -> None:
    """The app and its migration run from one reference, whose tag can never mean something else."""
    found = images(DEPLOY / "k8s" / "overlays" / environment)
    assert len(found) == 2
    assert len(set(found)) == 1
    repository, _, tag = found[0].rpartition(":")
    assert repository == "ghcr.io/org/app"
    assert permitted(environment, tag)


@pytest.mark.rule("TAG007", "IMG007")
@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_chart_pins_the_tag_of_the_overlay(environment: str) -> None:
    """Whoever releases with Helm gets what the overlay names."""
    file = DEPLOY / "helm/apps/app" / f"values-{environment.replace('production', 'prod')}.yaml"
    tag = yaml.safe_load(file.read_text())["image"]["tag"]
    assert {f"ghcr.io/org/app:{tag}"} == set(images(DEPLOY / "k8s" / "overlays" / environment))


@pytest.mark.rule("TAG004", "MAN003")
def test_base_names_no_usable_tag() -> None:
    """base and the Job template say unset, so that an overlay must decide."""
    assert images(DEPLOY / "k8s" / "base") == ["ghcr.io/org/app:unset"]
    assert images(DEPLOY / "_shared" / "migrations") == ["ghcr.io/org/app:unset"]


@pytest.mark.rule("IMG007")
def test_the_word_latest_stands_nowhere() -> None:
    """No manifest, value, script, workflow or runbook names the tag that moves."""
    named = [
        str(f.relative_to(DEPLOY))
        for f in DEPLOY.rglob("*")
        if f.is_file() and re.search(r"\blatest\b", f.read_text(), re.IGNORECASE)
    ]
    assert named == []


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_an_overlay_without_a_tag_renders_the_unusable_one(environment: str, deploy: Path) -> None:
    """Dropping the images entry is visible in what is rendered."""
    file = deploy / "k8s" / "overlays" / environment / "kustomization.yaml"
    text = file.read_text()
    file.write_text(text[: text.index("images:")])
    assert set(images(file.parent)) == {"ghcr.io/org/app:unset"}
    assert not permitted(environment, "unset")


@pytest.mark.parametrize(
    "tag", ["latest", "dev", "v1.2", "1.2.3", "v01.2.3", "v1.2.3+b1", "sha-3f2a9c1", "20260202-101500"]
)
def test_a_tag_that_could_move_is_permitted_nowhere(tag: str) -> None:
    """Names of branches, short or partial versions, short commits and clocks are refused."""
    assert not any(permitted(environment, tag) for environment in ENVIRONMENTS)


def test_a_release_candidate_is_permitted_in_staging_only() -> None:
    """vX.Y.Z-rc.N may be tried in staging and never run in production."""
    assert permitted("staging", "v1.5.0-rc.1")
    assert not permitted("production", "v1.5.0-rc.1")
