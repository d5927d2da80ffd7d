"""The Argo CD Applications: valid, pointing at what exists, and ordered so that code never meets an old schema."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from tests.kube import DEPLOY, Manifest, helm_template, kustomize, only

from apparch.pages.judges.objects import faults

APPLICATIONS = sorted((DEPLOY / "argocd").rglob("*.yaml"))
ENVIRONMENTS = {"app-production": "production", "app-staging": "staging"}


def load(path: Path) -> Manifest:
    """The one document of a file."""
    document: Manifest = yaml.safe_load(path.read_text())
    return document


@pytest.mark.rule("GOP009")
@pytest.mark.parametrize("path", APPLICATIONS, ids=lambda p: p.stem)
def test_an_application_is_valid_and_its_source_exists(path: Path) -> None:
    """Every Application passes its schema and names a directory of this repo on main."""
    application = load(path)
    assert faults(application) == []
    source = application["spec"]["source"]
    assert (source["repoURL"], source["targetRevision"]) == ("https://github.com/org/app-deploy.git", "main")
    directory = DEPLOY / source["path"]
    assert directory.is_dir()
    for values in source.get("helm", {}).get("valueFiles", []):
        assert (directory / values).is_file()


@pytest.mark.rule("GOP009")
@pytest.mark.parametrize("path", APPLICATIONS, ids=lambda p: p.stem)
def test_an_application_corrects_drift_and_retries_with_a_bound(path: Path) -> None:
    """Automated prune and selfHeal, five retries from 5 s doubling up to 3 m."""
    policy = load(path)["spec"]["syncPolicy"]
    assert policy["automated"] == {"prune": True, "selfHeal": True}
    assert policy["retry"] == {"limit": 5, "backoff": {"duration": "5s", "factor": 2, "maxDuration": "3m"}}


@pytest.mark.rule("GOP009")
@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_an_application_syncs_into_the_namespace_of_its_overlay(name: str) -> None:
    """Destination and rendered namespace are one, or the first sync would fail."""
    spec = load(DEPLOY / "argocd" / "applications" / f"{name}.yaml")["spec"]
    rendered = kustomize(DEPLOY / spec["source"]["path"])
    assert spec["source"]["path"] == f"k8s/overlays/{ENVIRONMENTS[name]}"
    assert only(rendered, "Namespace")["metadata"]["name"] == spec["destination"]["namespace"]


def test_the_helm_variant_renders_into_the_same_namespace() -> None:
    """The Helm Application is the production one with another source."""
    spec = load(DEPLOY / "argocd/examples/app-production-helm.yaml")["spec"]
    plain = load(DEPLOY / "argocd/applications/app-production.yaml")["spec"]
    assert {k: v for k, v in spec.items() if k != "source"} == {k: v for k, v in plain.items() if k != "source"}
    values = spec["source"]["helm"]["valueFiles"]
    assert values == ["values.yaml", "values-prod.yaml"]
    assert helm_template(DEPLOY / spec["source"]["path"], values[1], spec["destination"]["namespace"])


def test_app_of_apps_brings_every_application() -> None:
    """One Application by hand brings the others: its directory holds Applications and nothing else."""
    root = load(DEPLOY / "argocd/app-of-apps.yaml")
    directory = DEPLOY / root["spec"]["source"]["path"]
    found = {f.stem: load(f)["kind"] for f in directory.iterdir()}
    assert found == {"app-production": "Application", "app-staging": "Application", "monitoring": "Application"}
    assert root["spec"]["destination"]["namespace"] == "argocd"


@pytest.mark.rule("GOP011")
@pytest.mark.parametrize("environment", ["production", "staging"])
def test_one_sync_brings_settings_then_migration_then_app(environment: str) -> None:
    """Waves order what one sync applies: ConfigMap and sealed secrets, the migration Job, the Deployment."""
    rendered = kustomize(DEPLOY / "k8s" / "overlays" / environment)
    waves = {
        m["kind"]: int(m["metadata"].get("annotations", {}).get("argocd.argoproj.io/sync-wave", "0")) for m in rendered
    }
    assert (waves["ConfigMap"], waves["SealedSecret"], waves["ServiceAccount"]) == (0, 0, 0)
    assert 0 < waves["Job"] < waves["Deployment"]
    hook = only(rendered, "Job")["metadata"]["annotations"]
    assert hook["argocd.argoproj.io/hook"] == "Sync"
    assert hook["argocd.argoproj.io/hook-delete-policy"] == "BeforeHookCreation"


@pytest.mark.rule("MAN001", "GOP002")
def test_nothing_in_the_repo_builds_an_image_or_reads_the_app_repo() -> None:
    """No Dockerfile, no source code, no SQL, no step that builds or checks out the app."""
    files = [f for f in DEPLOY.rglob("*") if f.is_file()]
    names = {"Dockerfile", "pyproject.toml", "requirements.txt", "package.json", "go.mod"}
    assert [f.name for f in files if f.name in names or f.suffix in {".py", ".sql", ".js", ".go"}] == []
    forbidden = re.compile(r"docker (build|push)|buildx|build-push-action|buildah|repository:\s*org/app\b")
    assert [f.name for f in files if forbidden.search(f.read_text())] == []
