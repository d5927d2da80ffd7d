"""What is judged follows from the kind: each part by its own rules, at its own places."""

from __future__ import annotations

import pytest
from tests.checks.examples import found

from apparch.repository import Repository

IMAGE = "FROM python@sha256:0\nCOPY . .\nCMD python -m orders\n"
DEPLOYMENT = (
    "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: orders}\nspec:\n  template:\n    spec:\n"
    "      containers:\n        - name: app\n          image: orders:latest\n"
)
APP = {"Dockerfile": IMAGE, "src/orders/__main__.py": "print()\n"}
BOTH = {**APP, "k8s/deployment.yaml": DEPLOYMENT}


@pytest.mark.parametrize(
    ("rule", "places"),
    [
        ("PLT001", ["k8s/deployment.yaml:2"]),
        ("OWN008", ["k8s/deployment.yaml:2:1-2:5"]),
        ("DIR002", ["Dockerfile:1"]),
        ("PLT002", ["k8s/deployment.yaml:8:17-8:20"]),
        ("MAN001", []),
    ],
)
def test_manifests_beside_an_app_are_judged_as_a_deployment(rule: str, places: list[str]) -> None:
    """By the Deploy rules where they are, and by the App rules as what an App repo does not hold."""
    assert [place for _, place in found(Repository.of(BOTH), select=(rule,))] == places


@pytest.mark.parametrize(
    ("path", "told"), [("k8s/overlays/prod/kustomization.yaml", []), ("k8s/production.yaml", ["OWN008", "OWN008"])]
)
def test_manifests_of_environments_are_told_of_once(path: str, told: list[str]) -> None:
    """That one repository is both says it all; an Application only points at manifests that are loose."""
    application = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: a}\n"
    text = "resources: [../../deployment.yaml]\n" if "overlays" in path else application
    assert [rule for rule, _ in found(Repository.of({**BOTH, path: text}), select=("OWN008", "OWN010"))] == told


@pytest.mark.parametrize(("folder", "told"), [("a", ["a/k8s/deployment.yaml:8:17-8:20"]), ("docs", [])])
def test_an_app_s_own_manifests_are_the_deployment_and_its_source_is_not(folder: str, told: list[str]) -> None:
    """Several apps may each carry what deploys them."""
    files = {f"{each}/{path}": text for each in ("a", "b") for path, text in APP.items()}
    repository = Repository.of({**files, f"{folder}/k8s/deployment.yaml": DEPLOYMENT})
    places = [place for rule, place in found(repository, select=("PLT002", "MAN001"))]
    assert places == told


def test_each_app_of_a_monorepo_is_judged_from_its_own_root() -> None:
    """And what lies at the repository's root is told once."""
    files = {f"{each}/{path}": text for each in ("a", "b") for path, text in APP.items()}
    repository = Repository.of({**files, "compose.yaml": "services:\n  web: {image: nginx}\n"})
    assert found(repository, select=("DIR002", "OWN011")) == [
        ("DIR002", "a/Dockerfile:1"),
        ("DIR002", "b/Dockerfile:1"),
        ("OWN011", "compose.yaml:1:1-1:9"),
    ]


@pytest.mark.parametrize(("folder", "told"), [("examples/a", []), ("web", ["web/Dockerfile:1"])])
def test_an_example_s_image_is_no_app(folder: str, told: list[str]) -> None:
    """Beside an app of its own a repository may show how others build theirs."""
    files = {f"{each}/{path}": text for each in ("api", folder) for path, text in APP.items()}
    places = [place for _, place in found(Repository.of(files), select=("DIR002",))]
    assert places == ["api/Dockerfile:1", *told]
