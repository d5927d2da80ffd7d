"""What must outlive the app: its database, its volumes, its namespace."""

from __future__ import annotations

import subprocess
import tempfile
import time
from pathlib import Path

import httpx
from tests.cluster.cluster import Cluster
from tests.cluster.objects import name
from tests.operations.stage import PRODUCTION, Stage
from tests.operations.versions import GOOD

POSTGRES = Path(__file__).parents[1] / "manifests" / "postgres.yaml"
ELSEWHERE = Path("/dev/shm")
"""A file system other than that of the repository: a backup must end outside the host, which the scripts ask for."""
_BACKUP, _RESTORE = "_shared/scripts/backup", "_shared/scripts/restore"


def remove_the_app(stage: Stage) -> None:
    """The app is deleted as the page says; its database, and the order in it, are still there."""
    with_its_own_database(stage)
    order = _order(stage)
    chosen = {"KUBE_CONTEXT": "production", "OVERLAY": "k8s/overlays/production"}
    stage.sh('kubectl --context "$KUBE_CONTEXT" delete -k "$OVERLAY"', **chosen)
    stage.until(lambda: not stage.cluster.pods(PRODUCTION, app="app"), "the end of the app's pods")
    stage.demand(stage.cluster.control.get("namespaces", None, PRODUCTION), "the Namespace is gone")
    stage.demand(_asked(stage, "SELECT id FROM orders") == order, "the order is gone")
    stage.apply()
    stage.runs(GOOD)
    stage.demand(_asked(stage, "SELECT id FROM orders") == order, "the order is gone after the next deploy")


def rebuild(stage: Stage) -> None:
    """The cluster is gone; a new one has the sealing keys, the database and the app of before."""
    with_its_own_database(stage)
    order = _order(stage)
    with tempfile.TemporaryDirectory(dir=ELSEWHERE) as target, Cluster(stage.cluster.names, sealed=False) as fresh:
        _back_up(stage, target)
        new = stage.beside(fresh, "production")
        new.sh(f"KUBE_CONTEXT=production BACKUP_TARGET={target} BACKUP_KEY={target}/people.key {_RESTORE}/keys.sh")
        new.sh("KUBE_CONTEXT=production _shared/scripts/env/install-controller.sh")
        new.sh("kubectl --context production apply -k k8s/cluster")
        _install_database(new)
        new.sh(f"BACKUP_TARGET={target} PGDATABASE=trading {_RESTORE}/database.sh", **_database(new))
        new.apply()
        new.runs(GOOD)
        new.demand(_asked(new, "SELECT id FROM orders") == order, "the order is gone")


def _back_up(stage: Stage, target: str) -> None:
    """What the timer does every day: no step of the rebuild."""
    pair = f"-keyout {target}/people.key -out {target}/people.pem -nodes -subj /CN=people -days 2"
    for command, more in (
        (f"openssl req -x509 -newkey rsa:2048 {pair}", {}),
        (f"KUBE_CONTEXT=production BACKUP_CERT={target}/people.pem {_BACKUP}/keys.sh", {}),
        (f"PGDATABASE=trading {_BACKUP}/database.sh", _database(stage)),
    ):
        done = stage.console.look(command, BACKUP_TARGET=target, **more)
        assert done.ok, str(done)


def _database(stage: Stage) -> dict[str, str]:
    host, port = stage.cluster.network.service(PRODUCTION, "postgres", "postgres")
    return {"PGHOST": host, "PGPORT": str(port), "PGUSER": "app"}


def with_its_own_database(stage: Stage) -> None:
    """The good version in production, with a database that runs in its namespace; nothing of it is a step."""
    stage.console.fresh()
    stage.loads.clear()
    stage.empty()
    _install_database(stage)
    done = stage.console.look("ENVIRONMENT=production KUBE_CONTEXT=production _shared/scripts/deploy/apply.sh")
    assert done.ok, f"{done}\n{stage.told()}"


def _install_database(stage: Stage) -> None:
    context = f"kubectl --context production -n {PRODUCTION}"
    for command in (
        f"kubectl --context production create namespace {PRODUCTION}",
        f"{context} apply -f {POSTGRES}",
        f"{context} rollout status statefulset/postgres --timeout=30s",
    ):
        done = stage.console.look(command)
        assert done.ok, f"{done}\n{stage.told()}"
    _until_it_answers(stage)
    for query in ("CREATE ROLE app SUPERUSER LOGIN", "CREATE DATABASE trading OWNER app"):
        _psql(stage, "postgres", query)


def _order(stage: Stage) -> str:
    host, port = stage.cluster.network.service(PRODUCTION, "app")
    stage.until(lambda: stage.cluster.network.endpoints(PRODUCTION, "app"), "endpoints")
    order = {"symbol": "AAPL", "side": "buy", "quantity": "1", "price": "10"}
    answer = httpx.post(f"http://{host}:{port}/orders", json=order, headers={"Idempotency-Key": "one"}, timeout=10)
    assert answer.status_code == 201, answer.text
    return _asked(stage, "SELECT id FROM orders")


def _asked(stage: Stage, query: str) -> str:
    try:
        return _psql(stage, "trading", query)
    except (KeyError, subprocess.CalledProcessError) as error:
        stage.demand(False, f"the database does not answer: {error}")
        raise


def _psql(stage: Stage, database: str, query: str) -> str:
    host, port = stage.cluster.network.service(PRODUCTION, "postgres", "postgres")
    program = str(stage.backing.server.bin_path / "psql")
    command = [program, "-At", "-c", query, f"postgresql://postgres@{host}:{port}/{database}"]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=20).stdout.strip()


def _until_it_answers(stage: Stage) -> None:
    def answers() -> bool:
        try:
            return _psql(stage, "postgres", "SELECT 1") == "1"
        except (KeyError, subprocess.SubprocessError):
            time.sleep(0.1)
            return False

    stage.cluster.until(answers, "the database's answer")
    assert [name(each) for each in stage.cluster.pods(PRODUCTION, app="postgres")]
