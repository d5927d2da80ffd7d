"""What the App document asks of a pod, in everything that the Deploy repo can render."""

from __future__ import annotations

import re

import pytest
from tests.deploy.rendering import EXAMPLES, RENDERINGS, container, pod, rendering, seconds, workloads
from tests.kube import DEPLOY, ROOT, of_kind, only

PATHS = {"startupProbe": "/health/startup", "livenessProbe": "/health/live", "readinessProbe": "/health/ready"}
MARGIN = 5
"""Seconds that the budget of a stop leaves free."""
REMOVAL = 2
"""Seconds until the last node has removed an endpoint, in the simulation that the findings tell of."""
LOG_WORD = re.compile(r"(?<![a-z])logs?(?![a-z])", re.IGNORECASE)


def test_each_component_is_rendered() -> None:
    """One that no example shows would be judged by nobody."""
    components = {folder.name for folder in (DEPLOY / "k8s/components").iterdir()}
    assert {name.rpartition("/")[2] for name in EXAMPLES} == components


@pytest.mark.rule("PRB012", "PRB007")
@pytest.mark.parametrize("name", RENDERINGS)
def test_each_probe_asks_its_own_path_and_waits_longer_than_a_check(name: str) -> None:
    """At the port named http, and for longer than the app's own check takes."""
    app = container(only(rendering(name), "Deployment"))
    assert {kind: app[kind]["httpGet"]["path"] for kind in PATHS} == PATHS
    assert {app[kind]["httpGet"]["port"] for kind in PATHS} == {"http"}
    check = seconds(rendering(name), "PROBE_TIMEOUT_SECONDS")
    assert [kind for kind in PATHS if app[kind].get("timeoutSeconds", 1) <= check] == []
    assert [kind for kind in PATHS if "timeoutSeconds" not in app[kind]] == []


@pytest.mark.rule("NET003")
@pytest.mark.parametrize("name", RENDERINGS)
def test_the_service_reaches_the_named_container_port(name: str) -> None:
    """Port 80 named http leads to the container port 8080 named http, by the chart too, and no other is open."""
    (port,) = only(rendering(name), "Service")["spec"]["ports"]
    assert (port["name"], port["port"], port["targetPort"]) == ("http", 80, "http")
    assert container(only(rendering(name), "Deployment"))["ports"] == [{"name": "http", "containerPort": 8080}]


@pytest.mark.rule("PRB013")
@pytest.mark.parametrize("name", RENDERINGS)
def test_only_the_startup_probe_may_have_an_initial_delay(name: str) -> None:
    """The others wait for it anyway."""
    app = container(only(rendering(name), "Deployment"))
    assert "startupProbe" in app
    assert [kind for kind in ("livenessProbe", "readinessProbe") if app[kind].get("initialDelaySeconds")] == []


@pytest.mark.rule("SHD011")
@pytest.mark.parametrize("name", RENDERINGS)
def test_the_grace_period_covers_the_budget_of_the_app(name: str) -> None:
    """preStop sleeps no longer than the app is told; with drain, requests, cleanup and margin it fits."""
    deployment = only(rendering(name), "Deployment")
    prestop = container(deployment)["lifecycle"]["preStop"]
    assert set(prestop) == {"sleep"}
    told = {part: seconds(rendering(name), f"{part}_SECONDS") for part in ("PRESTOP", "DRAIN", "REQUEST", "CLEANUP")}
    assert prestop["sleep"]["seconds"] <= told["PRESTOP"]
    assert sum(told.values()) + MARGIN <= pod(deployment)["terminationGracePeriodSeconds"]


@pytest.mark.rule("SHD012")
@pytest.mark.parametrize("name", RENDERINGS)
def test_the_drain_outlasts_the_removal_of_the_endpoint(name: str) -> None:
    """By what the app is told, or its default."""
    assert seconds(rendering(name), "DRAIN_SECONDS") > REMOVAL


@pytest.mark.rule("LOG005")
@pytest.mark.parametrize("name", RENDERINGS)
def test_no_volume_is_for_logs(name: str) -> None:
    """Neither by the name of a volume or claim nor by where it is mounted, in any pod."""
    pods = [pod(workload) for workload in workloads(rendering(name))]
    assert len(pods) == 2
    volumes = [volume["name"] for spec in pods for volume in spec.get("volumes", [])]
    containers = [each for spec in pods for each in [*spec["containers"], *spec.get("initContainers", [])]]
    mounts = [str(mount[key]) for each in containers for mount in each["volumeMounts"] for key in ("name", "mountPath")]
    claims = [claim["metadata"]["name"] for claim in of_kind(rendering(name), "PersistentVolumeClaim")]
    assert len(mounts) >= 4
    assert [word for word in [*volumes, *mounts, *claims] if LOG_WORD.search(word)] == []


@pytest.mark.rule("LOG005")
def test_the_image_makes_no_volume_for_logs() -> None:
    """A volume that the image declares is made without anybody asking for it."""
    lines = (ROOT / "snippets/app/docker/Dockerfile").read_text().splitlines()
    assert "EXPOSE 8080" in lines
    assert [line for line in lines if line.startswith("VOLUME") and LOG_WORD.search(line)] == []


@pytest.mark.rule("SHD010")
@pytest.mark.parametrize("name", RENDERINGS)
def test_a_pod_goes_only_when_another_serves(name: str) -> None:
    """Unless there may be only one at a time, which is the choice of a singleton or a volume."""
    spec = only(rendering(name), "Deployment")["spec"]
    if "singleton" in name or "storage" in name:
        assert spec["strategy"] == {"type": "Recreate"}
        return
    assert spec["strategy"]["type"] == "RollingUpdate"
    assert str(spec["strategy"]["rollingUpdate"]["maxUnavailable"]) in {"0", "0%"}


@pytest.mark.rule("TWF007")
@pytest.mark.parametrize("name", RENDERINGS)
def test_more_pods_and_not_bigger_ones_are_how_it_scales(name: str) -> None:
    """One container a pod; an autoscaler has room for more replicas, and nothing makes a pod larger."""
    assert [len(pod(workload)["containers"]) for workload in workloads(rendering(name))] == [1, 1]
    assert of_kind(rendering(name), "VerticalPodAutoscaler") == []
    scalers = [each["spec"] for each in of_kind(rendering(name), "HorizontalPodAutoscaler")]
    assert len(scalers) == (1 if "autoscaling" in name else 0)
    assert [each for each in scalers if each["maxReplicas"] <= each["minReplicas"]] == []
    assert [each["scaleTargetRef"]["kind"] for each in scalers] == ["Deployment"] * len(scalers)


@pytest.mark.rule("TWF008")
@pytest.mark.parametrize("name", RENDERINGS)
def test_the_migration_is_one_process_of_the_apps_own_image(name: str) -> None:
    """A Job, once, with the tag of the Deployment; no pod of the app runs it on its way."""
    job, deployment = only(rendering(name), "Job"), only(rendering(name), "Deployment")
    assert container(job)["image"] == container(deployment)["image"]
    assert container(job)["command"] == ["python", "-m", "app.migrate"]
    assert (ROOT / "snippets/app/src/app/migrate.py").is_file()
    assert (job["spec"].get("completions", 1), job["spec"].get("parallelism", 1)) == (1, 1)
    assert pod(deployment).get("initContainers", []) == []
    assert "migrate" not in str(container(deployment))


@pytest.mark.rule("MET007")
@pytest.mark.parametrize("name", RENDERINGS)
def test_the_monitor_finds_the_service_and_scrapes_its_metrics_only(name: str) -> None:
    """By the labels that the Service really has, at a port that it really has."""
    monitor = only(rendering("_shared/monitoring"), "ServiceMonitor")["spec"]
    wanted = monitor["selector"]["matchLabels"].items()
    found = [each for each in of_kind(rendering(name), "Service") if wanted <= each["metadata"]["labels"].items()]
    assert [port["name"] for each in found for port in each["spec"]["ports"]] == ["http"]
    assert [(each["port"], each.get("path", "/metrics")) for each in monitor["endpoints"]] == [("http", "/metrics")]
