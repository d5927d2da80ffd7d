"""The scripts for the cluster and its monitoring, against recording stand-ins of k3s and helm."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from tests.deploy.sandbox import Sandbox
from tests.kube import helm
from tests.tools import require_tool

K3S = {"K3S_VERSION": "v1.37.1+k3s1", "K3S_INSTALLER": "install.sh"}


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
    for words in ("--version 79.1.0", "--namespace monitoring", "--kube-context prod-cluster", "--values FILE"):
        assert words in install
    assert f"--values {sandbox.root}/_shared/monitoring/values.yaml" in Path(sandbox.environment["RECORD"]).read_text()
    assert not re.search(r"--set\b|--set-", install)
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
