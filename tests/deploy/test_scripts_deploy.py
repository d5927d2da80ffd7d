"""The scripts that deploy, migrate and roll back, against a recording stand-in of kubectl."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from tests.deploy.rendering import ENVIRONMENTS, pod, rendering, scalars, workloads
from tests.deploy.sandbox import PRODUCTION, Sandbox, plain
from tests.deploy.workflows import steps
from tests.kube import Manifest

DEPLOYMENT = [
    r"kubectl --context prod-cluster apply -f FILE -l app.kubernetes.io/component\ notin\ \(server\,migration\)",
    "kubectl --context prod-cluster -n prj-01-prod delete job app-migrate --ignore-not-found",
    "kubectl --context prod-cluster apply -f FILE -l app.kubernetes.io/component=migration",
    "kubectl --context prod-cluster -n prj-01-prod wait --for=condition=Complete job/app-migrate --timeout=TIME",
    "kubectl --context prod-cluster apply -f FILE -l app.kubernetes.io/component=server",
    "kubectl --context prod-cluster -n prj-01-prod rollout status deployment/app --timeout=TIME",
]


@pytest.mark.rule("GOP008", "MAN019", "TWF008")
def test_a_deploy_applies_settings_then_migrates_then_rolls_out(sandbox: Sandbox) -> None:
    """Six calls in order, each with the named context, and the roll-out is waited for with a timeout."""
    done = sandbox.run("deploy/apply.sh", **PRODUCTION)
    assert done.returncode == 0, done.stderr
    assert sandbox.calls == DEPLOYMENT


@pytest.mark.rule("MAN014")
def test_a_deploy_that_is_repeated_does_the_same_again(sandbox: Sandbox) -> None:
    """The second run makes the same calls as the first and ends well."""
    assert [sandbox.run("deploy/apply.sh", **PRODUCTION).returncode for _ in range(2)] == [0, 0]
    assert sandbox.calls == DEPLOYMENT * 2


@pytest.mark.rule("MAN014")
def test_a_dry_run_names_every_call_and_makes_none(sandbox: Sandbox) -> None:
    """--dry-run prints what a deploy would call, word for word, and calls nothing."""
    done = sandbox.run("deploy/apply.sh", "--dry-run", **PRODUCTION)
    assert (done.returncode, sandbox.calls) == (0, [])
    assert [plain(line) for line in done.stdout.splitlines()] == [f"dry-run: {call}" for call in DEPLOYMENT]


@pytest.mark.rule("GOP008")
def test_a_roll_out_that_fails_ends_the_deploy_with_an_error(sandbox: Sandbox) -> None:
    """The exit code of kubectl rollout status is the deploy's."""
    done = sandbox.run("deploy/apply.sh", FAIL="rollout status", **PRODUCTION)
    assert done.returncode != 0
    assert sandbox.calls == DEPLOYMENT


@pytest.mark.rule("GOP008")
def test_a_deploy_waits_for_every_workload_that_it_rolls_out(sandbox: Sandbox) -> None:
    """Each Deployment of the rendering is waited for, whatever its name."""
    assert sandbox.run("deploy/apply.sh", **PRODUCTION).returncode == 0
    waited = {re.search(r"rollout status (\S+)", call)[1] for call in sandbox.calls if "rollout status" in call}  # type: ignore[index]
    assert waited == {f"{m['kind'].lower()}/{m['metadata']['name']}" for m in long_running("production")}


@pytest.mark.rule("GOP008")
@pytest.mark.parametrize("failing", ["", "rollout status", "app wait"])
def test_a_workflow_fails_with_the_deploy_that_it_runs(failing: str, sandbox: Sandbox) -> None:
    """Each step that deploys ends with a wait that has a limit; where that fails, the step and its run fail."""
    found = [step for step in steps() if step.deploys]
    assert len(found) == 3
    for step in found:
        Path(sandbox.environment["RECORD"]).unlink(missing_ok=True)
        ends_in = "app wait" if "argocd" in step.run else "rollout status"
        variables = {key: str(value) for key, value in step.environment.items()} | {"FAIL": failing}
        done = sandbox.shell(step.run, **variables)
        assert step.can_fail
        assert (done.returncode != 0) == (failing == ends_in), step.workflow
        assert ends_in in sandbox.calls[-1]
        assert re.search(r"--timeout[= ](TIME|[1-9]\d*)$", sandbox.calls[-1])
        assert "argocd" not in step.run or "--health" in sandbox.calls[-1]


CONTEXTED = ["deploy/apply.sh", "deploy/restart.sh", "deploy/rollback.sh", "migrate/run.sh", "env/apply-sops.sh"]
OTHERS = {"CHART_VERSION": "79.1.0"}


@pytest.mark.rule("MAN019")
@pytest.mark.parametrize("failing", ["", "wait --for", "rollout status"])
@pytest.mark.parametrize("script", [*CONTEXTED, "monitoring/install.sh"])
def test_every_call_to_a_cluster_names_its_context(script: str, failing: str, sandbox: Sandbox) -> None:
    """Whether all goes well or something fails: no call of kubectl or helm leaves the cluster to chance."""
    encrypted(sandbox)
    sandbox.run(script, FAIL=failing, **PRODUCTION, **OTHERS)
    found = [call for call in sandbox.calls if call.startswith(("kubectl", "helm"))]
    assert found
    named = re.compile(r"^kubectl --context prod-cluster |--kube-context prod-cluster ")
    assert [call for call in found if not named.search(call)] == []


@pytest.mark.rule("MAN019")
@pytest.mark.parametrize("script", [*CONTEXTED, "monitoring/install.sh"])
def test_a_script_without_a_context_does_nothing(script: str, sandbox: Sandbox) -> None:
    """It asks for KUBE_CONTEXT, and does not look which cluster happens to be current."""
    encrypted(sandbox)
    done = sandbox.run(script, ENVIRONMENT="production", KUBE_CONTEXT="", **OTHERS)
    assert (done.returncode, sandbox.calls) == (1, [])
    assert "KUBE_CONTEXT" in done.stderr


@pytest.mark.rule("MAN014")
@pytest.mark.parametrize("script", CONTEXTED)
def test_a_script_acts_in_the_environment_that_it_is_given(script: str, sandbox: Sandbox) -> None:
    """For staging nothing of production is named, and every call in a namespace is in staging's."""
    encrypted(sandbox)
    assert sandbox.run(script, ENVIRONMENT="staging", KUBE_CONTEXT="c").returncode == 0
    assert sandbox.calls
    assert {word for call in sandbox.calls for word in call.split() if word.startswith("prj-")} <= {"prj-01-staging"}
    assert any("-n prj-01-staging" in call for call in sandbox.calls)


@pytest.mark.rule("MAN014")
@pytest.mark.parametrize("script", [*CONTEXTED, "monitoring/install.sh", "k3s/backup.sh"])
def test_a_dry_run_of_any_script_changes_nothing(script: str, sandbox: Sandbox) -> None:
    """With --dry-run no program that could change something is called, and what would be called is printed."""
    encrypted(sandbox)
    done = sandbox.run(script, "--dry-run", **PRODUCTION, **OTHERS)
    assert (done.returncode, sandbox.calls) == (0, [])
    assert "dry-run: " in done.stdout


def encrypted(sandbox: Sandbox) -> None:
    """A secret of SOPS for each environment."""
    for environment in ENVIRONMENTS:
        file = sandbox.root / f"_shared/secrets/sops/{environment}/app.enc.yaml"
        file.parent.mkdir(parents=True)
        file.write_text("sops: {}\n")


def long_running(environment: str) -> list[Manifest]:
    """What an environment keeps running, Jobs apart."""
    found = [m for m in workloads(rendering(f"k8s/overlays/{environment}")) if m["kind"] not in ("Job", "CronJob")]
    assert found
    return found


def test_a_migration_that_fails_leaves_the_running_version(sandbox: Sandbox) -> None:
    """After the Job failed its log is fetched, and the Deployment is not applied."""
    done = sandbox.run("deploy/apply.sh", FAIL="wait --for", **PRODUCTION)
    assert done.returncode != 0
    assert sandbox.calls == [
        *DEPLOYMENT[:4],
        "kubectl --context prod-cluster -n prj-01-prod logs job/app-migrate --tail=50",
    ]
    assert "the migration did not complete" in done.stderr


def test_the_labels_that_deploy_by_part_miss_nothing(sandbox: Sandbox) -> None:
    """Every rendered object belongs to exactly one of the three applies, the workloads to the last two."""
    rendered = yaml.safe_load_all(sandbox.run("build/render.sh", ENVIRONMENT="production").stdout)
    parts: dict[str, list[str]] = {}
    for m in rendered:
        part = m["metadata"].get("labels", {}).get("app.kubernetes.io/component", "")
        parts.setdefault(part, []).append(m["kind"])
    assert (parts.pop("server"), parts.pop("migration")) == (["Deployment"], ["Job"])
    assert set(parts) == {""}
    assert len(parts[""]) == 9


def test_a_deploy_refuses_placeholders(sandbox: Sandbox) -> None:
    """An overlay whose secrets were never sealed is not applied."""
    done = sandbox.run("deploy/apply.sh", ALLOW_PLACEHOLDERS="false", **PRODUCTION)
    assert (done.returncode, sandbox.calls) == (1, [])
    assert "placeholder" in done.stderr


@pytest.mark.parametrize("environment", ["production ", "../staging", "nowhere", "prod;id"])
def test_an_environment_without_overlay_is_refused(environment: str, sandbox: Sandbox) -> None:
    """Only the name of an overlay is an environment."""
    done = sandbox.run("build/render.sh", ENVIRONMENT=environment)
    assert (done.returncode, done.stdout) == (1, "")
    assert "no overlay" in done.stderr


@pytest.mark.rule("GOP008")
def test_a_rollback_that_fails_ends_with_an_error(sandbox: Sandbox) -> None:
    """The exit code of kubectl rollout status is the rollback's."""
    assert sandbox.run("deploy/rollback.sh", FAIL="rollout status", **PRODUCTION).returncode != 0


@pytest.mark.rule("GOP007", "GOP008")
def test_an_emergency_rollback_waits_and_reminds_of_git(sandbox: Sandbox) -> None:
    """rollout undo to the asked revision, then the wait, then the sentence that Git still says otherwise."""
    done = sandbox.run("deploy/rollback.sh", REVISION="7", **PRODUCTION)
    assert done.returncode == 0
    assert sandbox.calls == [
        "kubectl --context prod-cluster -n prj-01-prod rollout undo deployment/app --to-revision=7",
        "kubectl --context prod-cluster -n prj-01-prod rollout status deployment/app --timeout=TIME",
    ]
    assert "git revert" in done.stderr


@pytest.mark.rule("SEC006")
def test_a_restart_reaches_every_workload_that_uses_a_secret(sandbox: Sandbox) -> None:
    """Each Deployment that is given app-secrets is restarted, and then waited for."""
    assert sandbox.run("deploy/restart.sh", **PRODUCTION).returncode == 0
    using = [m for m in long_running("production") if "app-secrets" in dict(scalars(pod(m))).values()]
    names = [f"{m['kind'].lower()}/{m['metadata']['name']}" for m in using]
    assert names
    for command in ("restart", "status"):
        done = [re.search(rf"rollout {command} (\S+)", call) for call in sandbox.calls]
        assert sorted(match[1] for match in done if match) == sorted(names)


@pytest.mark.rule("SEC006", "GOP008")
def test_a_restart_waits_until_every_pod_has_the_new_secret(sandbox: Sandbox) -> None:
    """Every restart comes before the wait for it, which has a limit and whose failure is the script's."""
    assert sandbox.run("deploy/restart.sh", **PRODUCTION).returncode == 0
    calls = [call.removeprefix("kubectl --context prod-cluster -n prj-01-prod rollout ") for call in sandbox.calls]
    restarted = [call.split()[1] for call in calls if call.startswith("restart")]
    waits = [call for call in calls if call.startswith("status")]
    assert [wait.split()[1:] for wait in waits] == [[name, "--timeout=TIME"] for name in restarted]
    assert max(n for n, c in enumerate(calls) if c.startswith("restart")) < calls.index(waits[-1])
    assert sandbox.run("deploy/restart.sh", FAIL="rollout status", **PRODUCTION).returncode != 0
