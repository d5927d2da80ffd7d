"""What a Deploy repo's own charts apply: with which values, for which environment, and what judges make of it."""

from __future__ import annotations

import pytest

from apparch.checks import judges
from apparch.deploy.repo import DeployRepo
from apparch.finding import Finding, Unknown
from apparch.repository import Repository

CHART = "apiVersion: v2\nname: shop\nversion: 0.1.0\n"
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: shop
spec:
  replicas: {{ .Values.replicas }}
  template:
    metadata: {labels: {app: shop}}
    spec:
      containers:
        - name: shop
          image: ghcr.io/acme/shop:{{ .Values.tag }}
"""
TESTED = DEPLOYMENT.replace("metadata:\n", 'metadata:\n  annotations: {"helm.sh/hook": test}\n', 1)
FILES = {
    "charts/shop/Chart.yaml": CHART,
    "charts/shop/values.yaml": "replicas: 1\ntag: unset\n",
    "charts/shop/templates/deployment.yaml": DEPLOYMENT,
}
APPLICATION = """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: shop-production}
spec:
  source:
    path: charts/shop
    helm: HELM
  destination: {namespace: shop-production}
"""
RELEASE = """\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: shop}
spec:
  targetNamespace: shop-production
  chart: {spec: {chart: ./charts/shop, sourceRef: {kind: GitRepository, name: flux-system}}}
  values:
    tag: v1.2.3
"""
HELMFILE = """\
environments: {production: {}, staging: {}}
---
releases:
  - name: shop
    namespace: shop
    chart: ./charts/shop
    values: [{tag: v0.1.0}, "values/{{ .Environment.Name }}.yaml"]
"""


def _installed(files: dict[str, str]) -> list[tuple[str | None, object, object]]:
    """The stage, the image and the Namespace of every Deployment that charts make."""
    repo = DeployRepo(Repository.of({**FILES, **files}))
    return [
        (
            each.environment.stage,
            each.node.at("spec", "template", "spec", "containers", 0, "image").value,
            each.node.at("metadata", "namespace").value,
        )
        for each in repo.objects
        if each.environment and each.environment.install and each.node.at("kind").text == "Deployment"
    ]


def _application(helm: str) -> dict[str, str]:
    return {"argocd/shop.yaml": APPLICATION.replace("HELM", helm)}


OPEN = "{{ .Release.Namespace }}"


@pytest.mark.parametrize(
    ("files", "found"),
    [
        ({}, [(None, "ghcr.io/acme/shop:unset", OPEN)]),
        (
            {"charts/shop/values-prod.yaml": "tag: v2.0.0\n", "charts/shop/values-secrets.yaml": "tag: x\n"},
            [("production", "ghcr.io/acme/shop:v2.0.0", OPEN)],
        ),
        (
            {"charts/shop/environments/staging/values.yaml": "tag: v2.0.0\n"},
            [("staging", "ghcr.io/acme/shop:v2.0.0", OPEN)],
        ),
        ({"charts/shop/ci/prod-values.yaml": "tag: v2.0.0\n"}, [(None, "ghcr.io/acme/shop:unset", OPEN)]),
        (
            {
                **_application("{valueFiles: [values-prod.yaml], parameters: [{name: tag, value: v3.0.0}]}"),
                "charts/shop/values-prod.yaml": "tag: v2.0.0\n",
            },
            [("production", "ghcr.io/acme/shop:v3.0.0", "shop-production")],
        ),
        (
            _application("{values: 'tag: v4.0.0'}"),
            [("production", "ghcr.io/acme/shop:v4.0.0", "shop-production")],
        ),
        (
            _application("{valuesObject: {tag: v5.0.0}}"),
            [("production", "ghcr.io/acme/shop:v5.0.0", "shop-production")],
        ),
        (
            {"clusters/production/shop.yaml": RELEASE},
            [("production", "ghcr.io/acme/shop:v1.2.3", "shop-production")],
        ),
        (
            {"helmfile.yaml": HELMFILE, "values/production.yaml": "tag: v6.0.0\n", "values/staging.yaml": "{}\n"},
            [("production", "ghcr.io/acme/shop:v6.0.0", "shop"), ("staging", "ghcr.io/acme/shop:v0.1.0", "shop")],
        ),
        (
            {
                "deploy.sh": "helm upgrade -i shop ./charts/shop \\\n  -f envs/prod.yaml -n web --set tag=v7.0.0\n",
                "envs/prod.yaml": "replicas: 3\n",
            },
            [("production", "ghcr.io/acme/shop:v7.0.0", "web")],
        ),
        (
            {
                ".github/workflows/deploy.yml": "run: helm upgrade shop charts/shop --set tag=${{ github.sha }}\n",
                "charts/shop/values-prod.yaml": "tag: latest\n",
            },
            [("production", "ghcr.io/acme/shop:${{ github.sha }}", OPEN)],
        ),
        ({"deploy.sh": "helm repo add shop https://acme.io # helm install shop ./charts/shop --set tag=x\n"},
         [(None, "ghcr.io/acme/shop:unset", OPEN)]),
        (
            {
                "apps/Chart.yaml": CHART,
                "apps/templates/shop.yaml": APPLICATION.replace("HELM", "{parameters: [{name: tag, value: v8.0.0}]}"),
            },
            [("production", "ghcr.io/acme/shop:v8.0.0", "shop-production")],
        ),
        ({"charts/shop/Chart.yaml": f"{CHART}type: library\n"}, []),
        ({"charts/shop/templates/deployment.yaml": TESTED}, []),
    ],
    ids=lambda each: next(iter(each), "alone") if isinstance(each, dict) else "",
)  # fmt: skip
def test_a_chart_is_installed_as_the_repository_says(
    files: dict[str, str], found: list[tuple[str | None, object, object]]
) -> None:
    """By Applications, HelmReleases, helmfiles and files of values named by an environment; else by its own."""
    assert sorted(_installed(files), key=str) == sorted(found, key=str)


def test_a_finding_stands_at_the_value_that_sets_the_field() -> None:
    """And at the template where something is missing."""
    repo = DeployRepo(Repository.of({**FILES, "charts/shop/values-production.yaml": "tag: latest\n"}))
    places = {
        rule: [str(each.place) for each in judge(repo) if isinstance(each, Finding)]
        for rule, judge in judges(["RES019", "RES020", "TAG001"]).items()
    }
    assert places == {
        "RES019": ["charts/shop/templates/deployment.yaml:11"],
        "RES020": ["charts/shop/values.yaml:1"],
        "TAG001": ["charts/shop/templates/deployment.yaml:12"],
    }


def test_what_a_chart_does_not_tell_is_no_finding() -> None:
    """Resources of a library that is not in the repository may be there; what can be seen is judged all the same."""
    text = f'{DEPLOYMENT}          resources: {{{{ include "common.resources" . }}}}\n'
    files = {"charts/shop/templates/deployment.yaml": text}
    repo = DeployRepo(Repository.of({**FILES, **files}))
    assert list(judges(["RES019"])["RES019"](repo)) == []


def test_a_chart_that_cannot_be_rendered_is_told_of() -> None:
    """With the place of what stands in the way."""
    repo = DeployRepo(Repository.of({**FILES, "charts/shop/templates/broken.yaml": "a: {{ if }}\n"}))
    told = list(judges(["RES019"])["RES019"](repo))
    assert [(type(each), str(each.place)) for each in told] == [(Unknown, "charts/shop/templates/broken.yaml:1")]


def test_a_namespace_that_only_the_release_gives_is_compared_with_none() -> None:
    """Whether a monitor looks into it, and whether a dashboard belongs there, is not known."""
    labels = "labels: {app: shop, release: kube-prometheus-stack}"
    files = {
        "charts/shop/values-production.yaml": "{}\n",
        "charts/shop/templates/service.yaml": f"apiVersion: v1\nkind: Service\nmetadata: {{name: shop, {labels}}}\n",
        "charts/shop/templates/board.yaml": "apiVersion: v1\nkind: ConfigMap\n"
        'metadata: {name: board, labels: {grafana_dashboard: "1"}}\ndata: {board.json: "{}"}\n',
        "monitoring/monitor.yaml": "apiVersion: monitoring.coreos.com/v1\nkind: ServiceMonitor\n"
        f"metadata: {{name: shop, namespace: monitoring, {labels}}}\n"
        "spec: {selector: {matchLabels: {app: shop}}, namespaceSelector: {matchNames: [shop]}}\n",
    }
    repo = DeployRepo(Repository.of({**FILES, **files}))
    found = [each for judge in judges(["MON003", "MON004", "MON005", "MON006"]).values() for each in judge(repo)]
    assert [each for each in found if isinstance(each, Finding) and "Release" in each.message.en] == []


@pytest.mark.parametrize(("image", "made"), [("postgres:16.4", 0), ("ghcr.io/acme/shop:v1.0.0", 1)])
def test_a_copy_of_a_published_chart_is_left_to_its_authors(image: str, made: int) -> None:
    """One with a picture and sources that runs no app of the repository's own."""
    files = {
        "charts/shop/Chart.yaml": f"{CHART}icon: https://example.com/a.svg\nsources: [https://example.com]\n",
        "charts/shop/templates/deployment.yaml": DEPLOYMENT.replace("ghcr.io/acme/shop:{{ .Values.tag }}", image),
    }
    assert len(_installed(files)) == made
