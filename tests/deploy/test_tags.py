"""Image tags: none that could move or that is missing, anywhere in the Deploy repo."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from tests.deploy.rendering import (
    BY_HELM,
    CHART,
    ENVIRONMENTS,
    EXAMPLES,
    containers,
    of_the_app,
    rendering,
    scalars,
    workloads,
)
from tests.kube import DEPLOY, helm_template, kustomize

NUMBER = r"(0|[1-9]\d*)"
VERSION = re.compile(rf"v{NUMBER}\.{NUMBER}\.{NUMBER}")
CANDIDATE = re.compile(rf"{VERSION.pattern}-rc\.{NUMBER}")
COMMIT = re.compile(r"sha-[0-9a-f]{40}")
ALLOWED = {"production": (VERSION, COMMIT), "staging": (VERSION, COMMIT, CANDIDATE)}


def images(carrier: str) -> list[str]:
    """The image of every container that runs the app there."""
    return [each["image"] for workload in workloads(rendering(carrier)) for each in of_the_app(workload)]


def tags(carrier: str) -> set[str]:
    """The tags that a carrier runs the app with."""
    return {image.rpartition(":")[2] for image in images(carrier)}


def permitted(environment: str, tag: str) -> bool:
    """Whether an environment may run a tag (Deploy document 3.1)."""
    return any(form.fullmatch(tag) for form in ALLOWED[environment])


@pytest.mark.rule("TAG001", "IMG007")
@pytest.mark.parametrize("carrier", ["k8s/overlays/production", *EXAMPLES, "helm: production"])
def test_production_runs_a_release_or_a_commit(carrier: str) -> None:
    """The app and its migration run from one tag, which can never mean something else and is no candidate."""
    assert len(images(carrier)) >= 2
    (tag,) = tags(carrier)
    assert permitted("production", tag)


@pytest.mark.rule("TAG002", "IMG007")
@pytest.mark.parametrize("carrier", ["k8s/overlays/staging", "helm: staging"])
def test_staging_runs_a_release_a_candidate_or_a_commit(carrier: str) -> None:
    """The app and its migration run from one tag, which can never mean something else."""
    assert len(images(carrier)) >= 2
    (tag,) = tags(carrier)
    assert permitted("staging", tag)


@pytest.mark.rule("TAG004")
@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_an_overlay_sets_the_tag_once_under_images(environment: str) -> None:
    """One entry with one newTag, no patch with an image, and the tag is the one that is rendered."""
    directory = DEPLOY / "k8s" / "overlays" / environment
    kustomization = yaml.safe_load((directory / "kustomization.yaml").read_text())
    assert [set(entry) - {"newName"} for entry in kustomization.get("images", [])] == [{"name", "newTag"}]
    assert [f.name for f in (directory / "patches").iterdir() if re.search(r"\bimage:", f.read_text())] == []
    assert tags(f"k8s/overlays/{environment}") == {kustomization["images"][0]["newTag"]}


@pytest.mark.rule("TAG006")
@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_tag_stands_in_one_place_of_the_overlay(environment: str) -> None:
    """One line is enough to change the version, because no other line of the overlay repeats it."""
    directory = DEPLOY / "k8s" / "overlays" / environment
    (tag,) = tags(f"k8s/overlays/{environment}")
    lines = [line for f in directory.rglob("*") if f.is_file() for line in f.read_text().splitlines() if tag in line]
    assert [line.strip() for line in lines] == [f"newTag: {tag}"]


@pytest.mark.rule("TAG006")
def test_a_new_tag_of_the_chart_changes_the_images_only() -> None:
    """Rendered with another tag, nothing differs but the image of the app and of its Job."""
    values = BY_HELM["helm: production"]
    ours, theirs = (helm_template(CHART, *values, "--set", f"image.tag={tag}") for tag in ("v1.5.0", "v1.5.1"))
    before, after = ([pair for m in manifests for pair in scalars(m)] for manifests in (ours, theirs))
    differing = [(a, b) for a, b in zip(before, after, strict=True) if a != b]
    assert [a[0][-1] for a, _ in differing] == ["image", "image"]


@pytest.mark.rule("TAG007", "IMG007")
@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_chart_pins_the_tag_of_the_overlay(environment: str) -> None:
    """Whoever releases with Helm gets what the overlay names."""
    tag = yaml.safe_load((CHART / BY_HELM[f"helm: {environment}"][0]).read_text())["image"]["tag"]
    assert {tag} == tags(f"k8s/overlays/{environment}")


@pytest.mark.rule("TAG004", "MAN003")
def test_base_names_no_usable_tag() -> None:
    """base and the Job template say unset, so that an overlay must decide."""
    for layer in ("k8s/base", "_shared/migrations"):
        found = [each["image"] for workload in workloads(rendering(layer)) for each in containers(workload)]
        assert found
        assert {image.rpartition(":")[2] for image in found} == {"unset"}


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
    rendered = {each["image"] for workload in workloads(kustomize(file.parent)) for each in containers(workload)}
    assert rendered == {"ghcr.io/org/app:unset"}
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
