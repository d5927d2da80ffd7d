"""Hosts and what is installed on them: k3s upgraded, a cluster's first day. k3s and its installer are stand-ins."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.cluster.cluster import KUBERNETES, Cluster
from tests.operations.scenarios.data import ELSEWHERE
from tests.operations.scenarios.growth import seal
from tests.operations.scenarios.machines import drain_command
from tests.operations.stage import STAGING, Stage
from tests.operations.versions import GOOD

NEWER = "v1.37.1+k3s1"
AGENT = "K3S_ROLE=agent K3S_URL=https://10.0.0.1:6443 K3S_TOKEN_FILE=token "
_INSTALL = "K3S_INSTALLER=./install.sh {}_shared/scripts/k3s/install.sh"
_CREATE = (
    "kubectl create secret generic {0} --namespace monitoring --from-env-file {0}.secret.env --dry-run=client -o yaml"
    " | kubeseal --context staging --format yaml > _shared/secrets/sealed/monitoring/{0}.yaml"
)
_K3S = """#!/bin/sh
case "$1" in
  --version) echo "k3s version $INSTALLED (0)" ;;
  etcd-snapshot) for last; do :; done; mkdir -p "$last" && echo store >"$last/scheduled" ;;
esac
"""


def upgrade_k3s(stage: Stage) -> None:
    """The store is saved, then each host in turn is drained, upgraded and back; no client notices."""
    stage.running()
    with _host(stage) as more, stage.clients():
        stage.console.edit("_shared/versions.env", "^K3S_VERSION=.*", f"K3S_VERSION={NEWER}")
        stage.console.commit("the next k3s")
        saved = stage.sh("_shared/scripts/backup/cluster.sh", **more)
        stage.demand("saved cluster-" in saved.err, f"the store is not saved:\n{saved}")
        for node, role in (("node-1", ""), ("node-2", AGENT)):
            stage.sh(drain_command(node))
            if not role:
                stage.sh(f"{_INSTALL.format(role)} --dry-run", **more)
            stage.sh(_INSTALL.format(role), **more)
            stage.cluster.nodes[node].upgrade(_installed(stage) or KUBERNETES)
            stage.sh(f"kubectl --context production uncordon {node}")
            stage.runs(GOOD)
        listed = stage.sh("kubectl --context production get nodes")
    stage.demand(listed.out.count(NEWER) == len(stage.cluster.nodes), f"not all hosts run it:\n{listed.out}")


def first_day(stage: Stage) -> None:
    """From an empty machine to the app in staging, in the order of the page and with nothing that it does not say."""
    stage.console.fresh()
    stage.loads.clear()
    stage.empty()
    stage.backing.new_database("trading_staging", "template0")
    with _host(stage, installed=False) as more:
        stage.sh(f"{_INSTALL.format('')} --dry-run", **more)
        stage.demand(not _installed(stage), "the dry run installs")
        stage.sh(_INSTALL.format(""), **more)
        stage.demand(_installed(stage), "nothing is installed")
        with Cluster(stage.cluster.names, nodes=("node-1",), sealed=False) as cluster:
            new = stage.beside(cluster, "staging")
            new.sh("kubectl --context staging apply -k k8s/cluster")
            new.sh("KUBE_CONTEXT=staging _shared/scripts/env/install-controller.sh")
            seal(new, "ENVIRONMENT=staging KUBE_CONTEXT=staging")
            _monitoring(new)
            new.sh("ENVIRONMENT=staging KUBE_CONTEXT=staging _shared/scripts/deploy/apply.sh --dry-run")
            new.apply("staging")
            new.runs(GOOD, STAGING)
            with new.clients(STAGING):
                pass


def _monitoring(stage: Stage) -> None:
    stage.sh("mkdir -p _shared/secrets/sealed/monitoring")
    for name in ("grafana-admin", "alertmanager-chat"):
        template = stage.console.repository / f"_shared/secrets/templates/{name}.env"
        filled = stage.console.repository / f"{name}.secret.env"
        filled.write_text(template.read_text("utf-8").replace("=\n", "=chosen\n"), "utf-8")
        stage.sh(_CREATE.format(name))
        filled.unlink()
    stage.console.commit("the secrets of monitoring")
    stage.sh("kubectl --context staging apply -f _shared/monitoring/namespace.yaml")
    stage.sh("kubectl --context staging apply -f _shared/secrets/sealed/monitoring/")
    stage.until(lambda: stage.cluster.control.get("secrets", "monitoring", "grafana-admin"), "the Secret of monitoring")
    stage.sh("KUBE_CONTEXT=staging _shared/scripts/monitoring/install.sh")


@contextmanager
def _host(stage: Stage, *, installed: bool = True) -> Iterator[dict[str, str]]:
    """A host with k3s or without, its state, the installer that somebody has read, and a disk for backups."""
    (stage.console.repository / "install.sh").write_text('echo "$INSTALL_K3S_VERSION" >installed\n', "utf-8")
    (stage.console.repository / "token").write_text("token\n", "utf-8")
    with tempfile.TemporaryDirectory() as directory, tempfile.TemporaryDirectory(dir=ELSEWHERE) as target:
        host = Path(directory)
        (host / "server/db/etcd").mkdir(parents=True)
        (host / "server/token").write_text("token\n", "utf-8")
        if installed:
            (host / "k3s").write_text(_K3S, "utf-8")
            (host / "k3s").chmod(0o755)
        pair = f"-keyout {target}/people.key -out {target}/people.pem -nodes -subj /CN=people -days 2"
        done = stage.console.look(f"openssl req -x509 -newkey rsa:2048 {pair}")
        assert done.ok, str(done)
        yield {
            "PATH": f"{host}:{stage.console.environment['PATH']}",
            "INSTALLED": KUBERNETES,
            "K3S_STATE": str(host),
            "BACKUP_TARGET": target,
            "BACKUP_CERT": f"{target}/people.pem",
        }


def _installed(stage: Stage) -> str:
    """The version that the installer was called for; empty where it was not."""
    file = stage.console.repository / "installed"
    return file.read_text("utf-8").strip() if file.exists() else ""
