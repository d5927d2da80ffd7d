"""The alert rules: each fires when it should, stays quiet when it should, and says what to do."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.deploy.alerting import (
    OF_THE_STACK,
    RULES,
    alerts,
    cases,
    load,
    metrics,
    of_the_app,
    promtool,
    still_pass,
)
from tests.deploy.rendering import NAMESPACES, documents
from tests.kube import DEPLOY

ABSENT = """
  or absent(kube_deployment_spec_replicas{deployment="app",namespace="prj-01-staging"})"""
MUTANTS = [
    ("AppHighErrorRate", "> 0.05", "< 0.05"),
    ("AppHighErrorRate", "> 0.05", "> 0.01"),
    ("AppHighErrorRate", 'status=~"5.."', 'code=~"5.."'),
    ("AppHighErrorRate", 'status=~"5.."', 'status=~"[45].."'),
    ("AppPodCrashLooping", "> 1.5", "> 0"),
    ("AppPodCrashLooping", "> 1.5", "> 15"),
    ("AppPodCrashLooping", "CrashLoopBackOff", "Completed"),
    ("AppPodCrashLooping", "sum by (namespace, pod) (increase", "sum by (namespace, pod, instance) (increase"),
    ("AppTargetMissing", "unless on (namespace)", "and on (namespace)"),
    ("AppTargetMissing", "> 0\n  unless", ">= 0\n  unless"),
    ("AppTargetMissing", '(up{job="app"}) > 0', '(up{job="app"}) >= 0'),
    ("AppTargetsFewer", "> on (namespace)", "!= on (namespace)"),
    ("AppTargetsFewer", "> on (namespace)", "< on (namespace)"),
    ("AppTargetsFewer", '(up{job="app"}) > 0)', '(up{job="app"}) >= 0)'),
    ("AppDeploymentUnknown", ABSENT, ""),
    ("AppDeploymentUnknown", ',namespace="prj-01-prod"', ""),
    ("AppConnectionDown", "== 0", "!= 0"),
    ("AppConnectionDown", "min by (namespace, name)", "max by (namespace, name)"),
    ("AppMemoryNearLimit", "> 0.9", "< 0.9"),
    ("AppMemoryNearLimit", "> 0.9", "> 0.7"),
    ("AppSlowRequests", "> 2.5", "< 2.5"),
    ("AppSlowRequests", "0.99", "0.5"),
    ("AppOrderQueueGrowing", "> 100", "< 100"),
    ("AppOrderQueueGrowing", "min_over_time", "max_over_time"),
]
"""Slips in an expression, each with the alert that has it."""


@pytest.mark.rule("MON006")
def test_promtool_accepts_the_rules_and_their_cases(tmp_path: Path) -> None:
    """Every rule is well-formed, and every case fires or stays quiet as written."""
    assert promtool(tmp_path, load(RULES)).returncode == 0
    done = promtool(tmp_path, load(RULES), cases())
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.rule("MON006")
def test_every_alert_has_a_firing_and_a_quiet_case() -> None:
    """Nine alerts, each expected with labels at least once and expected absent at least once."""
    firing: set[str] = set()
    quiet: set[str] = set()
    for case in cases():
        for expected in case["alert_rule_test"]:
            (firing if expected.get("exp_alerts") else quiet).add(expected["alertname"])
    names = {rule["alert"] for rule in alerts()}
    assert len(names) == 9
    assert firing == names
    assert quiet == names


@pytest.mark.rule("MON006")
def test_every_alert_waits_and_names_its_severity() -> None:
    """for, severity and a summary; the two required alerts are among them."""
    for rule in alerts():
        assert rule["for"], rule["alert"]
        assert rule["labels"]["severity"] in {"critical", "warning"}
        assert rule["annotations"]["summary"]
    severity = {rule["alert"]: (rule["labels"]["severity"], rule["for"]) for rule in alerts()}
    assert severity["AppHighErrorRate"] == ("critical", "5m")
    assert severity["AppPodCrashLooping"] == ("warning", "5m")


@pytest.mark.rule("MON008")
def test_every_alert_links_to_a_runbook_that_is_about_it() -> None:
    """The link leads into this repository's main, to a file that names the alert and a command that shows its cause."""
    (repository,) = {
        str(document["spec"]["source"]["repoURL"]).removesuffix(".git")
        for file, document in documents("yaml")
        if "argocd" in file.parts
    }
    for rule in alerts():
        place, path = rule["annotations"]["runbook_url"].split("/blob/main/")
        text = (DEPLOY / path).read_text()
        assert place == repository
        assert f"`{rule['alert']}`" in text
        assert re.search(r"kubectl [^`\n]*(logs|describe|get|port-forward)", text)


@pytest.mark.rule("MON009")
def test_the_loss_of_targets_is_noticed_in_every_environment() -> None:
    """absent() is asked for the Namespace of each overlay, and for no other."""
    (unknown,) = (rule["expr"] for rule in alerts() if rule["alert"] == "AppDeploymentUnknown")
    asked = re.findall(r'absent\(\w+\{[^}]*namespace="([^"]+)"', unknown)
    assert sorted(asked) == sorted(NAMESPACES.values())


@pytest.mark.rule("MON006", "MON009")
def test_every_slip_in_an_expression_fails_the_cases(tmp_path: Path) -> None:
    """The cases judge the expression: whatever is turned, widened or left out, at least one of them fails."""
    assert {name for name, _, _ in MUTANTS} == {rule["alert"] for rule in alerts()}
    expressions = {rule["alert"]: rule["expr"] for rule in alerts()}
    assert [slip for slip in MUTANTS if slip[1] not in expressions[slip[0]]] == []
    assert [
        (name, old, new)
        for name, old, new in MUTANTS
        if still_pass(tmp_path, name, {"expr": expressions[name].replace(old, new)})
    ] == []


@pytest.mark.rule("MON006")
def test_an_alert_that_waits_for_nothing_or_for_hours_fails_its_cases(tmp_path: Path) -> None:
    """Each alert has a case that is over before it should fire, and one that it may not sleep through."""
    waits = [(rule["alert"], wait) for rule in alerts() for wait in ("0s", "2h")]
    assert [(name, wait) for name, wait in waits if still_pass(tmp_path, name, {"for": wait})] == []


def test_an_expression_that_is_no_promql_is_refused(tmp_path: Path) -> None:
    """promtool check rules names the broken rule."""
    rules = load(RULES)
    rules["spec"]["groups"][0]["rules"][0]["expr"] = "sum by (namespace (rate(http_requests_total[5m])) > 0.05"
    assert promtool(tmp_path, rules).returncode != 0


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


def test_metric_names_are_read_out_of_a_query() -> None:
    """Functions, keywords, labels, ranges and texts are not metrics."""
    query = 'sum by (le, pod) (rate(a_total{job="app",x=~"b.."}[5m])) / on (pod) group_left (le) c:d and up == 1'
    assert metrics(query) == {"a_total", "c:d", "up"}
