"""The real kubectl applies, compares and deletes on the stand-in as on a cluster."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from tests.cluster.conftest import Clients, Refused
from tests.cluster.errors import NotFound
from tests.cluster.examples import deployment
from tests.kube import DEPLOY, kustomize

OVERLAY = DEPLOY / "k8s" / "overlays" / "production"
CRD = Path(__file__).with_name("testdata") / "sealed-secrets-crd.yaml"
NAMESPACE = "prj-01-prod"


@pytest.fixture
def production(clients: Clients) -> Iterator[Clients]:
    """A cluster with the definition and the namespace that the overlay needs."""
    namespaces = clients.store.resources.named("namespaces")
    clients.kubectl("apply", "-f", str(CRD))
    clients.store.create(namespaces, {"metadata": {"name": NAMESPACE}})
    yield clients
    with suppress(NotFound):
        clients.store.delete(namespaces, None, NAMESPACE)
    while NAMESPACE in [each["metadata"]["name"] for each in clients.store.list(namespaces)[0]]:
        time.sleep(0.1)


def test_applied_overlay_is_unchanged_when_it_is_applied_again(production: Clients) -> None:
    """What the server adds is no difference.

    A budget is always configured, as its selector is replaced whole.
    """
    production.kubectl("apply", "-k", str(OVERLAY))
    again = production.kubectl("apply", "-k", str(OVERLAY)).splitlines()
    configured = [line.partition("/")[0] for line in again if not line.endswith(" unchanged")]
    assert set(configured) == {"poddisruptionbudget.policy"}
    assert production.kubectl("diff", "-k", str(OVERLAY)) == ""


def test_overlay_applied_on_the_server_again_writes_nothing(production: Clients) -> None:
    """The same manager's same configuration leaves every version as it was, and differs from nothing."""
    apply = ("apply", "--server-side", "-k", str(OVERLAY))
    production.kubectl(*apply)
    version = production.store.version
    production.kubectl(*apply)
    assert production.store.version == version
    assert production.kubectl("diff", "--server-side", "-k", str(OVERLAY)) == ""


def test_delete_of_an_overlay_takes_all_of_it_away(production: Clients) -> None:
    """Every object of the overlay is deleted, and waited for."""
    production.kubectl("apply", "-k", str(OVERLAY))
    gone = production.kubectl("delete", "-k", str(OVERLAY), "--wait", "--timeout=20s").splitlines()
    assert len(gone) == len(kustomize(OVERLAY))
    assert production.kubectl("get", "-k", str(OVERLAY), "--ignore-not-found") == ""


def test_three_way_merge_removes_what_the_manifest_no_longer_has(clients: Clients) -> None:
    """Client-side apply deletes a label that it set, and keeps one that another set."""
    labelled = json.loads(deployment())
    labelled["metadata"]["labels"] = {"mine": "yes", "ours": "yes"}
    clients.kubectl("apply", "-f", "-", given=json.dumps(labelled))
    clients.kubectl("label", "deployment", "web", "theirs=yes")
    del labelled["metadata"]["labels"]["mine"]
    clients.kubectl("apply", "-f", "-", given=json.dumps(labelled))
    assert clients.get("deployments.apps", "web")["metadata"]["labels"] == {"ours": "yes", "theirs": "yes"}


def test_server_side_apply_refuses_what_another_manager_owns(clients: Clients) -> None:
    """The second manager is told the field and its owner, and may take it by force."""
    clients.kubectl("apply", "--server-side", "--field-manager=one", "-f", "-", given=deployment(2))
    other = ("apply", "--server-side", "--field-manager=two", "-f", "-")
    refusal = clients.refused(*other, given=deployment(3)).splitlines()[0]
    clients.kubectl(*other, "--force-conflicts", given=deployment(3))
    assert refusal == 'error: Apply failed with 1 conflict: conflict with "one": .spec.replicas'
    assert clients.get("deployments.apps", "web")["spec"]["replicas"] == 3


def test_apply_moves_from_the_client_to_the_server(clients: Clients) -> None:
    """kubectl hands its fields over, so that what is then left out is removed."""
    clients.kubectl("apply", "-f", "-", given=deployment())
    clients.kubectl("apply", "--server-side", "-f", "-", given=deployment())
    without = json.loads(deployment())
    del without["spec"]["replicas"]
    clients.kubectl("apply", "--server-side", "-f", "-", given=json.dumps(without))
    found = clients.get("deployments.apps", "web")
    managers = sorted((each["manager"], each["operation"]) for each in found["metadata"]["managedFields"])
    assert managers == [("kubectl", "Apply"), ("kubectl-last-applied", "Apply")]
    assert found["spec"]["replicas"] == 1


def test_diff_shows_what_would_change_and_changes_nothing(clients: Clients) -> None:
    """The difference is that of a dry run on the server."""
    clients.kubectl("apply", "-f", "-", given=deployment())
    shown = _difference(clients, deployment(image="app:2"))
    assert [line for line in shown if line[:1] in "+-" and "image" in line] == [
        "-      - image: app:1",
        "+      - image: app:2",
    ]
    assert clients.get("deployments.apps", "web")["metadata"]["generation"] == 1


def _difference(clients: Clients, manifest: str) -> list[str]:
    with pytest.raises(Refused) as caught:
        clients.kubectl("diff", "-f", "-", given=manifest)
    return str(caught.value.stdout).splitlines()


def test_dry_run_on_the_server_creates_nothing(clients: Clients) -> None:
    """The object is judged, completed and forgotten."""
    clients.kubectl("apply", "--dry-run=server", "-f", "-", given=deployment())
    assert "NotFound" in clients.refused("get", "deployment", "web")


def test_unknown_field_is_refused_before_anything_is_created(clients: Clients) -> None:
    """kubectl asks for strict validation, and the server names the field."""
    wrong = deployment().replace('"image"', '"imag"')
    refusal = clients.refused("create", "-f", "-", given=wrong)
    assert 'strict decoding error: unknown field "spec.template.spec.containers[0].imag"' in refusal
