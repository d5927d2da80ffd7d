"""The custom resources of the documents are served by their schemas."""

from __future__ import annotations

import json

import pytest
import yaml
from tests.cluster.conftest import Clients
from tests.cluster.definitions import definitions
from tests.cluster.store import Object
from tests.kube import DEPLOY, kustomize

MONITORING = [
    each for each in kustomize(DEPLOY / "_shared" / "monitoring") if each["apiVersion"] == "monitoring.coreos.com/v1"
]
APPLICATIONS = [
    each for file in sorted(DEPLOY.glob("argocd/**/*.yaml")) for each in yaml.safe_load_all(file.read_text("utf-8"))
]


@pytest.fixture
def defined(clients: Clients) -> Clients:
    """A cluster that has the definitions."""
    clients.kubectl("apply", "-f", "-", given=_list(definitions()))
    return clients


def test_documented_objects_are_taken_as_they_are(defined: Clients) -> None:
    """ServiceMonitor, PrometheusRule and Applications are applied, and then differ from nothing."""
    wanted = [each | {"metadata": {**each["metadata"], "namespace": defined.namespace}} for each in _named()]
    defined.kubectl("apply", "-f", "-", given=_list(wanted))
    assert len(wanted) >= 4
    assert defined.kubectl("diff", "-f", "-", given=_list(wanted)) == ""


def test_field_that_an_operator_does_not_know_is_refused(defined: Clients) -> None:
    """A misspelt field does not get lost silently."""
    monitor = {"apiVersion": "monitoring.coreos.com/v1", "kind": "ServiceMonitor", "metadata": {"name": "app"}}
    wrong = monitor | {"spec": {"selector": {}, "endpoints": [{"port": "http", "intervall": "30s"}]}}
    assert 'unknown field "spec.endpoints[0].intervall"' in defined.refused(
        "create", "-f", "-", given=json.dumps(wrong)
    )


def test_rules_of_a_group_are_kept_apart(defined: Clients) -> None:
    """Two managers may each apply a group of one PrometheusRule."""
    for name in ("one", "two"):
        groups = [{"name": name, "rules": [{"record": f"a:{name}", "expr": "1"}]}]
        rule = {"apiVersion": "monitoring.coreos.com/v1", "kind": "PrometheusRule", "metadata": {"name": "app"}}
        apply = ("apply", "--server-side", f"--field-manager={name}", "-f", "-")
        defined.kubectl(*apply, given=json.dumps(rule | {"spec": {"groups": groups}}))
    found = json.loads(defined.kubectl("get", "prometheusrule", "app", "-o", "json"))
    assert sorted(each["name"] for each in found["spec"]["groups"]) == ["one", "two"]


def _named() -> list[Object]:
    # An object may stand in several examples; here each name counts once.
    every = [*MONITORING, *(each for each in APPLICATIONS if each["kind"] == "Application")]
    return list({(each["kind"], each["metadata"]["name"]): each for each in every}.values())


def _list(items: list[Object]) -> str:
    return json.dumps({"apiVersion": "v1", "kind": "List", "items": items})
