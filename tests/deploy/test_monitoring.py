"""Monitoring: alert rules that fire and stay quiet, and queries that ask only for metrics that exist."""

from __future__ import annotations

import ast
import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import CollectorRegistry, ProcessCollector
from tests.deploy.rendering import ENVIRONMENTS, RENDERINGS, containers, rendering, scalars
from tests.kube import DEPLOY, Manifest, of_kind, only
from tests.tools import require_tool

SHARED = "_shared/monitoring"
MONITORING = DEPLOY / SHARED
SIZE = r"[1-9]\d*[GT]i"
RULES = MONITORING / "rules" / "app-alerts.yaml"
CASES = MONITORING / "rules" / "app-alerts.test.yaml"
DASHBOARD = MONITORING / "dashboards" / "app.json"

SOURCE = DEPLOY.parent / "app" / "src" / "app" / "metrics.py"
# Prometheus itself and kube-state-metrics, both of the stack that values.yaml installs.
OF_THE_STACK = {"up", "kube_pod_container_status_restarts_total"}
WORDS = {"by", "without", "on", "ignoring", "group_left", "group_right", "and", "or", "unless", "offset", "bool"}


def of_the_app() -> set[str]:
    """The series that the reference app exposes: those its source defines, and those of its process."""
    process = CollectorRegistry()
    ProcessCollector(registry=process)
    names = {sample.name for family in process.collect() for sample in family.samples}
    for call in (node for node in ast.walk(ast.parse(SOURCE.read_text())) if isinstance(node, ast.Call)):
        match call:
            case ast.Call(func=ast.Name("Counter" | "Gauge"), args=[ast.Constant(str(name)), *_]):
                names.add(name)
            case ast.Call(func=ast.Name("Histogram"), args=[ast.Constant(str(name)), *_]):
                names |= {f"{name}_{part}" for part in ("bucket", "sum", "count")}
    return names


def alerts() -> list[dict[str, Any]]:
    """Every alert of the PrometheusRule."""
    groups = yaml.safe_load(RULES.read_text())["spec"]["groups"]
    return [rule for group in groups for rule in group["rules"]]


def queries() -> list[str]:
    """What the dashboard asks, with Grafana's variables replaced."""
    panels = json.loads(DASHBOARD.read_text())["panels"]
    return [t["expr"].replace("$namespace", "prj-01-prod") for panel in panels for t in panel["targets"]]


def metrics(expression: str) -> set[str]:
    """The metric names in a query: identifiers that are no function, no keyword, no label."""
    bare = re.sub(r'"[^"]*"', "", expression)
    bare = re.sub(r"\{[^}]*\}|\[[^\]]*\]", "", bare)
    bare = re.sub(r"\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)", "", bare)
    names = set(re.findall(r"\b([a-zA-Z_:][a-zA-Z0-9_:]*)\b(?!\s*\()", bare))
    return names - WORDS


def promtool(work: Path, rules: Manifest, cases: Manifest | None = None) -> subprocess.CompletedProcess[str]:
    """Runs promtool over the rules of a PrometheusRule, and over their unit tests where given."""
    (work / "app-alerts.rules.yaml").write_text(yaml.safe_dump(rules["spec"]))
    command = [require_tool("promtool"), "check", "rules", "app-alerts.rules.yaml"]
    if cases is not None:
        (work / "app-alerts.test.yaml").write_text(yaml.safe_dump(cases))
        command = [command[0], "test", "rules", "app-alerts.test.yaml"]
    return subprocess.run(command, cwd=work, capture_output=True, text=True, check=False)


def load(path: Path) -> Manifest:
    """The one document of a file."""
    document: Manifest = yaml.safe_load(path.read_text())
    return document


@pytest.mark.rule("MON006")
def test_promtool_accepts_the_rules_and_their_cases(tmp_path: Path) -> None:
    """Every rule is well-formed, and every case fires or stays quiet as written."""
    assert promtool(tmp_path, load(RULES)).returncode == 0
    done = promtool(tmp_path, load(RULES), load(CASES))
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.rule("MON006")
def test_every_alert_has_a_firing_and_a_quiet_case() -> None:
    """Seven alerts, each expected with labels at least once and expected absent at least once."""
    firing: set[str] = set()
    quiet: set[str] = set()
    for case in load(CASES)["tests"]:
        for expected in case["alert_rule_test"]:
            (firing if expected.get("exp_alerts") else quiet).add(expected["alertname"])
    names = {rule["alert"] for rule in alerts()}
    assert len(names) == 7
    assert firing == names
    assert quiet == names


@pytest.mark.rule("MON006")
def test_every_alert_waits_names_its_severity_and_its_runbook() -> None:
    """for, severity, a summary, and a runbook that exists; the two required alerts are among them."""
    for rule in alerts():
        assert rule["for"], rule["alert"]
        assert rule["labels"]["severity"] in {"critical", "warning"}
        assert rule["annotations"]["summary"]
        assert (DEPLOY / rule["annotations"]["runbook"]).is_file()
    severity = {rule["alert"]: (rule["labels"]["severity"], rule["for"]) for rule in alerts()}
    assert severity["AppHighErrorRate"] == ("critical", "5m")
    assert severity["AppPodCrashLooping"] == ("warning", "5m")


@pytest.mark.parametrize("name", [rule["alert"] for rule in alerts()])
def test_an_alert_with_a_reversed_comparison_fails_its_cases(name: str, tmp_path: Path) -> None:
    """The cases judge the expression: with < for > (or != for ==) at least one of them fails."""
    rules = load(RULES)
    for rule in (r for group in rules["spec"]["groups"] for r in group["rules"] if r["alert"] == name):
        reversed_ = rule["expr"].replace("> ", "< ") if "> " in rule["expr"] else rule["expr"].replace("==", "!=")
        assert reversed_ != rule["expr"]
        rule["expr"] = reversed_
    assert promtool(tmp_path, rules, load(CASES)).returncode != 0


def test_an_expression_that_is_no_promql_is_refused(tmp_path: Path) -> None:
    """promtool check rules names the broken rule."""
    rules = load(RULES)
    rules["spec"]["groups"][0]["rules"][0]["expr"] = "sum by (namespace (rate(http_requests_total[5m])) > 0.05"
    assert promtool(tmp_path, rules).returncode != 0


def test_an_alert_that_asks_for_another_status_label_fails_its_cases(tmp_path: Path) -> None:
    """A label that the app does not set makes the error alert silent, and the firing case says so."""
    rules = load(RULES)
    rule = rules["spec"]["groups"][0]["rules"][0]
    rule["expr"] = rule["expr"].replace("status=~", "code=~")
    assert promtool(tmp_path, rules, load(CASES)).returncode != 0


@pytest.mark.rule("MET007")
def test_rules_ask_only_for_metrics_that_exist() -> None:
    """Each name in an alert is the app's, Prometheus's or kube-state-metrics'."""
    asked = set().union(*(metrics(rule["expr"]) for rule in alerts()))
    assert asked
    assert asked - of_the_app() - OF_THE_STACK == set()


def test_the_app_defines_the_metrics_of_its_contract() -> None:
    """The reading of the app's source finds what the documents promise."""
    promised = {"http_requests_total", "http_request_duration_seconds_bucket", "connection_up", "order_queue_depth"}
    assert promised | {"trading_orders_total", "process_open_fds"} <= of_the_app()


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


def test_metric_names_are_read_out_of_a_query() -> None:
    """Functions, keywords, labels, ranges and texts are not metrics."""
    query = 'sum by (le, pod) (rate(a_total{job="app",x=~"b.."}[5m])) / on (pod) group_left (le) c:d and up == 1'
    assert metrics(query) == {"a_total", "c:d", "up"}


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
        assert each["metadata"]["namespace"] == "monitoring"
        assert each["metadata"].get("labels", {}).get(sidecar["label"]) == sidecar["labelValue"]
        loaded |= {name: json.loads(text) for name, text in each["data"].items()}
    assert loaded == {f.name: json.loads(f.read_text()) for f in (MONITORING / "dashboards").rglob("*.json")}
    assert DASHBOARD.name in loaded


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


@pytest.mark.rule("MON004")
def test_alerts_reach_a_chat_whose_address_is_a_secret(tmp_path: Path) -> None:
    """Real amtool takes the configuration; each alert goes to somebody, at an address read from a mounted Secret."""
    values = load(MONITORING / "values.yaml")
    config = values["alertmanager"]["config"]
    mounted = [f"/etc/alertmanager/secrets/{name}/" for name in values["alertmanager"]["alertmanagerSpec"]["secrets"]]
    receivers = {receiver["name"]: receiver for receiver in config["receivers"]}
    file = tmp_path / "alertmanager.yaml"
    file.write_text(yaml.safe_dump(config))
    for rule in alerts():
        labels = [f"{name}={value}" for name, value in {"alertname": rule["alert"], **rule["labels"]}.items()]
        command = [require_tool("amtool"), "config", "routes", "test", "--config.file", str(file), *labels]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        for name in done.stdout.strip().split(","):
            addresses = list(addresses_of(receivers[name]))
            assert addresses, f"{rule['alert']} goes to {name}, which reaches nobody"
            for key, address in addresses:
                assert key.endswith("_file")
                assert any(str(address).startswith(directory) for directory in mounted)
    assert re.fullmatch(r"[1-9]\d*[smh]", config["global"]["resolve_timeout"])


def addresses_of(receiver: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Where a receiver sends to: the addresses and keys in its configurations, with their names."""
    for path, value in scalars(receiver):
        if re.fullmatch(r"(api_url|url|webhook_url|service_key|routing_key|bot_token|api_key|to)(_file)?", path[-1]):
            yield path[-1], value


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
