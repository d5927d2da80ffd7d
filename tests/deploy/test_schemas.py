"""Strict schemas: what is rendered and what is shown passes them, and slips of every kind do not."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

import pytest
import yaml
from tests.deploy.rendering import ENVIRONMENTS, overlay
from tests.kube import DEPLOY, kustomize

from apparch.pages.judges.objects import CUSTOM, faults


def whole_files() -> list[Path]:
    """Every YAML file that is an object by itself: no patch, no kustomization, no template, no settings file."""
    roots = (DEPLOY / "k8s" / "base", DEPLOY / "argocd", DEPLOY / "_shared")
    files = [f for root in roots for f in sorted(root.rglob("*.yaml"))]
    apart = ("kustomization.yaml", "values.yaml")
    return [f for f in files if f.name not in apart and not f.name.endswith(".test.yaml")]


@pytest.mark.rule("MAN007")
@pytest.mark.parametrize("directory", [*(f"k8s/overlays/{e}" for e in ENVIRONMENTS), "_shared/monitoring"])
def test_rendered_objects_pass_strict_schemas(directory: str) -> None:
    """No object has a key that Kubernetes or the operator would ignore, and none is of an unknown kind."""
    rendered = kustomize(DEPLOY / directory)
    assert rendered
    assert [(m["kind"], faults(m)) for m in rendered if faults(m)] == []


@pytest.mark.rule("MAN007")
@pytest.mark.parametrize("file", whole_files(), ids=lambda f: str(f.relative_to(DEPLOY)))
def test_a_file_is_one_whole_valid_object(file: Path) -> None:
    """A file holds exactly one document, and that document is valid as it stands."""
    (document,) = yaml.safe_load_all(file.read_text())
    assert faults(document) == []


MUTATIONS = {
    "a misspelt key": ("deployments/app.yaml", "livenessProbe:", "livenesProbe:"),
    "a key at the wrong depth": ("deployments/app.yaml", "      serviceAccountName: app-sa", "      containrs: []"),
    "an unknown kind": ("services/app-svc.yaml", "kind: Service\n", "kind: Servise\n"),
    "a kind of another version": ("ingress/app-ingress.yaml", "networking.k8s.io/v1", "extensions/v1beta1"),
    "a missing pathType": ("ingress/app-ingress.yaml", "            pathType: Prefix\n", ""),
    "a number for a text": ("configmaps/app-config.yaml", 'SERVICE_PORT: "8080"', "SERVICE_PORT: 8080"),
    "a text for a number": ("deployments/app.yaml", "timeoutSeconds: 2", 'timeoutSeconds: "2"'),
    "a missing selector": ("deployments/app.yaml", "  selector:\n    matchLabels:\n      app: app\n", ""),
}


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_broken_manifest_is_refused(name: str, tmp_path: Path) -> None:
    """Each kind of slip that a schema can see is seen in the file that has it."""
    file, old, new = MUTATIONS[name]
    text = (DEPLOY / "k8s" / "base" / file).read_text()
    assert old in text
    assert faults(yaml.safe_load(text)) == []
    assert faults(yaml.safe_load(text.replace(old, new, 1))) != []


CUSTOM_MUTATIONS = {
    "a monitor's misspelt key": ("_shared/monitoring/servicemonitor.yaml", "interval:", "intervall:"),
    "a rule without an expression": ("_shared/monitoring/rules/app-alerts.yaml", "expr:", "expression:"),
    "an Application's unknown policy": ("argocd/applications/app-production.yaml", "selfHeal:", "selfHeel:"),
    "an Application without destination": ("argocd/applications/app-production.yaml", "destination:", "target:"),
    "a sealed secret with plain data": (
        "_shared/secrets/sealed/production/app-secrets.yaml",
        "encryptedData:",
        "stringData:",
    ),
}


@pytest.mark.parametrize("name", CUSTOM_MUTATIONS)
def test_a_broken_custom_resource_is_refused(name: str) -> None:
    """The schemas of Prometheus, Argo CD and Sealed Secrets are as strict as the built-in ones."""
    file, old, new = CUSTOM_MUTATIONS[name]
    text = (DEPLOY / file).read_text()
    assert old in text
    assert faults(yaml.safe_load(text)) == []
    assert faults(yaml.safe_load(text.replace(old, new, 1))) != []


def test_a_file_that_is_missing_stops_the_rendering(deploy: Path) -> None:
    """Kustomize renders nothing rather than less."""
    (deploy / "k8s/base/services/app-svc.yaml").unlink()
    with pytest.raises(subprocess.CalledProcessError) as failed:
        overlay("production", deploy)
    assert "app-svc.yaml" in failed.value.stderr


def test_the_schemas_are_the_ones_that_were_checked_in() -> None:
    """Every schema's digest is the recorded one, and every schema is recorded."""
    lines = (line.split() for line in (CUSTOM / "SHA256SUMS").read_text().splitlines())
    recorded = {name: digest for digest, name in lines}
    assert recorded == {f.name: hashlib.sha256(f.read_bytes()).hexdigest() for f in CUSTOM.glob("*.json")}
    assert len(recorded) == 4
