"""Strict schemas: what is rendered and what is shown passes them, and slips of every kind do not."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

import pytest
import yaml
from tests.deploy.rendering import RENDERINGS, overlay, rendering
from tests.kube import DEPLOY

from apparch.pages.proved.judges.objects import CUSTOM, faults

SETTINGS = ("kustomization.yaml", "values.yaml", "loki-config.yaml")


def is_object(file: Path) -> bool:
    """Whether a file is an object by itself: no patch, no kustomization, no settings of a tool, no template."""
    inside = file.relative_to(DEPLOY).parts
    settings = file.name in SETTINGS or file.name.endswith(".test.yaml")
    patch = "patches" in inside or file.name in PATCHES
    return inside[0] in ("k8s", "argocd", "_shared") and not settings and not patch


# A component's patches lie beside what it adds.
PATCHES = {
    str(patch["path"])
    for file in (DEPLOY / "k8s" / "components").rglob("kustomization.yaml")
    for patch in yaml.safe_load(file.read_text()).get("patches", [])
}


@pytest.mark.rule("MAN007")
@pytest.mark.parametrize("carrier", [*RENDERINGS, "_shared/monitoring"])
def test_rendered_objects_pass_strict_schemas(carrier: str) -> None:
    """No object has a key that Kubernetes or the operator would ignore, and none is of an unknown kind."""
    rendered = rendering(carrier)
    assert rendered
    assert [(m["kind"], faults(m)) for m in rendered if faults(m)] == []


@pytest.mark.rule("MAN007")
def test_a_file_is_one_whole_valid_object() -> None:
    """A file holds exactly one document, no key of it twice, and that document is valid as it stands."""
    found = [file for file in sorted(DEPLOY.rglob("*.yaml")) if is_object(file)]
    assert len(found) > 20
    for file in found:
        (node,) = yaml.compose_all(file.read_text(), Loader=yaml.SafeLoader)
        assert repeated(node) == [], file
        assert faults(yaml.safe_load(file.read_text())) == [], file


def repeated(node: yaml.Node | None) -> list[str]:
    """The keys that a mapping of the document has twice: a parser keeps the last and drops the first in silence."""
    if isinstance(node, yaml.SequenceNode):
        return [key for below in node.value for key in repeated(below)]
    if not isinstance(node, yaml.MappingNode):
        return []
    keys = [key.value for key, _ in node.value]
    return [key for key in set(keys) if keys.count(key) > 1] + [k for _, below in node.value for k in repeated(below)]


MUTATIONS = {
    "a misspelt key": ("deployments/app.yaml", "livenessProbe:", "livenesProbe:"),
    "a key at the wrong depth": ("deployments/app.yaml", "      serviceAccountName: app-sa", "      containrs: []"),
    "an unknown kind": ("services/app-svc.yaml", "kind: Service\n", "kind: Servise\n"),
    "a kind of another version": ("ingress/app-ingress.yaml", "networking.k8s.io/v1", "extensions/v1beta1"),
    "a missing pathType": ("ingress/app-ingress.yaml", "            pathType: Prefix\n", ""),
    "a number for a text": ("serviceaccounts/app-sa.yaml", "name: ghcr-secret", "name: 7"),
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
