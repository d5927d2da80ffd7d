"""The judges of MON about alerts: how long they wait, how bad they are, what tests them, where they lead."""

from __future__ import annotations

import re
from collections.abc import Iterator

from apparch.checks._deploy import finding, of_kind
from apparch.deploy.objects import app_containers
from apparch.deploy.pods import MAKERS
from apparch.deploy.repo import DeployRepo
from apparch.finding import Answer
from apparch.repository import Node, Problem
from apparch.repository.kustomize.objects import kind, name
from apparch.repository.roles import role
from apparch.repository.yaml_file import parse_yaml

_UP = re.compile(r"\bup\s*\{[^}]*=~?\s*\"([\w-]+)\"")
_ABSENT = re.compile(r"\babsent(_over_time)?\b|\bor\b[^\n]*\bvector\b")


def mon006(deploy: DeployRepo) -> Iterator[Answer]:
    """Each alert has `for`, `severity` and a test in which it fires and one in which it stays quiet."""
    firing, quiet = _tested(deploy)
    for rule in _alerts(deploy):
        alert = rule.at("alert").text or ""
        lacking = [key for key in ("for",) if not rule.at(key).present]
        lacking += ["severity"] if not rule.at("labels", "severity").present else []
        untested = [ko for ko, tested in (("울리는 시험", firing), ("조용한 시험", quiet)) if alert not in tested]
        untested_en = [
            en for en, tested in (("a test that fires", firing), ("a quiet test", quiet)) if alert not in tested
        ]
        if lacking or untested:
            ko, en = ", ".join([*lacking, *untested]), ", ".join([*lacking, *untested_en])
            yield finding("MON006", rule.at("alert"), f"알림 {alert}에 없는 것: {ko}", f"the alert {alert} lacks {en}")


def _alerts(deploy: DeployRepo) -> Iterator[Node]:
    """The alerts of every PrometheusRule and rule file, once for each place."""
    seen: set[tuple[str, int]] = set()
    found = [each.node.at("spec") for each in deploy.objects if kind(each.node) == "PrometheusRule"]
    for path in deploy.files:
        if path.endswith((".yaml", ".yml")) and role(path) == "product" and not deploy.root.in_chart(path):
            documents = deploy.root.parsed(path, parse_yaml)
            found += (
                [] if isinstance(documents, Problem) else [each for each in documents if not each.at("kind").present]
            )
    for node in found:
        for group in node.at("groups").elements():
            for rule in group.at("rules").elements():
                place = rule.at("alert").place
                if rule.at("alert").text and rule.at("expr").present and (place.path, place.line) not in seen:
                    seen.add((place.path, place.line))
                    yield rule


def _tested(deploy: DeployRepo) -> tuple[set[str], set[str]]:
    """The alerts that promtool's tests expect to fire, and those that they expect to stay quiet."""
    firing: set[str] = set()
    quiet: set[str] = set()
    for path in deploy.files:
        if not path.endswith((".yaml", ".yml")) or deploy.root.in_chart(path):
            continue
        documents = deploy.root.parsed(path, parse_yaml)
        for node in () if isinstance(documents, Problem) else documents:
            if not node.at("rule_files").present:
                continue
            for test in node.at("tests").elements():
                for case in test.at("alert_rule_test").elements():
                    expected = firing if case.at("exp_alerts").elements() else quiet
                    expected.add(case.at("alertname").text or "")
    return firing, quiet


def mon008(deploy: DeployRepo) -> Iterator[Answer]:
    """Each alert leads to its runbook."""
    for rule in _alerts(deploy):
        alert, address = rule.at("alert"), rule.at("annotations", "runbook_url")
        if not address.text or not re.match(r"https?://", address.text):
            yield finding(
                "MON008",
                address if address.present else alert,
                f"알림 {alert}에 runbook의 주소가 없다",
                f"the alert {alert} has no address of a runbook",
            )
            continue
        named = re.search(r"/(docs/runbooks/[\w./-]+\.md)", address.text)
        known = deploy.root.has(named[1]) or deploy.root.has(f"{deploy.repository.prefix}{named[1]}") if named else True
        if named and not known and any("docs/runbooks/" in path for path in deploy.root.files):
            yield finding(
                "MON008",
                address,
                f"알림 {alert}의 runbook이 없다: {named[1]}",
                f"the runbook of the alert {alert} is not there: {named[1]}",
            )


def mon009(deploy: DeployRepo) -> Iterator[Answer]:
    """Some alert fires when an app's series are absent."""
    own = {name(each.node) for each in of_kind(deploy, *MAKERS) if app_containers(each)}
    alerts = [
        rule
        for each in of_kind(deploy, "PrometheusRule")
        for group in each.node.at("spec", "groups").elements()
        for rule in group.at("rules").elements()
        if rule.at("alert").text
    ]
    watched = [rule for rule in alerts if own.intersection(_UP.findall(str(rule.at("expr"))))]
    if watched and not any(_ABSENT.search(str(rule.at("expr"))) for rule in alerts):
        rule = watched[0]
        yield finding(
            "MON009",
            rule.at("alert"),
            f"알림 {rule.at('alert')}는 시계열이 사라지면 울리지 않고, absent를 쓰는 알림이 없다",
            f"the alert {rule.at('alert')} is quiet when its series are gone, and no alert asks for absent",
        )
