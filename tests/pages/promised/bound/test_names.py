"""Which names of the repositories exist."""

from __future__ import annotations

from pathlib import Path

import pytest

from apparch.pages.promised.bound.names import missing
from apparch.pages.promised.bound.product import Product

pytestmark = pytest.mark.xdist_group("bound")

THERE = [
    "DRAIN_SECONDS",
    "http_requests_total",
    "connection_up{name}",
    "/health/live",
    "/health/*",
    "GET /orders/{id}",
    "k8s/base/deployments/app.yaml",
    "k8s/overlays/{production,staging}/",
    "infra/k8s/base/configmaps/",
    "app/prj_*/config/.env.example",
    "src/{app}/main.py",
    "patches/replicas.yaml",
    "terminationGracePeriodSeconds",
    "imagePullSecrets",
    "maxUnavailable: 1",
    "EXPOSE 8080",
    "v1.2.3-rc.1",
    "kubectl apply -k k8s/overlays/production",
    "kubectl rollout undo",
    "kubectl create secret --dry-run=client",
    "helm upgrade --install",
    "python -m app.migrate",
    "./dev test static|docs",
    "./dev cluster-proof CONTEXT",
    "apparch contract --app PATH --deploy PATH",
    "ENVIRONMENT=production KUBE_CONTEXT=production _shared/scripts/deploy/apply.sh --dry-run",
]

NOT_THERE = {
    "DRAIN_TIME": "no variable DRAIN_TIME",
    "http_request_total": "nothing called http_request_total",
    "connection_up{service}": None,
    "/health/alive": "no route /health/alive",
    "GET /order/{id}": "no route /order/{}",
    "k8s/base/deployment/app.yaml": "no file or folder k8s/base/deployment/app.yaml",
    "k8s/overlays/{production,testing}/": "no file or folder k8s/overlays/{production,testing}/",
    "src/{app}/entry.py": "no file or folder src/{app}/entry.py",
    "patches/replica.yaml": "no file or folder patches/replica.yaml",
    "terminationGraceSeconds": "no field or name terminationGraceSeconds",
    "maxUnavailable: 2": None,
    "EXPOSE 8081": None,
    "v1.2": None,
    "kubectl rollout undoo": "kubectl has no subcommand rollout undoo",
    "kubectl apply -k k8s/overlay/production": "no file or folder k8s/overlay/production",
    "kubectl apply --kustomise x": "error: unknown flag: --kustomise",
    "python -m app.migrations": "no module app.migrations",
    "./dev start": None,
    "./dev test unit": "./dev test has no part unit",
    "apparch compare": "apparch has no compare",
    "apparch contract --apps PATH": "apparch contract has no option --apps",
    "_shared/scripts/deploy/apply.sh --check": "_shared/scripts/deploy/apply.sh has no option --check",
    "STAGE=production _shared/scripts/deploy/apply.sh": "_shared/scripts/deploy/apply.sh reads no variable STAGE",
    "_shared/scripts/deploy/deploy.sh": "no script _shared/scripts/deploy/deploy.sh",
}


@pytest.fixture(scope="module")
def product() -> Product:
    """The reference repositories."""
    return Product(Path(__file__).parents[4])


@pytest.mark.parametrize("name", THERE)
def test_a_name_that_exists_resolves(product: Product, name: str) -> None:
    """A variable, metric, route, path, field, tag or command as prose writes it."""
    assert missing(name, product) is None


@pytest.mark.parametrize("name", NOT_THERE)
def test_a_name_that_does_not_exist_is_found(product: Product, name: str) -> None:
    """A name that is a little different is no name of the repositories."""
    fault = missing(name, product)

    assert fault
    assert NOT_THERE[name] in (None, fault)
