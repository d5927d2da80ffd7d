"""The scripts that deploy, migrate and roll back, against a recording stand-in of kubectl."""

from __future__ import annotations

import pytest
import yaml
from tests.deploy.sandbox import PRODUCTION, Sandbox

DEPLOYMENT = [
    r"kubectl --context prod-cluster apply -f FILE -l app.kubernetes.io/component\ notin\ \(server\,migration\)",
    "kubectl --context prod-cluster -n prj-01-prod delete job app-migrate --ignore-not-found",
    "kubectl --context prod-cluster apply -f FILE -l app.kubernetes.io/component=migration",
    "kubectl --context prod-cluster -n prj-01-prod wait --for=condition=Complete job/app-migrate --timeout=10m",
    "kubectl --context prod-cluster apply -f FILE -l app.kubernetes.io/component=server",
    "kubectl --context prod-cluster -n prj-01-prod rollout status deployment/app --timeout=10m",
]


@pytest.mark.rule("GOP008", "MAN019")
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
    printed = [" ".join("FILE" if w.startswith("/") else w for w in line.split()) for line in done.stdout.splitlines()]
    assert printed == [f"dry-run: {call}" for call in DEPLOYMENT]


@pytest.mark.rule("GOP008")
def test_a_roll_out_that_fails_ends_the_deploy_with_an_error(sandbox: Sandbox) -> None:
    """The exit code of kubectl rollout status is the deploy's."""
    done = sandbox.run("deploy/apply.sh", FAIL="rollout status", **PRODUCTION)
    assert done.returncode != 0
    assert sandbox.calls == DEPLOYMENT


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


@pytest.mark.rule("GOP007", "GOP008")
def test_an_emergency_rollback_waits_and_reminds_of_git(sandbox: Sandbox) -> None:
    """rollout undo to the asked revision, then the wait, then the sentence that Git still says otherwise."""
    done = sandbox.run("deploy/rollback.sh", REVISION="7", **PRODUCTION)
    assert done.returncode == 0
    assert sandbox.calls == [
        "kubectl --context prod-cluster -n prj-01-prod rollout undo deployment/app --to-revision=7",
        "kubectl --context prod-cluster -n prj-01-prod rollout status deployment/app --timeout=10m",
    ]
    assert "git revert" in done.stderr


@pytest.mark.rule("SEC006", "GOP008")
def test_a_restart_waits_until_every_pod_has_the_new_secret(sandbox: Sandbox) -> None:
    """rollout restart, then rollout status, whose failure is the script's."""
    assert sandbox.run("deploy/restart.sh", **PRODUCTION).returncode == 0
    assert sandbox.calls == [
        "kubectl --context prod-cluster -n prj-01-prod rollout restart deployment/app",
        "kubectl --context prod-cluster -n prj-01-prod rollout status deployment/app --timeout=10m",
    ]
    assert sandbox.run("deploy/restart.sh", FAIL="rollout status", **PRODUCTION).returncode != 0
