"""A Deploy rule is broken in plain manifests, through a kustomization and in a chart alike, and noticed in each."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from apparch.checks import judges
from apparch.deploy.repo import DeployRepo
from apparch.finding import Finding
from apparch.repository import Repository

SHOP = yaml.safe_load((Path(__file__).parent / "deploy_forms.yaml").read_text("utf-8"))
GOOD: str = SHOP["good"]
BROKEN: list[dict[str, Any]] = SHOP["broken"]
FORMS: dict[str, Callable[[str], dict[str, str]]] = {
    "plain": lambda text: {"apps/shop/shop.yaml": text},
    "kustomize": lambda text: {
        "k8s/base/shop.yaml": text,
        "k8s/base/kustomization.yaml": "resources: [shop.yaml]\n",
        "k8s/overlays/production/kustomization.yaml": "resources: [../../base]\n",
    },
    "chart": lambda text: {
        "charts/shop/Chart.yaml": "apiVersion: v2\nname: shop\nversion: 0.1.0\n",
        "charts/shop/values.yaml": "name: shop\n",
        "charts/shop/values-production.yaml": "{}\n",
        "charts/shop/templates/shop.yaml": text.replace("name: shop,", "name: {{ .Values.name }},"),
    },
}


def _told(text: str, rules: set[str]) -> dict[str, set[str]]:
    repos = {form: DeployRepo(Repository.of(make(text))) for form, make in FORMS.items()}
    found = judges(rules)
    return {
        form: {rule for rule, judge in found.items() if any(isinstance(each, Finding) for each in judge(repo))}
        for form, repo in repos.items()
    }


def test_what_keeps_the_rules_is_told_of_in_no_form() -> None:
    """The objects that the others are made of break nothing."""
    assert _told(GOOD, {each["rule"] for each in BROKEN}) == {form: set() for form in FORMS}


@pytest.mark.parametrize("case", BROKEN, ids=lambda case: f"{case['rule']}-{len(case['changes'][0]['new'])}")
def test_a_broken_rule_is_noticed_in_every_form(case: dict[str, Any]) -> None:
    """Whatever makes the objects, the judges see them."""
    text = GOOD
    for change in case["changes"]:
        assert change["old"] in text
        text = text.replace(change["old"], change["new"])
    assert _told(text, {case["rule"]}) == {form: {case["rule"]} for form in FORMS}
