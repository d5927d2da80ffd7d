"""The scripts, run for real against stand-ins that record how kubectl, helm, kubeseal, sops and k3s were called."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import yaml
from tests.kube import DEPLOY, helm, kubectl
from tests.tools import require_tool

SCRIPTS = sorted((DEPLOY / "_shared" / "scripts").rglob("*.sh"))
COMMANDS = [script for script in SCRIPTS if script.name != "lib.sh"]
BIN = Path(sys.executable).parent
# Real kubectl renders and makes Secrets without a cluster; whatever needs a cluster is recorded, and fails on request.
STAND_IN = """#!/bin/bash
# One write, so that the two ends of a pipe do not mix their lines.
printf '%s\\n' "$(basename "$0")$(printf ' %q' "$@")" >> "$RECORD"
[[ -z ${FAIL:-} || "$*" != *"$FAIL"* ]] || exit 1
case "$(basename "$0") $1" in
  'kubectl kustomize') exec "$KUBECTL" "$@" ;;
  'kubectl create') echo 'kind: Secret' ;;
  'kubeseal --format') cat >> "$RECORD.stdin"; printf 'kind: SealedSecret\\nspec: {}\\n' ;;
  'sops decrypt') echo 'kind: Secret' ;;
  'k3s --version') echo "k3s version ${INSTALLED:-none}" ;;
  'kubectl --context') [[ "$*" != *'-f -' ]] || cat >> "$RECORD.stdin" ;;
esac
"""


@dataclass
class Sandbox:
    """A copy of the Deploy repo and the stand-ins that its scripts find on PATH."""

    root: Path
    work: Path
    environment: dict[str, str] = field(default_factory=dict)

    def run(self, script: str, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Runs a script of the copy with only the given variables."""
        command = [str(self.root / "_shared" / "scripts" / script), *arguments]
        return subprocess.run(
            command, env={**self.environment, **variables}, cwd=self.work, capture_output=True, text=True, check=False
        )

    @property
    def calls(self) -> list[str]:
        """Every call of a stand-in so far, rendering apart, the rendered file's name replaced."""
        record = Path(self.environment["RECORD"])
        lines = record.read_text().splitlines() if record.exists() else []
        return [" ".join("FILE" if w.startswith("/") else w for w in line.split()) for line in changing(lines)]


def changing(lines: list[str]) -> list[str]:
    """The calls that did more than render."""
    return [line for line in lines if not line.startswith("kubectl kustomize")]


@pytest.fixture
def sandbox(deploy: Path, tmp_path: Path) -> Sandbox:
    """Stand-ins (mocks: no cluster is reached) for the programs that would change something."""
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in ("kubectl", "helm", "kubeseal", "sops", "k3s"):
        (programs / name).write_text(STAND_IN)
        (programs / name).chmod(0o755)
    work = tmp_path / "work"
    work.mkdir()
    environment = {
        "PATH": f"{programs}:{BIN}:{os.defpath}",
        "HOME": str(work),
        "RECORD": str(tmp_path / "record"),
        "KUBECTL": str(kubectl()),
        "ALLOW_PLACEHOLDERS": "true",
    }
    return Sandbox(deploy, work, environment)


PRODUCTION = {"ENVIRONMENT": "production", "KUBE_CONTEXT": "prod-cluster"}
DEPLOYMENT = [
    r"kubectl --context prod-cluster apply -f FILE -l app.kubernetes.io/component\ notin\ \(server\,migration\)",
    "kubectl --context prod-cluster -n prj-01-prod delete job app-migrate --ignore-not-found",
    "kubectl --context prod-cluster apply -f FILE -l app.kubernetes.io/component=migration",
    "kubectl --context prod-cluster -n prj-01-prod wait --for=condition=Complete job/app-migrate --timeout=10m",
    "kubectl --context prod-cluster apply -f FILE -l app.kubernetes.io/component=server",
    "kubectl --context prod-cluster -n prj-01-prod rollout status deployment/app --timeout=10m",
]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda s: s.name)
def test_a_script_passes_shellcheck_and_shfmt(script: Path) -> None:
    """No warning, one format."""
    checked = subprocess.run(
        [BIN / "shellcheck", "-x", "-P", "SCRIPTDIR", script], capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stdout
    formatted = subprocess.run(
        [BIN / "shfmt", "-i", "2", "-ci", "-d", script], capture_output=True, text=True, check=False
    )
    assert formatted.returncode == 0, formatted.stdout


@pytest.mark.parametrize("script", [s for s in COMMANDS if s.name != "test-rules.sh"], ids=lambda s: s.name)
@pytest.mark.rule("MAN014")
def test_a_script_without_its_variables_names_them_and_does_nothing(script: Path, sandbox: Sandbox) -> None:
    """What depends on an environment comes from variables: without them, exit code 1, one line, no call."""
    if script.name == "backup.sh":
        done = sandbox.run("k3s/backup.sh", KEEP="0")
    else:
        done = sandbox.run(str(script.relative_to(DEPLOY / "_shared" / "scripts")))
    assert done.returncode == 1
    assert done.stderr.startswith("error: ")
    assert done.stderr.count("\n") == 1
    assert sandbox.calls == []


@pytest.mark.parametrize("script", COMMANDS, ids=lambda s: s.name)
def test_a_script_refuses_an_argument_it_does_not_know(script: Path, sandbox: Sandbox) -> None:
    """A misspelt --dry-run does not deploy."""
    done = sandbox.run(str(script.relative_to(DEPLOY / "_shared" / "scripts")), "--dryrun", **PRODUCTION)
    assert (done.returncode, sandbox.calls) == (1, [])
    assert "--dryrun" in done.stderr


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


@pytest.mark.parametrize("tag", ["latest", "unset", "v1.4", "sha-3f2a9c1"])
@pytest.mark.rule("TAG001", "TAG002")
def test_a_deploy_refuses_a_tag_that_could_move(tag: str, sandbox: Sandbox) -> None:
    """Rendering stops at the tag, so that nothing reaches the cluster."""
    file = sandbox.root / "k8s/overlays/production/kustomization.yaml"
    file.write_text(file.read_text().replace("newTag: v1.4.2", f"newTag: {tag}"))
    done = sandbox.run("deploy/apply.sh", **PRODUCTION)
    assert (done.returncode, sandbox.calls) == (1, [])
    assert f"ghcr.io/org/app:{tag}: the overlay must name an immutable tag" in done.stderr


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


SECRET = "correct-horse"
FILLED = f"DB_PASSWORD={SECRET}\nREDIS_URL=redis://:{SECRET}@redis:6379/0\nAPI_KEY={SECRET}\n"


def seal(sandbox: Sandbox, content: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Seals a filled template, written where a person would have put it."""
    file = sandbox.work / "app-secrets.secret.env"
    file.write_text(content)
    return sandbox.run(
        "env/seal.sh", *arguments, ENVIRONMENT="production", SECRET_FILE=str(file), KUBESEAL_CERT="cert.pem"
    )


@pytest.mark.rule("SEC002", "SEC006")
def test_sealing_leaves_only_the_sealed_file(sandbox: Sandbox) -> None:
    """kubectl makes the Secret without a cluster, a pipe feeds kubeseal, and no plain value is printed or kept."""
    done = seal(sandbox, FILLED)
    assert done.returncode == 0, done.stderr
    create, sealing = sorted(sandbox.calls, key=lambda call: call.startswith("kubeseal"))
    assert create.startswith("kubectl create secret generic app-secrets --namespace prj-01-prod --from-env-file")
    assert create.endswith("--dry-run=client -o yaml")
    assert sealing == "kubeseal --format yaml --cert cert.pem"
    target = sandbox.root / "_shared/secrets/sealed/production/app-secrets.yaml"
    assert target.read_text() == "kind: SealedSecret\nspec: {}\n"
    assert SECRET not in done.stdout + done.stderr
    assert [str(f) for f in sandbox.root.rglob("*") if f.is_file() and SECRET in f.read_text()] == []


@pytest.mark.parametrize("missing", ["DB_PASSWORD", "REDIS_URL", "API_KEY"])
def test_sealing_refuses_an_empty_value(missing: str, sandbox: Sandbox) -> None:
    """The template says which keys there are; an empty one is named and nothing is sealed."""
    lines = [f"{missing}=" if line.startswith(missing) else line for line in FILLED.splitlines()]
    done = seal(sandbox, "\n".join(lines) + "\n")
    assert (done.returncode, sandbox.calls) == (1, [])
    assert missing in done.stderr
    assert SECRET not in done.stderr


def test_sealing_that_fails_keeps_the_old_file(sandbox: Sandbox) -> None:
    """A kubeseal that fails, or a dry run, leaves the committed file as it was."""
    target = sandbox.root / "_shared/secrets/sealed/production/app-secrets.yaml"
    before = target.read_text()
    sandbox.environment["FAIL"] = "--format yaml"
    assert seal(sandbox, FILLED).returncode != 0
    del sandbox.environment["FAIL"]
    assert seal(sandbox, FILLED, "--dry-run").returncode == 0
    assert target.read_text() == before


def test_kubectl_makes_the_secret_that_kubeseal_is_given(sandbox: Sandbox) -> None:
    """The real kubectl, no stand-in, reads the filled template as it is: comments no value, every key one."""
    template = (sandbox.root / "_shared/secrets/templates/app-secrets.env").read_text()
    file = sandbox.work / "filled.secret.env"
    file.write_text("".join(f"{x}value\n" if x.endswith("=") else f"{x}\n" for x in template.splitlines()))
    command = [str(kubectl()), "create", "secret", "generic", "app-secrets", "--from-env-file", str(file)]
    done = subprocess.run([*command, "--dry-run=client", "-o", "yaml"], capture_output=True, text=True, check=True)
    assert set(yaml.safe_load(done.stdout)["data"]) == {"DB_PASSWORD", "REDIS_URL", "API_KEY"}


def test_sealing_the_registry_login_needs_one_for_ghcr(sandbox: Sandbox) -> None:
    """A docker configuration without ghcr.io is refused; one with it becomes ghcr-secret."""
    file = sandbox.work / "config.json"
    variables = {"ENVIRONMENT": "staging", "DOCKER_CONFIG_FILE": str(file), "KUBESEAL_CERT": "cert.pem"}
    file.write_text('{"auths": {}}')
    assert sandbox.run("env/seal-registry.sh", **variables).returncode == 1
    file.write_text('{"auths": {"ghcr.io": {}}}')
    assert sandbox.run("env/seal-registry.sh", **variables).returncode == 0
    target = sandbox.root / "_shared/secrets/sealed/staging/ghcr-secret.yaml"
    assert target.read_text().startswith("kind: SealedSecret")
    assert any("--type kubernetes.io/dockerconfigjson" in call for call in sandbox.calls)


@pytest.mark.rule("SEC002", "SEC005")
def test_sops_decrypts_into_a_pipe_only(sandbox: Sandbox) -> None:
    """Each *.enc.yaml of the environment is decrypted straight into kubectl; a plain file beside it is not touched."""
    directory = sandbox.root / "_shared/secrets/sops/production"
    directory.mkdir(parents=True)
    (directory / "app.enc.yaml").write_text("sops: {}\n")
    (directory / "app.yaml").write_text("kind: Secret\n")
    done = sandbox.run("env/apply-sops.sh", **PRODUCTION)
    assert (done.returncode, done.stdout) == (0, "")
    assert sorted(sandbox.calls) == [
        "kubectl --context prod-cluster -n prj-01-prod apply -f -",
        "sops decrypt FILE",
    ]
    assert {f.name for f in directory.iterdir()} == {"app.enc.yaml", "app.yaml"}


def test_sops_that_cannot_decrypt_is_an_error(sandbox: Sandbox) -> None:
    """A failing sops at the head of the pipe fails the script."""
    directory = sandbox.root / "_shared/secrets/sops/production"
    directory.mkdir(parents=True)
    (directory / "app.enc.yaml").write_text("sops: {}\n")
    assert sandbox.run("env/apply-sops.sh", FAIL="decrypt", **PRODUCTION).returncode != 0


K3S = {"K3S_VERSION": "v1.37.1+k3s1", "K3S_INSTALLER": "install.sh"}


@pytest.mark.rule("MAN014")
def test_k3s_is_installed_once(sandbox: Sandbox) -> None:
    """The installer that somebody has read runs with the pinned version; where that version runs, nothing happens."""
    installer = sandbox.work / "install.sh"
    installer.write_text('echo "$INSTALL_K3S_VERSION $*" >> installed\n')
    assert sandbox.run("k3s/install.sh", "--dry-run", **K3S).returncode == 0
    assert not (sandbox.work / "installed").exists()
    assert sandbox.run("k3s/install.sh", **K3S).returncode == 0
    arguments = "server --cluster-init --secrets-encryption --default-local-storage-path /data"
    assert (sandbox.work / "installed").read_text() == f"v1.37.1+k3s1 {arguments}\n"
    assert sandbox.run("k3s/install.sh", INSTALLED="v1.37.1+k3s1", **K3S).returncode == 0
    assert (sandbox.work / "installed").read_text().count("\n") == 1


def test_a_k3s_agent_joins_a_server(sandbox: Sandbox) -> None:
    """An agent needs the server's address and a token file, never the token itself on a command line."""
    (sandbox.work / "install.sh").write_text('echo "$*" >> installed\n')
    assert sandbox.run("k3s/install.sh", K3S_ROLE="agent", **K3S).returncode == 1
    join = {"K3S_ROLE": "agent", "K3S_URL": "https://10.0.0.1:6443", "K3S_TOKEN_FILE": "token"}
    assert sandbox.run("k3s/install.sh", **join, **K3S).returncode == 0
    assert (sandbox.work / "installed").read_text() == "agent --server https://10.0.0.1:6443 --token-file token\n"


def test_a_backup_saves_and_keeps_fourteen(sandbox: Sandbox) -> None:
    """A snapshot, then the pruning; a dry run does neither."""
    assert sandbox.run("k3s/backup.sh", "--dry-run").returncode == 0
    assert sandbox.calls == []
    assert sandbox.run("k3s/backup.sh").returncode == 0
    assert sandbox.calls == [
        "k3s etcd-snapshot save --name scheduled",
        "k3s etcd-snapshot prune --name scheduled --snapshot-retention 14",
    ]


@pytest.mark.rule("MON001")
def test_monitoring_is_one_pinned_release(sandbox: Sandbox) -> None:
    """helm upgrade --install of an exact chart version into monitoring with the committed values."""
    assert sandbox.run("monitoring/install.sh", KUBE_CONTEXT="prod-cluster", CHART_VERSION="79").returncode == 1
    done = sandbox.run("monitoring/install.sh", KUBE_CONTEXT="prod-cluster", CHART_VERSION="79.1.0")
    assert done.returncode == 0, done.stderr
    install, apply = sandbox.calls
    assert install.startswith("helm upgrade --install kube-prometheus-stack kube-prometheus-stack ")
    for words in ("--version 79.1.0", "--namespace monitoring", "--kube-context prod-cluster"):
        assert words in install
    assert apply.startswith("kubectl --context prod-cluster apply -k")


def test_the_alert_rules_are_tested_by_one_script(sandbox: Sandbox) -> None:
    """With the real promtool: green as committed, red once an alert cannot fire."""
    require_tool("promtool")
    assert sandbox.run("monitoring/test-rules.sh").returncode == 0
    file = sandbox.root / "_shared/monitoring/rules/app-alerts.yaml"
    file.write_text(file.read_text().replace("> 0.05", "> 5"))
    assert sandbox.run("monitoring/test-rules.sh").returncode != 0


def test_the_helm_that_the_script_calls_takes_its_options() -> None:
    """The real helm knows every option that the stand-in swallowed."""
    done = subprocess.run([helm(), "upgrade", "--help"], capture_output=True, text=True, check=True)
    for option in ("--install", "--repo", "--version", "--namespace", "--create-namespace", "--values", "--wait"):
        assert option in done.stdout
