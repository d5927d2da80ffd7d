"""The Argo CD Applications: valid, pointing at what exists, and ordered so that code never meets an old schema."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from tests.deploy.rendering import ENVIRONMENTS, NAMESPACES, namespace, rendering
from tests.kube import DEPLOY, Manifest, helm_template, kustomize, of_kind, only

from apparch.pages.proved.judges.objects import faults

ARGOCD = DEPLOY / "argocd"
SEALED = DEPLOY / "_shared" / "secrets" / "sealed"


def load(path: Path) -> Manifest:
    """The one document of a file."""
    document: Manifest = yaml.safe_load(path.read_text())
    return document


def applications() -> dict[str, Manifest]:
    """Every Application, by its file."""
    found = {str(f.relative_to(ARGOCD)): load(f) for f in sorted(ARGOCD.rglob("*.yaml"))}
    assert len(found) > 3
    return found


@pytest.mark.rule("GOP009")
@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_an_environment_has_an_application_that_states_all_of_it(environment: str) -> None:
    """One Application names its overlay, and says from where, which revision, into what, how and how often again."""
    overlay = f"k8s/overlays/{environment}"
    (spec,) = [each["spec"] for each in applications().values() if each["spec"]["source"].get("path") == overlay]
    assert spec["source"]["repoURL"] == "https://github.com/org/app-deploy.git"
    assert spec["source"]["targetRevision"]
    assert spec["destination"]["namespace"] == NAMESPACES[environment]
    assert 0 <= spec["syncPolicy"]["retry"]["limit"] <= 20


@pytest.mark.rule("GOP009")
def test_every_application_is_valid_and_its_source_exists() -> None:
    """Each passes its schema, names a directory of this repo and, for a chart, value files that are in it."""
    for file, application in applications().items():
        assert faults(application) == [], file
        source = application["spec"]["source"]
        assert source["targetRevision"], file
        assert application["spec"]["syncPolicy"]["retry"]["limit"] >= 0, file
        assert (DEPLOY / source["path"]).is_dir()
        for values in source.get("helm", {}).get("valueFiles", []):
            assert (DEPLOY / source["path"] / values).is_file()


@pytest.mark.rule("PLT007")
def test_an_application_syncs_into_a_namespace_of_its_app() -> None:
    """The destination is that of an environment, or the one that monitoring or ArgoCD is in; it is never default."""
    homes = {namespace(environment)["metadata"]["name"] for environment in ENVIRONMENTS}
    named = {file: each["spec"]["destination"]["namespace"] for file, each in applications().items()}
    assert {file for file, name in named.items() if name not in homes | {"monitoring", "argocd"}} == set()


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
    assert {load(f)["kind"] for f in directory.iterdir()} == {"Application"}
    assert len(list(directory.iterdir())) == 3
    assert root["spec"]["destination"]["namespace"] == "argocd"


@pytest.mark.rule("GOP011")
@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_an_overlay_brings_every_sealed_secret_of_its_environment(environment: str) -> None:
    """What lies sealed for the environment is rendered with the app, and nothing that was sealed for another."""
    files = [f for f in (SEALED / environment).glob("*.yaml") if f.name != "kustomization.yaml"]
    sealed = {m["metadata"]["name"]: m["spec"] for f in files for m in yaml.safe_load_all(f.read_text())}
    assert {"app-secrets", "ghcr-secret"} <= set(sealed)
    rendered = of_kind(rendering(f"k8s/overlays/{environment}"), "SealedSecret")
    assert {m["metadata"]["name"]: m["spec"] for m in rendered} == sealed


@pytest.mark.parametrize("environment", ENVIRONMENTS)
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
