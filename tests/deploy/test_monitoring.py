"""The stack that watches: what it scrapes, what it keeps, what it shows, and what it scales."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from tests.deploy.alerting import DASHBOARD, MONITORING, load, metrics, of_the_app, promtool, queries
from tests.deploy.rendering import ENVIRONMENTS, NAMESPACES, RENDERINGS, containers, rendering
from tests.kube import of_kind, only

SHARED = "_shared/monitoring"
SIZE = r"[1-9]\d*[GT]i"


@pytest.mark.rule("MET007")
def test_dashboards_ask_only_for_metrics_of_the_app(tmp_path: Path) -> None:
    """Every query is PromQL, stays in one namespace and uses the app's metrics."""
    asked = [metrics(query) for query in queries()]
    assert len(asked) == 12
    assert all(asked)
    assert set().union(*asked) - of_the_app() == set()
    assert all('namespace="prj-01-prod"' in query for query in queries())
    rules = [{"record": f"query:{n}", "expr": query} for n, query in enumerate(queries())]
    done = promtool(tmp_path, {"spec": {"groups": [{"name": "dashboard", "rules": rules}]}})
    assert done.returncode == 0, done.stdout + done.stderr


def test_dashboard_panels_neither_overlap_nor_share_an_id() -> None:
    """Ten panels, each with a title, a number and a place of its own."""
    panels = json.loads(DASHBOARD.read_text())["panels"]
    assert len(panels) == 10
    for key in ("id", "title"):
        assert len({panel[key] for panel in panels}) == 10
    cells = [
        (x, y)
        for place in (panel["gridPos"] for panel in panels)
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) < 24


@pytest.mark.rule("MON005")
def test_monitors_and_rules_carry_the_release_that_looks_for_them() -> None:
    """Every ServiceMonitor and PrometheusRule that is rendered, both there at least once, has the label."""
    found = [m for m in rendering(SHARED) if m["kind"] in ("ServiceMonitor", "PodMonitor", "PrometheusRule")]
    assert {"ServiceMonitor", "PrometheusRule"} <= {m["kind"] for m in found}
    assert {m["metadata"].get("labels", {}).get("release") for m in found} == {"kube-prometheus-stack"}


@pytest.mark.rule("MON003")
def test_every_dashboard_in_git_is_loaded() -> None:
    """Each JSON file is in a ConfigMap of the Namespace monitoring, with the label that Grafana's sidecar looks for."""
    sidecar = load(MONITORING / "values.yaml")["grafana"]["sidecar"]["dashboards"]
    assert sidecar["enabled"] is True
    assert sidecar["label"] == "grafana_dashboard"
    loaded: dict[str, Any] = {}
    for each in of_kind(rendering(SHARED), "ConfigMap"):
        if each["metadata"].get("labels", {}).get(sidecar["label"]) == sidecar["labelValue"]:
            assert each["metadata"]["namespace"] == "monitoring"
            loaded |= {name: json.loads(text) for name, text in each["data"].items()}
    assert loaded == {f.name: json.loads(f.read_text()) for f in (MONITORING / "dashboards").rglob("*.json")}
    assert DASHBOARD.name in loaded


def test_the_service_monitor_looks_into_no_other_namespace() -> None:
    """Each Namespace that it names is that of an overlay: a name left over would hide that nothing is scraped there."""
    spaces = only(rendering(SHARED), "ServiceMonitor")["spec"]["namespaceSelector"]
    assert spaces.get("any") is True or sorted(spaces["matchNames"]) == sorted(NAMESPACES.values())


@pytest.mark.rule("MON005", "MET007")
@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_service_monitor_looks_into_the_namespace_of_every_environment(environment: str) -> None:
    """Namespace and port name of the monitor are those of the rendered Service."""
    monitor = only(rendering(SHARED), "ServiceMonitor")["spec"]
    service = only(rendering(f"k8s/overlays/{environment}"), "Service")
    spaces = monitor["namespaceSelector"]
    assert spaces.get("any") is True or service["metadata"]["namespace"] in spaces["matchNames"]
    (endpoint,) = monitor["endpoints"]
    assert (endpoint["path"], endpoint["interval"]) == ("/metrics", "30s")
    assert endpoint["port"] in {port["name"] for port in service["spec"]["ports"]}


@pytest.mark.rule("MON002")
def test_the_stack_keeps_its_data_on_volumes() -> None:
    """Prometheus and Grafana each have a claim with a size, and Prometheus says how long it keeps what it has."""
    values = load(MONITORING / "values.yaml")
    spec = values["prometheus"]["prometheusSpec"]
    assert re.fullmatch(r"[1-9]\d*[dwy]", spec["retention"])
    claim = spec["storageSpec"]["volumeClaimTemplate"]["spec"]
    assert re.fullmatch(SIZE, claim["resources"]["requests"]["storage"])
    assert values["grafana"]["persistence"]["enabled"] is True
    assert re.fullmatch(SIZE, values["grafana"]["persistence"]["size"])


def test_no_alert_waits_for_a_process_that_k3s_does_not_have() -> None:
    """The chart's parts that scrape the control plane's own pods, which k3s has none of, are off."""
    values = load(MONITORING / "values.yaml")
    absent = ("kubeControllerManager", "kubeScheduler", "kubeProxy", "kubeEtcd")
    assert {name: values[name]["enabled"] for name in absent} == dict.fromkeys(absent, False)


@pytest.mark.rule("SEC007")
def test_grafanas_password_is_in_a_secret_that_exists() -> None:
    """The values name it, and hold no password of their own."""
    grafana = load(MONITORING / "values.yaml")["grafana"]
    assert grafana.get("admin", {}).get("existingSecret")
    assert "adminPassword" not in grafana


@pytest.mark.rule("MON007")
@pytest.mark.parametrize("carrier", RENDERINGS)
def test_an_autoscaler_can_work_and_keeps_two_replicas(carrier: str) -> None:
    """autoscaling/v2 over a Deployment beside it that requests what is measured and may run more than once."""
    rendered = rendering(carrier)
    scalers = of_kind(rendered, "HorizontalPodAutoscaler")
    assert bool(scalers) == ("autoscaling" in carrier)
    for scaler in scalers:
        spec, target = scaler["spec"], only(rendered, scaler["spec"]["scaleTargetRef"]["kind"])
        assert scaler["apiVersion"] == "autoscaling/v2"
        assert target["metadata"]["name"] == spec["scaleTargetRef"]["name"]
        assert 2 <= spec["minReplicas"] < spec["maxReplicas"]
        assert target["spec"]["strategy"]["type"] == "RollingUpdate"
        assert "replicas" not in target["spec"]
        for metric in spec["metrics"]:
            assert 0 < metric["resource"]["target"]["averageUtilization"] < 100
            for each in containers(target):
                assert each["resources"]["requests"].get(metric["resource"]["name"])
