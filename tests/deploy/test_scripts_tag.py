"""The script that sets a tag, and what Git makes of it."""

from __future__ import annotations

import re
import subprocess

import pytest
import yaml
from tests.deploy.sandbox import PRODUCTION, Sandbox
from tests.deploy.workflows import steps
from tests.kube import Manifest

NEW_TAG = re.compile(r"newTag: \S+")


@pytest.mark.parametrize("tag", ["latest", "unset", "v1.4", "sha-3f2a9c1"])
@pytest.mark.rule("TAG001", "TAG002")
def test_a_deploy_refuses_a_tag_that_could_move(tag: str, sandbox: Sandbox) -> None:
    """Rendering stops at the tag, so that nothing reaches the cluster."""
    file = sandbox.root / "k8s/overlays/production/kustomization.yaml"
    file.write_text(NEW_TAG.sub(f"newTag: {tag}", file.read_text()))
    done = sandbox.run("deploy/apply.sh", **PRODUCTION)
    assert (done.returncode, sandbox.calls) == (1, [])
    assert f"ghcr.io/org/app:{tag}: the overlay must name an immutable tag" in done.stderr


def rendered(sandbox: Sandbox, environment: str) -> list[Manifest]:
    """What an environment deploys."""
    return list(yaml.safe_load_all(sandbox.run("build/render.sh", ENVIRONMENT=environment).stdout))


@pytest.mark.rule("TAG006")
@pytest.mark.parametrize("environment", ["production", "staging"])
def test_a_new_tag_is_one_line_in_git_and_two_images_in_the_rendering(environment: str, sandbox: Sandbox) -> None:
    """set-tag edits one line of the repo; only the images of Deployment and Job follow; again changes nothing."""
    git(sandbox, "init", "-q")
    git(sandbox, "add", "--all")
    git(sandbox, "commit", "-qm", "Start")
    before, new = rendered(sandbox, environment), {"ENVIRONMENT": environment, "IMAGE_TAG": "v9.5.0"}
    assert sandbox.run("deploy/set-tag.sh", **new).returncode == 0
    changed = [line for line in git(sandbox, "diff", "-U0").splitlines() if re.match(r"[+-] ", line)]
    assert [NEW_TAG.sub("newTag: TAG", line) for line in changed] == ["-    newTag: TAG", "+    newTag: TAG"]
    for manifest in before:
        if manifest["kind"] in ("Deployment", "Job"):
            (container,) = manifest["spec"]["template"]["spec"]["containers"]
            container["image"] = container["image"].rpartition(":")[0] + ":v9.5.0"
    assert rendered(sandbox, environment) == before
    edited = git(sandbox, "diff")
    assert sandbox.run("deploy/set-tag.sh", **new).returncode == 0
    assert git(sandbox, "diff") == edited


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


@pytest.mark.rule("GOP007", "GOP010")
def test_the_commit_that_bump_tag_proposes_can_be_reverted(sandbox: Sandbox) -> None:
    """The workflow's own steps, run: main stays as it is, one commit on a branch sets the tag, its revert undoes it."""
    origin = sandbox.work / "origin.git"
    git(sandbox, "init", "-q", "--initial-branch=main")
    git(sandbox, "add", "--all")
    git(sandbox, "commit", "-qm", "Start")
    git(sandbox, "init", "-q", "--bare", str(origin))
    git(sandbox, "remote", "add", "origin", str(origin))
    git(sandbox, "push", "-q", "origin", "main")
    before, start = rendered(sandbox, "production"), git(sandbox, "rev-parse", "main")
    for step in steps("bump-tag"):
        if step.run:
            done = sandbox.shell(step.run, ENVIRONMENT="production", IMAGE_TAG="v9.5.0", GH_TOKEN="t")
            assert done.returncode == 0, done.stderr
    assert [call for call in sandbox.calls if call.startswith("gh pr create")]
    assert git(sandbox, "ls-remote", "origin", "main").split()[0] == start.strip()
    assert git(sandbox, "rev-list", "--count", f"{start.strip()}..HEAD") == "1\n"
    changed = git(sandbox, "diff", "--numstat", "HEAD~1").split()
    assert changed == ["1", "1", "k8s/overlays/production/kustomization.yaml"]
    assert rendered(sandbox, "production") != before
    git(sandbox, "revert", "--no-edit", "HEAD")
    assert rendered(sandbox, "production") == before


def git(sandbox: Sandbox, *arguments: str) -> str:
    """What git says in the copy of the Deploy repo."""
    user = ["-c", "user.name=t", "-c", "user.email=t@example.invalid"]
    command = ["git", "-C", str(sandbox.root), *user, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout
