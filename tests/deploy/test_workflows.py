"""The Deploy repo's workflows: judged by the real linters, and started by nothing but what they are for."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from tests.deploy.test_layout import BUILDS
from tests.deploy.workflows import Step, taken, workflow_files
from tests.deploy.workflows import steps as every_step
from tests.kube import DEPLOY
from tests.release.triggers import load

WORKFLOWS = workflow_files()
BIN = Path(sys.executable).parent


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


@pytest.mark.rule("GOP006")
def test_no_tag_and_no_pull_request_deploys() -> None:
    """What changes a cluster runs in no workflow that a tag, a release or a pull request starts, merged or not."""
    deploying = [step for step in every_step() if step.deploys]
    assert {step.workflow for step in deploying} >= {"deploy-staging", "deploy-production", "sync-argocd"}
    for step in deploying:
        assert set(step.on) <= {"push", "workflow_dispatch", "schedule"}, step.workflow
        push = step.on.get("push")
        assert push is None or ("branches" in push and "tags" not in push), step.workflow


@pytest.mark.rule("GOP004")
def test_nothing_deploys_production_without_a_person() -> None:
    """Wherever production may be deployed: a manual run that asks for the tag, on main, in the reviewed environment."""
    found = [step for step in every_step() if step.deploys and may_be_production(step)]
    assert {step.workflow for step in found} >= {"deploy-production"}
    for step in found:
        assert set(step.on) == {"workflow_dispatch"}, step.workflow
        reviewed = step.job.get("environment")
        if "argocd" in step.run:
            # It only hurries a sync of what was merged, and the merge was the approval.
            assert reviewed
            continue
        assert (reviewed["name"] if isinstance(reviewed, dict) else reviewed) == "production", step.workflow
        assert step.on["workflow_dispatch"]["inputs"]["tag"]["required"] is True
        assert step.job["if"] == "github.ref == 'refs/heads/main'"


def may_be_production(step: Step) -> bool:
    """Whether a step's environment is production, an input's, or said nowhere."""
    return step.target == "production" or not re.fullmatch(r"[a-z]+", step.target)


@pytest.mark.rule("GOP004")
def test_production_compares_the_tag_before_it_deploys() -> None:
    """The tag that was typed is compared with Git's in a step that can stop the run, before the first that deploys."""
    found = list(every_step("deploy-production"))
    (compare,) = [n for n, step in enumerate(found) if "newTag: $TAG" in step.run]
    assert found[compare].can_fail
    assert compare < min(n for n, step in enumerate(found) if step.deploys)


@pytest.mark.parametrize(("typed", "agrees"), [("v1.4.2", True), ("v1.4.1", False), ("v1.4", False), ("", False)])
@pytest.mark.rule("GOP004")
def test_the_comparison_takes_the_whole_tag(typed: str, agrees: bool) -> None:
    """The step itself, run as the workflow runs it, passes only for the tag that the overlay names."""
    (script,) = [step.run for step in every_step("deploy-production") if "newTag: $TAG" in step.run]
    command = ["bash", "-e", "-c", script]
    done = subprocess.run(command, cwd=DEPLOY, env={"PATH": "/usr/bin:/bin", "TAG": typed}, check=False)
    assert (done.returncode == 0) == agrees


@pytest.mark.rule("GOP003")
def test_pull_requests_render_and_validate_every_overlay() -> None:
    """Whatever file of k8s/ changes: each overlay is rendered and judged by a strict kubeconform that can fail."""
    (judged,) = [step for step in every_step() if "kubeconform" in step.run and "go install" not in step.run]
    rendered = next(step for step in every_step(judged.workflow) if "build/render.sh" in step.run)
    paths = [str(f.relative_to(DEPLOY)) for f in (DEPLOY / "k8s").rglob("*.yaml")]
    assert taken(judged.on["pull_request"], paths) == paths
    assert "branches" not in judged.on["pull_request"]
    overlays = {d.name for d in (DEPLOY / "k8s" / "overlays").iterdir()}
    assert set(judged.job["strategy"]["matrix"]["environment"]) == overlays
    assert "exclude" not in judged.job["strategy"]["matrix"]
    for step in (rendered, judged):
        assert step.can_fail
        assert not {"if"} & {*step.here, *step.job}
        assert not re.search(r"\|\|", step.run)
        assert step.target == "${{ matrix.environment }}"
    options = set(re.findall(r"\s(-[a-z-]+)", judged.run))
    assert "-strict" in options
    assert not options & {"-ignore-missing-schemas", "-skip", "-ignore-filename-pattern", "-reject"}
    assert re.search(r"> *(\S+)", rendered.run)[1] in judged.run  # type: ignore[index]


@pytest.mark.rule("GOP003")
def test_the_pull_request_that_a_workflow_opens_is_validated_too() -> None:
    """GITHUB_TOKEN starts no run for it, so the branch's validation is dispatched, which that token may do."""
    opening = [step for step in every_step() if "gh pr create" in step.run]
    assert opening
    for step in opening:
        (branch,) = re.findall(r"git switch --create (\S+)", step.run)
        assert f"gh workflow run validate-manifests.yml --ref {branch}" in step.run
        assert step.run.index("gh pr create") < step.run.index("gh workflow run")
        assert step.job["permissions"]["actions"] == "write"
    assert {step.workflow for step in every_step() if "workflow_dispatch" in step.on} >= {"validate-manifests"}


@pytest.mark.rule("GOP005")
def test_a_push_to_main_deploys_staging() -> None:
    """One way at least, without anybody's help: a workflow for whatever staging is rendered from, or ArgoCD."""
    assert workflow_follows_main() or argocd_follows_main()


def workflow_follows_main() -> bool:
    """Whether some workflow deploys staging after every push to main that changes a file it is rendered from."""
    sources = ("k8s/base", "k8s/overlays/staging", "_shared/migrations", "_shared/secrets/sealed/staging")
    paths = [str(f.relative_to(DEPLOY)) for source in sources for f in (DEPLOY / source).rglob("*.yaml")]
    for step in every_step():
        push = step.on.get("push", {})
        on_main = "push" in step.on and "main" in push.get("branches", ["main"])
        if on_main and taken(push, paths) == paths and step.deploys and step.target == "staging" and step.can_fail:
            return not {"if"} & {*step.here, *step.job}
    return False


def argocd_follows_main() -> bool:
    """Whether an Application syncs staging's overlay from main by itself."""
    for file in (DEPLOY / "argocd").rglob("*.yaml"):
        spec = yaml.safe_load(file.read_text())["spec"]
        source = (spec["source"].get("targetRevision"), spec["source"].get("path"))
        if source == ("main", "k8s/overlays/staging") and "automated" in spec.get("syncPolicy", {}):
            return spec["syncPolicy"]["automated"].get("enabled", True) is True
    return False


@pytest.mark.rule("GOP002")
def test_no_workflow_builds_tests_or_fetches_the_app() -> None:
    """The only action is checkout, of this repository; no step builds, runs a container or tests, or fetches a repo."""
    other = re.compile(
        rf"{BUILDS.pattern}|\b(docker|podman|nerdctl)\s+(container\s+)?run\b|\bpytest\b|\b(npm|go|cargo|mvn) test\b"
        r"|\bgit\s+(clone|fetch|submodule|remote)\b|\bgh\s+repo\s+clone\b|github\.com/org/app\b(?!-deploy)"
    )
    found = list(every_step())
    assert len(found) > 15
    for step in found:
        if "uses" in step.here:
            assert re.fullmatch(r"actions/checkout@[0-9a-f]{40}", step.here["uses"])
            assert step.here["with"] == {"persist-credentials": False}
        assert not other.search(step.run), step.here["name"]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda p: p.stem)
def test_a_workflow_has_least_permissions_and_never_races_itself(path: Path) -> None:
    """Nothing is granted at the top, writing only where a tag is proposed, and no deploy is cut off by the next."""
    workflow = load(path.read_text())
    assert workflow["permissions"] == {}
    writes = {k for job in workflow["jobs"].values() for k, v in job["permissions"].items() if v != "read"}
    assert writes == ({"actions", "contents", "pull-requests"} if path.stem == "bump-tag" else set())
    assert workflow["concurrency"]["cancel-in-progress"] is (path.stem == "validate-manifests")
    assert all(job["timeout-minutes"] <= 30 for job in workflow["jobs"].values())


@pytest.mark.rule("GOP010")
def test_the_tag_is_proposed_by_this_repo_and_not_by_an_app() -> None:
    """A workflow here runs set-tag.sh; nothing that an App repo runs knows this repo, its overlays or its tags."""
    assert [step.workflow for step in every_step() if "_shared/scripts/deploy/set-tag.sh" in step.run] == ["bump-tag"]
    apps = [DEPLOY.parent / name for name in ("app", "observer") if (DEPLOY.parent / name / ".github").is_dir()]
    assert apps
    run = [f for app in apps for f in app.rglob("*") if f.is_file() and is_run(f.relative_to(app))]
    assert len(run) > 10
    knows = re.compile(r"org/[\w-]*deploy\b|k8s/overlays|\bnewTag\b|set-tag\.sh")
    assert [str(f) for f in run if knows.search(f.read_text())] == []


def is_run(file: Path) -> bool:
    """Whether a file of an App repo runs in its CI: a workflow, a script, what builds the image."""
    return file.parts[0] in (".github", "docker", "scripts") and file.suffix not in (".md", ".pyc")


@pytest.mark.parametrize("name", ["deploy-staging", "deploy-production"])
def test_the_kubeconfig_is_private_and_removed(name: str) -> None:
    """The access file is written with umask 077 outside the checkout, and removed whatever happened."""
    found = [step.here for step in every_step(name)]
    (write,) = [step for step in found if "KUBECONFIG_CONTENT" in step.get("env", {})]
    assert "umask 077" in write["run"]
    assert "$RUNNER_TEMP/kubeconfig" in write["run"]
    assert found[-1] == {"name": "Remove the kubeconfig", "if": "always()", "run": 'rm -f "$RUNNER_TEMP/kubeconfig"'}
