"""The components: choices that a layer above an overlay adds."""

from __future__ import annotations

from pathlib import Path

from tests.deploy.rendering import overlay, pod
from tests.kube import DEPLOY, Manifest, kustomize, only

from apparch.pages.proved.judges.objects import faults


def example(name: str) -> list[Manifest]:
    """Production with one component, as k8s/examples shows it, strictly valid."""
    rendered = kustomize(DEPLOY / "k8s" / "examples" / name)
    assert [(m["kind"], faults(m)) for m in rendered if faults(m)] == []
    return rendered


def test_a_component_inside_the_overlay_would_lose_to_its_patches(deploy: Path) -> None:
    """Kustomize applies components before the patches of the same layer: three traders, so it belongs a layer above."""
    file = deploy / "k8s" / "overlays" / "production" / "kustomization.yaml"
    file.write_text(file.read_text() + "components:\n  - ../../components/singleton\n")
    assert only(overlay("production", deploy), "Deployment")["spec"]["replicas"] == 3


def test_the_storage_component_mounts_the_claim_it_makes() -> None:
    """What the pod mounts is the claim that comes with it."""
    rendered = example("storage")
    claim = only(rendered, "PersistentVolumeClaim")["metadata"]["name"]
    spec = pod(only(rendered, "Deployment"))
    assert {"name": "data", "persistentVolumeClaim": {"claimName": claim}} in spec["volumes"]
    assert {"name": "data", "mountPath": "/var/lib/app"} in spec["containers"][0]["volumeMounts"]
