"""The script that sets a tag, and what Git makes of it."""

from __future__ import annotations

import subprocess

import pytest
from tests.deploy.sandbox import PRODUCTION, Sandbox


@pytest.mark.parametrize("tag", ["latest", "unset", "v1.4", "sha-3f2a9c1"])
@pytest.mark.rule("TAG001", "TAG002")
def test_a_deploy_refuses_a_tag_that_could_move(tag: str, sandbox: Sandbox) -> None:
    """Rendering stops at the tag, so that nothing reaches the cluster."""
    file = sandbox.root / "k8s/overlays/production/kustomization.yaml"
    file.write_text(file.read_text().replace("newTag: v1.4.2", f"newTag: {tag}"))
    done = sandbox.run("deploy/apply.sh", **PRODUCTION)
    assert (done.returncode, sandbox.calls) == (1, [])
    assert f"ghcr.io/org/app:{tag}: the overlay must name an immutable tag" in done.stderr


def rendered_lines(sandbox: Sandbox) -> list[str]:
    """What production deploys, as lines."""
    return sandbox.run("build/render.sh", ENVIRONMENT="production").stdout.splitlines()


@pytest.mark.rule("TAG006")
def test_a_new_tag_is_one_line_in_git_and_two_images_in_the_rendering(sandbox: Sandbox) -> None:
    """set-tag edits the overlay's one line; only the image of Deployment and Job follows; again changes nothing."""
    file = sandbox.root / "k8s/overlays/production/kustomization.yaml"
    before, lines = rendered_lines(sandbox), file.read_text().splitlines()
    new = {"ENVIRONMENT": "production", "IMAGE_TAG": "v1.5.0"}
    assert sandbox.run("deploy/set-tag.sh", **new).returncode == 0
    after, edited = rendered_lines(sandbox), file.read_text().splitlines()
    changed = [(a, b) for a, b in zip(lines, edited, strict=True) if a != b]
    assert changed == [("    newTag: v1.4.2", "    newTag: v1.5.0")]
    images = [(a.strip(), b.strip()) for a, b in zip(before, after, strict=True) if a != b]
    assert images == [("image: ghcr.io/org/app:v1.4.2", "image: ghcr.io/org/app:v1.5.0")] * 2
    assert sandbox.run("deploy/set-tag.sh", **new).returncode == 0
    assert file.read_text().splitlines() == edited


@pytest.mark.parametrize(
    ("environment", "tag"),
    [
        ("production", "latest"),
        ("production", "v1.5.0-rc.1"),
        ("production", "20260202-101500"),
        ("staging", "v1.5"),
        ("staging", "v1.5.0/x"),
        ("staging", "sha-3f2a9c1"),
    ],
)
@pytest.mark.rule("TAG001", "TAG002")
def test_set_tag_refuses_what_the_environment_must_not_run(environment: str, tag: str, sandbox: Sandbox) -> None:
    """A tag that could move, a short commit, and in production a candidate: the overlay stays as it is."""
    file = sandbox.root / f"k8s/overlays/{environment}/kustomization.yaml"
    before = file.read_text()
    assert sandbox.run("deploy/set-tag.sh", ENVIRONMENT=environment, IMAGE_TAG=tag).returncode == 1
    assert file.read_text() == before


@pytest.mark.parametrize("tag", ["v1.5.0", "v1.5.0-rc.12", "sha-" + "0a" * 20])
@pytest.mark.rule("TAG002")
def test_staging_takes_releases_candidates_and_commits(tag: str, sandbox: Sandbox) -> None:
    """The three forms are written, and rendered."""
    assert sandbox.run("deploy/set-tag.sh", ENVIRONMENT="staging", IMAGE_TAG=tag).returncode == 0
    assert f"image: ghcr.io/org/app:{tag}" in sandbox.run("build/render.sh", ENVIRONMENT="staging").stdout


@pytest.mark.rule("GOP007")
def test_reverting_the_tag_commit_brings_the_old_rendering_back(sandbox: Sandbox) -> None:
    """git revert of the one commit gives the same manifests as before, byte for byte."""
    git = ["git", "-C", str(sandbox.root), "-c", "user.name=t", "-c", "user.email=t@example.invalid"]
    for command in (["init", "-q"], ["add", "--all"], ["commit", "-qm", "Start"]):
        subprocess.run([*git, *command], check=True)
    before = rendered_lines(sandbox)
    sandbox.run("deploy/set-tag.sh", ENVIRONMENT="production", IMAGE_TAG="v1.5.0")
    subprocess.run([*git, "commit", "-qam", "production runs v1.5.0"], check=True)
    assert rendered_lines(sandbox) != before
    subprocess.run([*git, "revert", "--no-edit", "HEAD"], check=True, capture_output=True)
    assert rendered_lines(sandbox) == before
