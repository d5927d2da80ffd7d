"""The scripts that deploy, migrate and roll back, against a recording stand-in of kubectl."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
import yaml
from tests.deploy.rendering import ENVIRONMENTS, pod, rendering, scalars, workloads
from tests.deploy.sandbox import PRODUCTION, Sandbox, changing, plain
from tests.deploy.workflows import steps
from tests.kube import Manifest

DEPLOYMENT = [
    "kubectl --context prod-cluster apply -f prj-01-prod.yaml",
    "kubectl --context prod-cluster apply -f settings.yaml",
    "kubectl --context prod-cluster -n prj-01-prod delete job app-migrate --ignore-not-found",
    "kubectl --context prod-cluster apply -f migration.yaml",
    "kubectl --context prod-cluster apply -f app.yaml",
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
    named = [plain(line) for line in done.stdout.splitlines() if line.startswith("dry-run: ")]
    assert named == [f"dry-run: {call}" for call in DEPLOYMENT]


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
OTHERS = {"TO": "v1.4.1", "CURRENT": "2"}


@pytest.mark.rule("MAN019")
@pytest.mark.parametrize("failing", ["", "delete job", "rollout status"])
@pytest.mark.parametrize("script", [*CONTEXTED, "monitoring/install.sh"])
def test_every_call_to_a_cluster_names_its_context(script: str, failing: str, sandbox: Sandbox) -> None:
    """Whether all goes well or something fails: no call of kubectl or helm leaves the cluster to chance."""
    encrypted(sandbox)
    sandbox.run(script, FAIL=failing, **PRODUCTION, **OTHERS)
    found = [call for call in changing(sandbox.recorded) if call.startswith(("kubectl", "helm"))]
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
    going_back = {"TO": "v1.4.1", "CURRENT": "2"}
    assert sandbox.run(script, ENVIRONMENT="staging", KUBE_CONTEXT="c", **going_back).returncode == 0
    assert sandbox.calls
    named = {word.removesuffix(".yaml") for call in sandbox.calls for word in call.split() if word.startswith("prj-")}
    assert named <= {"prj-01-staging"}
    assert any("-n prj-01-staging" in call for call in sandbox.calls)


@pytest.mark.rule("MAN014")
@pytest.mark.parametrize("script", [*CONTEXTED, "monitoring/install.sh", "env/install-controller.sh"])
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
    """After the Job failed its log is fetched, and nothing of the app is applied."""
    done = sandbox.run("deploy/apply.sh", JOB="Failed BackoffLimitExceeded: it failed", **PRODUCTION)
    assert done.returncode != 0
    assert sandbox.calls == DEPLOYMENT[:4]
    assert any(" logs -l job-name=app-migrate --tail=" in call for call in sandbox.recorded)
    assert "job/app-migrate failed: BackoffLimitExceeded: it failed" in done.stderr
    assert "the migration did not complete" in done.stderr


def test_the_labels_that_deploy_by_part_miss_nothing(sandbox: Sandbox) -> None:
    """Every rendered object belongs to exactly one of the three applies, what is needed first to the first."""
    assert sandbox.run("deploy/apply.sh", **PRODUCTION).returncode == 0
    applied = {file.name: kinds(file) for file in Path(sandbox.environment["RECORD"]).parent.glob("*.applied/*.yaml")}
    assert applied.pop("prj-01-prod.yaml") == ["Namespace"]
    assert applied.pop("settings.yaml") == ["ConfigMap", "SealedSecret", "SealedSecret", "ServiceAccount"]
    assert applied.pop("migration.yaml") == ["Job", "NetworkPolicy"]
    rendered = yaml.safe_load_all(sandbox.run("build/render.sh", ENVIRONMENT="production").stdout)
    rest = sorted({m["kind"] for m in rendered} - {"ConfigMap", "SealedSecret", "ServiceAccount", "Job"})
    assert applied == {"app.yaml": rest}


def kinds(file: Path) -> list[str]:
    """The kinds of the objects in a file."""
    return sorted(each["kind"] for each in yaml.safe_load_all(file.read_text()))


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
    assert sandbox.run("deploy/rollback.sh", FAIL="rollout status", TO="v1.4.1", **PRODUCTION).returncode != 0


@pytest.mark.rule("GOP007", "GOP008")
def test_an_emergency_rollback_waits_and_reminds_of_git(sandbox: Sandbox) -> None:
    """rollout undo to the asked revision, then the wait, then the sentence that Git still says otherwise."""
    kept = "7||ghcr.io/org/app:v1.4.1|app-config-aaaaaaaaaa\n8|6|ghcr.io/org/app:v1.4.2|app-config-bbbbbbbbbb"
    done = sandbox.run("deploy/rollback.sh", TO="v1.4.1", KEPT=kept, CURRENT="8", **PRODUCTION)
    assert done.returncode == 0, done.stderr
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


@pytest.mark.rule("GOP012")
def test_a_changed_setting_is_another_name_in_every_pod(sandbox: Sandbox) -> None:
    """One value more in the overlay: Deployment and Job name other settings, and those are in the rendering."""
    before = named_settings(sandbox)
    file = sandbox.root / "k8s/overlays/production/patches/config.env"
    file.write_text(file.read_text() + "LOG_LEVEL=WARNING\n")
    after = named_settings(sandbox)
    assert [len(names) for names in (before, after)] == [1, 1]
    assert before != after


def named_settings(sandbox: Sandbox) -> set[str]:
    """The names under which the rendering has settings, and all its pods read them."""
    rendered = list(yaml.safe_load_all(sandbox.run("build/render.sh", ENVIRONMENT="production").stdout))
    made = {m["metadata"]["name"] for m in rendered if m["kind"] == "ConfigMap"}
    read = {pod(m)["containers"][0]["envFrom"][0]["configMapRef"]["name"] for m in workloads(rendered)}
    assert read == made
    return made


@pytest.mark.rule("GOP013")
@pytest.mark.parametrize("failed", ["Failed BackoffLimitExceeded: it failed", "Failed DeadlineExceeded: too long"])
def test_before_a_failed_migration_only_what_it_reads_was_applied(failed: str, sandbox: Sandbox) -> None:
    """Settings under their new name, secrets and account; neither the app nor anything that leads to it."""
    assert sandbox.run("deploy/apply.sh", JOB=failed, **PRODUCTION).returncode != 0
    applied = [m for f in sorted(applied_files(sandbox)) for m in yaml.safe_load_all(f.read_text())]
    kinds = {m["kind"] for m in applied if m["metadata"].get("labels", {}).get(COMPONENT) != "migration"}
    assert kinds == {"Namespace", "ConfigMap", "SealedSecret", "ServiceAccount"}


COMPONENT = "app.kubernetes.io/component"


def applied_files(sandbox: Sandbox) -> list[Path]:
    """Every file that was applied."""
    return list(Path(sandbox.environment["RECORD"]).parent.glob("*.applied/*.yaml"))


KEPT = "7||ghcr.io/org/app:v1.4.1|app-config-aaaaaaaaaa\n8||ghcr.io/org/app:v1.4.2|app-config-bbbbbbbbbb"


@pytest.mark.rule("GOP014")
def test_a_rollback_without_a_name_shows_what_there_is(sandbox: Sandbox) -> None:
    """The revisions with their images and settings, and which one runs; nothing is changed."""
    done = sandbox.run("deploy/rollback.sh", KEPT=KEPT, CURRENT="8", **PRODUCTION)
    assert (done.returncode, sandbox.calls) == (1, [])
    assert "revision 7: ghcr.io/org/app:v1.4.1, app-config-aaaaaaaaaa\n" in done.stderr
    assert "revision 8: ghcr.io/org/app:v1.4.2, app-config-bbbbbbbbbb  <- runs now\n" in done.stderr


@pytest.mark.rule("GOP014")
@pytest.mark.parametrize("to", ["v1.4.1", "7"])
def test_a_rollback_that_is_repeated_stays_where_it_is(to: str, sandbox: Sandbox) -> None:
    """After the undo revision 7 is revision 9: by tag and by its old number it is found, runs, and is left alone."""
    after = "8||ghcr.io/org/app:v1.4.2|app-config-bbbbbbbbbb\n9|7|ghcr.io/org/app:v1.4.1|app-config-aaaaaaaaaa"
    first = sandbox.run("deploy/rollback.sh", TO=to, KEPT=KEPT, CURRENT="8", **PRODUCTION)
    second = sandbox.run("deploy/rollback.sh", TO=to, KEPT=after, CURRENT="9", **PRODUCTION)
    assert (first.returncode, second.returncode) == (0, 0), second.stderr
    assert [call.split("--to-revision=")[1] for call in sandbox.calls if "undo" in call] == ["7"]
    assert "image      ghcr.io/org/app:v1.4.2 -> ghcr.io/org/app:v1.4.1" in first.stderr
    assert "ghcr.io/org/app:v1.4.1, unchanged" in second.stderr


@pytest.mark.rule("GOP014")
def test_a_rollback_after_a_restart_goes_to_the_other_image(sandbox: Sandbox) -> None:
    """A restart makes a revision with the same image; the tag that was named is another."""
    kept = f"{KEPT}\n9||ghcr.io/org/app:v1.4.2|app-config-bbbbbbbbbb"
    assert sandbox.run("deploy/rollback.sh", TO="v1.4.1", KEPT=kept, CURRENT="9", **PRODUCTION).returncode == 0
    assert [call.split("--to-revision=")[1] for call in sandbox.calls if "undo" in call] == ["7"]


@pytest.mark.rule("GOP015")
@pytest.mark.parametrize("script", ["deploy/apply.sh", "deploy/rollback.sh"])
def test_what_argocd_owns_is_left_to_it(script: str, sandbox: Sandbox) -> None:
    """One line says who owns it, and nothing is applied or undone."""
    tracked = "app-production:apps/Deployment:prj-01-prod/app"
    done = sandbox.run(script, TRACKED=tracked, TO="v1.4.1", CURRENT="2", **PRODUCTION)
    assert (done.returncode, sandbox.calls) == (1, [])
    assert "ArgoCD owns deployment/app in prj-01-prod (app-production)" in done.stderr


@pytest.mark.rule("MAN019")
@pytest.mark.parametrize(
    ("environment", "context"), [("production", "staging"), ("production", "dev-2"), ("staging", "eu-prod")]
)
def test_a_context_of_the_other_environment_is_refused(environment: str, context: str, sandbox: Sandbox) -> None:
    """Where a name says production or staging and the other is asked for, nothing is applied."""
    done = sandbox.run("deploy/apply.sh", ENVIRONMENT=environment, KUBE_CONTEXT=context)
    assert (done.returncode, sandbox.calls) == (1, [])
    assert f"the context {context} is" in done.stderr


def test_production_is_deployed_from_what_is_committed(sandbox: Sandbox) -> None:
    """A change that Git does not know stops the deploy, though not its preview."""
    for command in (
        ["init", "-q"],
        ["add", "--all"],
        ["-c", "user.name=t", "-c", "user.email=t@t", "commit", "-qm", "x"],
    ):
        subprocess.run(["git", "-C", sandbox.root, *command], check=True)
    assert sandbox.run("deploy/apply.sh", **PRODUCTION).returncode == 0
    file = sandbox.root / "k8s/overlays/production/patches/config.env"
    file.write_text(file.read_text() + "LOG_LEVEL=WARNING\n")
    assert "not committed" in sandbox.run("deploy/apply.sh", **PRODUCTION).stderr
    assert sandbox.run("deploy/apply.sh", "--dry-run", **PRODUCTION).returncode == 0
