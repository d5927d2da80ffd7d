"""Where an app's objects and its data are: a namespace and claims of its own, and no path of a server."""

from __future__ import annotations

import re

import pytest
from tests.deploy.rendering import (
    ENVIRONMENTS,
    EXAMPLES,
    NAMESPACES,
    OVERLAYS,
    RENDERINGS,
    documents,
    namespace,
    rendering,
    scalars,
    workloads,
)
from tests.kube import Manifest, of_kind

CLAIM = re.compile(r"(?P<app>[a-z0-9]+)-(?P<purpose>[a-z0-9]+(-[a-z0-9]+)*)-pvc")


@pytest.mark.rule("PLT007")
@pytest.mark.parametrize("carrier", [*OVERLAYS, *EXAMPLES])
def test_everything_is_in_the_namespace_that_the_manifests_name(carrier: str) -> None:
    """All objects are in one namespace, that of an environment. None is left to chance."""
    (named,) = {m["metadata"].get("namespace") for m in rendering(carrier)}
    assert named in {namespace(environment)["metadata"]["name"] for environment in ENVIRONMENTS}


@pytest.mark.rule("PLT007")
def test_every_environment_has_a_namespace_of_its_own() -> None:
    """Each overlay has one, no two the same, none of them default, and its definition is of that name."""
    found = {environment: namespace(environment)["metadata"]["name"] for environment in ENVIRONMENTS}
    assert found == NAMESPACES
    assert len(set(found.values()) - {"default"}) == len(ENVIRONMENTS)


@pytest.mark.rule("PLT017")
@pytest.mark.parametrize("carrier", [*RENDERINGS, "_shared/monitoring"])
def test_no_rendering_holds_a_namespace(carrier: str) -> None:
    """Who deletes what an overlay, a layer or a chart renders leaves the namespace, and with it every claim."""
    assert of_kind(rendering(carrier), "Namespace") == []


@pytest.mark.rule("PLT017")
def test_a_claim_outlives_whoever_made_it() -> None:
    """ArgoCD neither prunes nor deletes it, and its class keeps the volume when somebody else does."""
    classes = {m["metadata"]["name"]: m for m in rendering("k8s/cluster")}
    for claim in claims():
        options = claim["metadata"]["annotations"]["argocd.argoproj.io/sync-options"].split(",")
        assert {"Prune=false", "Delete=false"} <= set(options)
        assert classes[claim["spec"]["storageClassName"]]["reclaimPolicy"] == "Retain"


@pytest.mark.rule("PLT017")
def test_no_application_deletes_what_it_deployed() -> None:
    """None has the finalizer that makes its own removal the removal of all its objects."""
    found = [m for _, m in documents() if isinstance(m, dict) and m.get("kind") == "Application"]
    assert len(found) > 3
    assert [m["metadata"]["name"] for m in found if m["metadata"].get("finalizers")] == []


def claims() -> list[Manifest]:
    """Every claim that a carrier brings."""
    found = [claim for carrier in RENDERINGS for claim in of_kind(rendering(carrier), "PersistentVolumeClaim")]
    assert found
    return found


@pytest.mark.rule("PLT005")
def test_a_claim_is_named_by_app_and_purpose() -> None:
    """{app}-{purpose}-pvc, where the app is one that runs here."""
    apps = {
        m["metadata"]["name"] for carrier in RENDERINGS for m in of_kind(workloads(rendering(carrier)), "Deployment")
    }
    named = [(claim["metadata"]["name"], CLAIM.fullmatch(claim["metadata"]["name"])) for claim in claims()]
    assert [name for name, match in named if match is None or match["app"] not in apps] == []


@pytest.mark.rule("MAN010")
def test_a_claim_is_defined_once_and_not_in_an_overlay() -> None:
    """Each name and access mode that is rendered is that of one definition in the base or a component of it."""
    defined = {
        m["metadata"]["name"]: m["spec"]["accessModes"]
        for file, m in documents()
        if isinstance(m, dict) and m.get("kind") == "PersistentVolumeClaim"
        if "components" in file.parts or "base" in file.parts
    }
    rendered = {claim["metadata"]["name"]: claim["spec"]["accessModes"] for claim in claims()}
    assert rendered == {name: defined.get(name) for name in rendered}


@pytest.mark.rule("PLT006")
def test_no_manifest_names_a_path_of_a_server() -> None:
    """/data and what is below it is known to the k3s install script alone; no volume is given a path here."""
    said = [m for _, m in documents()] + [m for carrier in RENDERINGS for m in rendering(carrier)]
    assert [pair for m in said for pair in scalars(m) if re.match(r"/data(/|$)", str(pair[1]))] == []
    kinds = {m.get("kind") for _, m in documents() if isinstance(m, dict)}
    assert "PersistentVolumeClaim" in kinds
    assert "PersistentVolume" not in kinds
