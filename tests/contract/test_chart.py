"""The Helm chart keeps the contract as the overlays do: what it renders takes the place of each."""

from __future__ import annotations

import pytest
import yaml
from tests.contract.trees import Trees
from tests.deploy.rendering import NAMESPACES
from tests.kube import DEPLOY, helm_template

VALUES = {"production": "values-prod.yaml", "staging": "values-staging.yaml"}


@pytest.fixture
def chart(trees: Trees) -> Trees:
    """The trees, with what the chart renders in each overlay."""
    for environment, values in VALUES.items():
        overlay = trees.deploy / "k8s/overlays" / environment
        rendered = helm_template(DEPLOY / "helm/apps/app", values, NAMESPACES[environment])
        (overlay / "chart.yaml").write_text(yaml.safe_dump_all(rendered), "utf-8")
        resources = ["chart.yaml", f"../../../_shared/secrets/sealed/{environment}"]
        (overlay / "kustomization.yaml").write_text(yaml.safe_dump({"resources": resources}), "utf-8")
    return trees


@pytest.mark.rule("ENV011", "ENV012", "RES019", "RES020")
def test_the_chart_agrees_with_the_app(chart: Trees) -> None:
    """In both environments nothing disagrees, and every variable was compared."""
    comparison = chart.comparison
    assert [(each.rule, each.wrong) for each in comparison.findings] == []
    assert comparison.overlays == ("production", "staging")
    assert len({each.subject for each in comparison.judgements if each.rule == "ENV011"}) == 18
