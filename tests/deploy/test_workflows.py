"""The Deploy repo's workflows: judged by the real linters, and started by nothing but what they are for."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.kube import DEPLOY

WORKFLOWS = sorted((DEPLOY / ".github" / "workflows").glob("*.yml"))
BIN = Path(sys.executable).parent
STARTED_BY = {
    "bump-tag": {"workflow_dispatch"},
    "deploy-production": {"workflow_dispatch"},
    "deploy-staging": {"push"},
    "sync-argocd": {"workflow_dispatch"},
    "validate-manifests": {"pull_request"},
}


def load(name: str) -> dict[str, Any]:
    """A workflow, its key `on` under its own name."""
    document: dict[str, Any] = yaml.safe_load((DEPLOY / ".github" / "workflows" / f"{name}.yml").read_text())
    # YAML 1.1 reads the key `on` as true.
    document["on"] = document.pop(True)  # type: ignore[call-overload]
    return document


def steps(name: str) -> list[dict[str, Any]]:
    """Every step of a workflow, in order."""
    return [step for job in load(name)["jobs"].values() for step in job["steps"]]


def judge(*command: str | Path) -> subprocess.CompletedProcess[str]:
    """Runs a linter of this virtual environment."""
    return subprocess.run([BIN / command[0], *command[1:]], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda p: p.stem)
def test_a_workflow_passes_schema_actionlint_and_zizmor(path: Path) -> None:
    """The three judges find nothing: valid keys, valid expressions and scripts, no known weakness."""
    assert judge("check-jsonschema", "--builtin-schema", "vendor.github-workflows", path).returncode == 0
    done = judge("actionlint", path)
    assert done.returncode == 0, done.stdout
    done = judge("zizmor", "--offline", "--no-progress", "--quiet", path)
    assert done.returncode == 0, done.stdout


def test_zizmor_would_find_an_unpinned_action(tmp_path: Path) -> None:
    """The judge's silence means something: an action by tag is a finding."""
    text = (DEPLOY / ".github/workflows/deploy-staging.yml").read_text()
    broken = tmp_path / ".github" / "workflows" / "deploy-staging.yml"
    broken.parent.mkdir(parents=True)
    broken.write_text(re.sub(r"checkout@[0-9a-f]{40} # v5.0.0", "checkout@main", text))
    assert judge("zizmor", "--offline", "--no-progress", "--quiet", broken).returncode != 0


@pytest.mark.rule("GOP004", "GOP005", "GOP006")
def test_each_workflow_starts_from_its_own_event_only() -> None:
    """No tag and no pull request deploys; staging follows main; production is started by hand."""
    assert {path.stem: set(load(path.stem)["on"]) for path in WORKFLOWS} == STARTED_BY
    assert load("deploy-staging")["on"]["push"]["branches"] == ["main"]
    assert "tags" not in load("deploy-staging")["on"]["push"]


@pytest.mark.rule("GOP004")
def test_production_needs_the_tag_and_a_reviewed_environment() -> None:
    """The tag is a required input, compared with Git before anything is deployed, in the environment production."""
    workflow = load("deploy-production")
    assert workflow["on"]["workflow_dispatch"]["inputs"]["tag"]["required"] is True
    (job,) = workflow["jobs"].values()
    assert job["environment"] == "production"
    assert job["if"] == "github.ref == 'refs/heads/main'"
    runs = [step.get("run", "") for step in job["steps"]]
    compare = next(i for i, run in enumerate(runs) if "newTag: $TAG" in run)
    assert compare < next(i for i, run in enumerate(runs) if "deploy/apply.sh" in run)


@pytest.mark.parametrize(("typed", "agrees"), [("v1.4.2", True), ("v1.4.1", False), ("v1.4", False), ("", False)])
@pytest.mark.rule("GOP004")
def test_the_comparison_takes_the_whole_tag(typed: str, agrees: bool) -> None:
    """The step itself, run as the workflow runs it, passes only for the tag that the overlay names."""
    (script,) = [s["run"] for s in steps("deploy-production") if "newTag: $TAG" in s.get("run", "")]
    command = ["bash", "-e", "-c", script]
    done = subprocess.run(command, cwd=DEPLOY, env={"PATH": "/usr/bin:/bin", "TAG": typed}, check=False)
    assert (done.returncode == 0) == agrees


@pytest.mark.rule("GOP003")
def test_pull_requests_render_and_validate_every_overlay() -> None:
    """The matrix names every overlay there is; each is rendered and judged by kubeconform -strict."""
    workflow = load("validate-manifests")
    assert "k8s/**" in workflow["on"]["pull_request"]["paths"]
    (job,) = workflow["jobs"].values()
    overlays = {d.name for d in (DEPLOY / "k8s" / "overlays").iterdir()}
    assert set(job["strategy"]["matrix"]["environment"]) == overlays
    scripts = " ".join(step.get("run", "") for step in job["steps"])
    assert "_shared/scripts/build/render.sh" in scripts
    assert re.search(r"kubeconform\" -strict", scripts)


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda p: p.stem)
@pytest.mark.rule("GOP002")
def test_a_workflow_builds_nothing_and_checks_out_only_this_repo(path: Path) -> None:
    """The only action is checkout, of this repository, without leaving credentials behind."""
    for step in steps(path.stem):
        if "uses" in step:
            assert re.fullmatch(r"actions/checkout@[0-9a-f]{40}", step["uses"])
            assert step["with"] == {"persist-credentials": False}
    assert not re.search(r"docker (build|push)|buildx|pytest|npm test", path.read_text())


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda p: p.stem)
def test_a_workflow_has_least_permissions_and_never_races_itself(path: Path) -> None:
    """Nothing is granted at the top, writing only where a tag is proposed, and no deploy is cut off by the next."""
    workflow = load(path.stem)
    assert workflow["permissions"] == {}
    writes = {k for job in workflow["jobs"].values() for k, v in job["permissions"].items() if v != "read"}
    assert writes == ({"contents", "pull-requests"} if path.stem == "bump-tag" else set())
    assert workflow["concurrency"]["cancel-in-progress"] is (path.stem == "validate-manifests")
    assert all(job["timeout-minutes"] <= 30 for job in workflow["jobs"].values())


@pytest.mark.rule("GOP010")
def test_the_tag_is_proposed_by_this_repo_and_merged_by_a_person() -> None:
    """bump-tag runs set-tag.sh and opens a pull request; it pushes to no protected branch and deploys nothing."""
    scripts = " ".join(step.get("run", "") for step in steps("bump-tag"))
    assert "_shared/scripts/deploy/set-tag.sh" in scripts
    assert "gh pr create" in scripts
    assert "git switch --create" in scripts
    assert "apply.sh" not in scripts
    assert "kubectl" not in scripts


@pytest.mark.rule("GOP001")
def test_nothing_edits_live_objects() -> None:
    """No script, workflow or runbook uses kubectl edit, patch or set image."""
    places = [*WORKFLOWS, *(DEPLOY / "_shared/scripts").rglob("*.sh"), *(DEPLOY / "docs").rglob("*.md")]
    edits = re.compile(r"kubectl[^\n]*\b(edit|patch|set image)\b")
    assert len(places) > 20
    assert [str(f) for f in places if edits.search(f.read_text())] == []


@pytest.mark.parametrize("name", ["deploy-staging", "deploy-production"])
def test_the_kubeconfig_is_private_and_removed(name: str) -> None:
    """The access file is written with umask 077 outside the checkout, and removed whatever happened."""
    found = steps(name)
    (write,) = [step for step in found if "KUBECONFIG_CONTENT" in step.get("env", {})]
    assert "umask 077" in write["run"]
    assert "$RUNNER_TEMP/kubeconfig" in write["run"]
    assert found[-1] == {"name": "Remove the kubeconfig", "if": "always()", "run": 'rm -f "$RUNNER_TEMP/kubeconfig"'}
