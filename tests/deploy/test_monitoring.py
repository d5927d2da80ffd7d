"""Monitoring: alert rules that fire and stay quiet, and queries that ask only for metrics that exist."""

from __future__ import annotations

import ast
import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import CollectorRegistry, ProcessCollector
from tests.kube import DEPLOY, Manifest, kustomize, of_kind, only
from tests.tools import require_tool

MONITORING = DEPLOY / "_shared" / "monitoring"
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


@pytest.mark.rule("MON003", "MET007")
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


@pytest.mark.rule("MON003", "MON005")
def test_monitoring_renders_what_the_stack_picks_up() -> None:
    """ServiceMonitor and PrometheusRule carry the release label, the dashboard's ConfigMap its own, in monitoring."""
    rendered = kustomize(MONITORING)
    assert sorted(m["kind"] for m in rendered) == ["ConfigMap", "PrometheusRule", "ServiceMonitor"]
    assert {m["metadata"]["namespace"] for m in rendered} == {"monitoring"}
    for kind in ("ServiceMonitor", "PrometheusRule"):
        assert only(rendered, kind)["metadata"]["labels"]["release"] == "kube-prometheus-stack"
    dashboards = only(rendered, "ConfigMap")
    assert dashboards["metadata"]["labels"] == {"grafana_dashboard": "1"}
    assert json.loads(dashboards["data"]["app.json"]) == json.loads(DASHBOARD.read_text())


@pytest.mark.rule("MON005", "MAN013", "MET007")
@pytest.mark.parametrize("environment", ["production", "staging"])
def test_the_service_monitor_selects_the_service_of_every_environment(environment: str) -> None:
    """Labels, namespace and port name of the monitor are those of the rendered Service."""
    monitor = load(MONITORING / "servicemonitor.yaml")["spec"]
    service = only(kustomize(DEPLOY / "k8s" / "overlays" / environment), "Service")
    assert monitor["selector"]["matchLabels"].items() <= service["metadata"]["labels"].items()
    assert service["metadata"]["namespace"] in monitor["namespaceSelector"]["matchNames"]
    (endpoint,) = monitor["endpoints"]
    assert (endpoint["path"], endpoint["interval"]) == ("/metrics", "30s")
    assert endpoint["port"] in {port["name"] for port in service["spec"]["ports"]}


@pytest.mark.rule("MON001", "MON002")
def test_the_stack_keeps_its_data_on_volumes() -> None:
    """15 days, 50Gi for Prometheus and 10Gi for Grafana, both persistent."""
    values = load(MONITORING / "values.yaml")
    spec = values["prometheus"]["prometheusSpec"]
    claim = spec["storageSpec"]["volumeClaimTemplate"]["spec"]
    assert (spec["retention"], claim["resources"]["requests"]["storage"]) == ("15d", "50Gi")
    assert values["grafana"]["persistence"]["enabled"] is True
    assert values["grafana"]["persistence"]["size"] == "10Gi"
    dashboards = values["grafana"]["sidecar"]["dashboards"]
    labels = only(kustomize(MONITORING), "ConfigMap")["metadata"]["labels"]
    assert {dashboards["label"]: dashboards["labelValue"]} == labels


@pytest.mark.rule("MON004", "SEC007")
def test_alerts_reach_a_chat_whose_address_is_a_secret() -> None:
    """The default receiver exists, reads its address from a mounted Secret, and no password stands in the values."""
    values = load(MONITORING / "values.yaml")
    config = values["alertmanager"]["config"]
    receivers = {receiver["name"]: receiver for receiver in config["receivers"]}
    routes = [config["route"], *config["route"]["routes"]]
    assert {route["receiver"] for route in routes} <= set(receivers)
    (chat,) = receivers[config["route"]["receiver"]]["slack_configs"]
    (secret,) = values["alertmanager"]["alertmanagerSpec"]["secrets"]
    assert chat["api_url_file"] == f"/etc/alertmanager/secrets/{secret}/url"
    assert "api_url" not in chat
    assert config["global"]["resolve_timeout"] == "5m"
    assert values["grafana"]["admin"]["existingSecret"]
    assert "adminPassword" not in values["grafana"]


@pytest.mark.rule("MON007", "MAN013")
def test_the_autoscaler_has_the_default_bounds() -> None:
    """autoscaling/v2, two to ten replicas at 70 % CPU, of a Deployment that the same rendering holds."""
    rendered = kustomize(DEPLOY / "k8s" / "examples" / "autoscaling")
    (scaler,) = of_kind(rendered, "HorizontalPodAutoscaler")
    target = scaler["spec"]["scaleTargetRef"]
    assert scaler["apiVersion"] == "autoscaling/v2"
    assert (target["kind"], target["name"]) in {(m["kind"], m["metadata"]["name"]) for m in rendered}
    assert (scaler["spec"]["minReplicas"], scaler["spec"]["maxReplicas"]) == (2, 10)
    (metric,) = scaler["spec"]["metrics"]
    assert metric["resource"] == {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 70}}
