"""The scripts for the cluster and its monitoring, against recording stand-ins of k3s and helm."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from tests.deploy.sandbox import Sandbox
from tests.kube import DEPLOY, helm
from tests.tools import require_tool

K3S = {"K3S_VERSION": "v1.37.1+k3s1", "K3S_INSTALLER": "install.sh"}
SERVER = "--secrets-encryption --default-local-storage-path /data"
JOIN = {"K3S_URL": "https://10.0.0.1:6443", "K3S_TOKEN_FILE": "token"}


def installed(sandbox: Sandbox, **variables: str) -> str:
    """What the installer is called with, its version first; the script's complaint where it calls none."""
    (sandbox.work / "install.sh").write_text('echo "$INSTALL_K3S_VERSION $*" > installed\n')
    (sandbox.work / "installed").unlink(missing_ok=True)
    done = sandbox.run("k3s/install.sh", **{**K3S, **variables})
    return (sandbox.work / "installed").read_text() if (sandbox.work / "installed").exists() else done.stderr


@pytest.mark.parametrize(
    ("variables", "arguments"),
    [
        ({}, f"server --cluster-init {SERVER}"),
        (JOIN, f"server --server https://10.0.0.1:6443 --token-file token {SERVER}"),
        (JOIN | {"K3S_ROLE": "agent"}, "agent --server https://10.0.0.1:6443 --token-file token"),
    ],
    ids=["first server", "further server", "agent"],
)
def test_each_host_is_installed_as_what_it_is(variables: dict[str, str], arguments: str, sandbox: Sandbox) -> None:
    """The first server begins the cluster; a further one joins it and begins none of its own; an agent only joins."""
    assert installed(sandbox, **variables) == f"v1.37.1+k3s1 {arguments}\n"


@pytest.mark.parametrize("variables", [{"K3S_ROLE": "agent"}, {"K3S_URL": "https://10.0.0.1:6443"}])
def test_joining_needs_an_address_and_a_token_file(variables: dict[str, str], sandbox: Sandbox) -> None:
    """The token itself is on no command line."""
    assert installed(sandbox, **variables).startswith("error: set K3S_")


@pytest.mark.rule("PLT019")
@pytest.mark.parametrize(
    ("wanted", "running", "complaint"),
    [
        ("v1.29.9+k3s1", "", "older than Kubernetes 1.30"),
        ("v1.9.9+k3s1", "", "older than Kubernetes 1.30"),
        ("v1.30.0+k3s1", "", None),
        ("v1.37.1+k3s1", "v1.36.3+k3s1", None),
        ("v1.37.1+k3s1", "v1.35.9+k3s1", "more than one minor version"),
        ("v1.36.1+k3s1", "v1.37.1+k3s1", "none back"),
    ],
)
def test_k3s_is_new_enough_and_goes_one_step_at_a_time(
    wanted: str, running: str, complaint: str | None, sandbox: Sandbox
) -> None:
    """Nothing below the minimum, no minor version skipped, and no way back."""
    said = installed(sandbox, K3S_VERSION=wanted, INSTALLED=running)
    assert (complaint in said) if complaint else said.startswith(f"{wanted} server")


@pytest.mark.rule("PLT018")
def test_every_version_stands_in_one_file(sandbox: Sandbox) -> None:
    """Scripts take theirs from it, ArgoCD's image is the one it names, and no script or workflow has one of its own."""
    text = (sandbox.root / "_shared/versions.env").read_text()
    versions = dict(line.split("=") for line in text.splitlines() if "=" in line and not line.startswith("#"))
    for name in ("K3S_VERSION", "SEALED_SECRETS_CHART_VERSION", "PROMETHEUS_STACK_CHART_VERSION", "KUBERNETES_MINIMUM"):
        assert versions[name]
    assert installed(sandbox, K3S_VERSION="").startswith(f"{versions['K3S_VERSION']} server")
    for script, name in (
        ("monitoring/install.sh", "PROMETHEUS_STACK"),
        ("env/install-controller.sh", "SEALED_SECRETS"),
    ):
        assert sandbox.run(script, KUBE_CONTEXT="c").returncode == 0
        (call,) = [call for call in sandbox.recorded if call.startswith("helm")][-1:]
        assert f"--version {versions[f'{name}_CHART_VERSION']} " in call
    image = re.search(
        r"image: quay.io/argoproj/argocd:(\S+)", (DEPLOY / ".github/workflows/sync-argocd.yml").read_text()
    )
    assert image is not None
    assert image[1] == versions["ARGOCD_VERSION"]
    elsewhere = [*(DEPLOY / "_shared/scripts").rglob("*.sh"), *(DEPLOY / ".github").rglob("*.yml")]
    own = re.compile(r"(?m)^(?!.*(?:uses:|image: quay.io/argoproj)).*\bv?\d+\.\d+\.\d+\b")
    assert [(f.name, m[0]) for f in elsewhere for m in own.finditer(f.read_text()) if "#" not in m[0]] == []


@pytest.mark.rule("MAN014", "PLT006")
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


@pytest.mark.rule("MON001")
def test_monitoring_is_one_pinned_release(sandbox: Sandbox) -> None:
    """helm upgrade --install of an exact chart version into monitoring with the committed values."""
    chart = {"KUBE_CONTEXT": "prod-cluster", "PROMETHEUS_STACK_CHART_VERSION": "79"}
    assert sandbox.run("monitoring/install.sh", **chart).returncode == 1
    done = sandbox.run("monitoring/install.sh", KUBE_CONTEXT="prod-cluster")
    assert done.returncode == 0, done.stderr
    install, apply = sandbox.calls
    assert install.startswith("helm upgrade --install kube-prometheus-stack kube-prometheus-stack ")
    for words in ("--version 79.1.0", "--namespace monitoring", "--kube-context prod-cluster", "--values values.yaml"):
        assert words in install
    assert f"--values {sandbox.root}/_shared/monitoring/values.yaml" in Path(sandbox.environment["RECORD"]).read_text()
    assert not re.search(r"--set\b|--set-", install)
    assert apply.startswith("kubectl --context prod-cluster apply -k")


@pytest.mark.parametrize("secret", ["grafana-admin", "alertmanager-chat"])
def test_monitoring_without_its_secrets_is_refused(secret: str, sandbox: Sandbox) -> None:
    """Each Secret that the chart's values name is asked for first; without one nothing is installed."""
    assert f" {secret}\n" in (sandbox.root / "_shared/monitoring/values.yaml").read_text()
    done = sandbox.run("monitoring/install.sh", KUBE_CONTEXT="c", FAIL=f"get secret {secret} ")
    assert done.stderr.startswith(f"error: monitoring has no Secret {secret}: docs/runbooks/grafana.md")
    assert sandbox.calls == []


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
