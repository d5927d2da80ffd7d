"""What the Deploy repo watches with: its alerts, their cases, its queries, and promtool over them."""

from __future__ import annotations

import ast
import json
import re
import subprocess
from pathlib import Path
from typing import Any

import yaml
from prometheus_client import CollectorRegistry, ProcessCollector
from tests.kube import DEPLOY, Manifest
from tests.tools import require_tool

MONITORING = DEPLOY / "_shared/monitoring"
RULES = MONITORING / "rules" / "app-alerts.yaml"
CASES = tuple(sorted((MONITORING / "rules").glob("*.test.yaml")))
DASHBOARD = MONITORING / "dashboards" / "app.json"

SOURCES = sorted((DEPLOY.parent / "app" / "src" / "app").rglob("metrics.py"))
# Prometheus itself and kube-state-metrics, both of the stack that values.yaml installs.
OF_THE_STACK = {
    "up",
    "kube_deployment_spec_replicas",
    "kube_pod_container_status_restarts_total",
    "kube_pod_container_status_waiting_reason",
}
WORDS = {"by", "without", "on", "ignoring", "group_left", "group_right", "and", "or", "unless", "offset", "bool"}


def load(path: Path) -> Manifest:
    """The one document of a file."""
    document: Manifest = yaml.safe_load(path.read_text())
    return document


def alerts(rules: Manifest | None = None) -> list[dict[str, Any]]:
    """Every alert of the PrometheusRule, or of another one."""
    return [rule for group in (rules or load(RULES))["spec"]["groups"] for rule in group["rules"]]


def of_the_app() -> set[str]:
    """The series that the reference app exposes: those its source defines, and those of its process."""
    process = CollectorRegistry()
    ProcessCollector(registry=process)
    names = {sample.name for family in process.collect() for sample in family.samples}
    nodes = [node for source in SOURCES for node in ast.walk(ast.parse(source.read_text()))]
    for call in nodes:
        match call:
            case ast.Call(func=ast.Name("Counter" | "Gauge"), args=[ast.Constant(str(name)), *_]):
                names.add(name)
            case ast.Call(func=ast.Name("Histogram"), args=[ast.Constant(str(name)), *_]):
                names |= {f"{name}_{part}" for part in ("bucket", "sum", "count")}
    return names


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


def cases() -> list[dict[str, Any]]:
    """Every case of the unit tests."""
    return [case for file in CASES for case in load(file)["tests"]]


def promtool(
    work: Path, rules: Manifest, judged: list[dict[str, Any]] | None = None
) -> subprocess.CompletedProcess[str]:
    """Runs promtool over the rules of a PrometheusRule, and over cases where given."""
    (work / "rules.yaml").write_text(yaml.safe_dump(rules["spec"]))
    command = [require_tool("promtool"), "check", "rules", "rules.yaml"]
    if judged is not None:
        test = {"rule_files": ["rules.yaml"], "evaluation_interval": "1m", "tests": judged}
        (work / "test.yaml").write_text(yaml.safe_dump(test))
        command = [command[0], "test", "rules", "test.yaml"]
    return subprocess.run(command, cwd=work, capture_output=True, text=True, check=False)


def still_pass(work: Path, alert: str, changed: dict[str, Any]) -> bool:
    """Whether the cases that speak of an alert all pass, with these of its fields changed."""
    rules = load(RULES)
    (rule,) = (each for each in alerts(rules) if each["alert"] == alert)
    rules["spec"]["groups"] = [{"name": "one", "rules": [rule | changed]}]
    of_it = [
        case | {"alert_rule_test": expected}
        for case in cases()
        if (expected := [each for each in case["alert_rule_test"] if each["alertname"] == alert])
    ]
    return promtool(work, rules, of_it).returncode == 0
