"""What must outlive the app: its database, its volumes, its namespace."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

import httpx
from tests.cluster.objects import name
from tests.operations.stage import PRODUCTION, Stage
from tests.operations.versions import GOOD

POSTGRES = Path(__file__).parents[1] / "manifests" / "postgres.yaml"


def remove_the_app(stage: Stage) -> None:
    """The app is deleted as the page says; its database, and the order in it, are still there."""
    with_its_own_database(stage)
    order = _order(stage)
    stage.sh("kubectl --context production delete -k k8s/overlays/production --wait=false")
    stage.until(lambda: not stage.cluster.pods(PRODUCTION, app="app"), "the end of the app's pods")
    stage.demand(stage.cluster.control.get("namespaces", None, PRODUCTION), "the Namespace is gone")
    stage.demand(_asked(stage, "SELECT id FROM orders") == order, "the order is gone")
    stage.apply()
    stage.runs(GOOD)
    stage.demand(_asked(stage, "SELECT id FROM orders") == order, "the order is gone after the next deploy")


def with_its_own_database(stage: Stage) -> None:
    """The good version in production, with a database that runs in its namespace; nothing of it is a step."""
    stage.console.fresh()
    stage.loads.clear()
    stage.empty()
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
    done = stage.console.look("ENVIRONMENT=production KUBE_CONTEXT=production _shared/scripts/deploy/apply.sh")
    assert done.ok, f"{done}\n{stage.told()}"


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
