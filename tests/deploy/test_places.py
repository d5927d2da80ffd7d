"""Where an app's objects and its data are: a namespace and claims of its own, and no path of a server."""

from __future__ import annotations

import re

import pytest
from tests.deploy.rendering import EXAMPLES, OVERLAYS, RENDERINGS, documents, rendering, scalars, workloads
from tests.kube import Manifest, of_kind, only

CLAIM = re.compile(r"(?P<app>[a-z0-9]+)-(?P<purpose>[a-z0-9]+(-[a-z0-9]+)*)-pvc")


@pytest.mark.rule("PLT007")
@pytest.mark.parametrize("carrier", [*OVERLAYS, *EXAMPLES])
def test_everything_is_in_the_namespace_that_the_manifests_name(carrier: str) -> None:
    """All objects are in one namespace: the one whose object is rendered beside them. None is left to chance."""
    rendered = rendering(carrier)
    named = {m["metadata"].get("namespace") for m in rendered if m["kind"] != "Namespace"}
    assert named == {only(rendered, "Namespace")["metadata"]["name"]}


@pytest.mark.rule("PLT007")
def test_every_environment_has_a_namespace_of_its_own() -> None:
    """Each overlay brings one Namespace, no two the same, none of them default."""
    found = [only(rendering(each), "Namespace")["metadata"]["name"] for each in OVERLAYS]
    assert len(set(found) - {"default"}) == len(OVERLAYS)


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
