"""A second app and a second cluster, added as the runbook says, and rendered by the scripts as they are."""

from __future__ import annotations

import re
import shutil

import pytest
import yaml
from tests.deploy.growing import second_app, second_cluster
from tests.deploy.sandbox import Sandbox
from tests.kube import DEPLOY


@pytest.fixture
def grown(sandbox: Sandbox) -> Sandbox:
    """The copy of the Deploy repo with an app named observer beside the first, laid out as growth.md says."""
    home = sandbox.root / "k8s/apps/observer"
    home.mkdir(parents=True)
    for folder in ("k8s/base", "k8s/overlays", "_shared/migrations"):
        shutil.copytree(sandbox.root / folder, home / folder.rpartition("/")[2])
    second_app(sandbox.root)
    return sandbox


@pytest.mark.parametrize("environment", ["staging"])
def test_a_second_app_is_deployed_by_the_same_script(environment: str, grown: Sandbox) -> None:
    """With APP alone: its own namespace, Job, settings and wait; the first app's files are as they were."""
    variables = {"APP": "observer", "ENVIRONMENT": environment, "KUBE_CONTEXT": environment}
    done = grown.run("deploy/apply.sh", **variables)
    assert done.returncode == 0, done.stderr
    home = "prj-02-prod" if environment == "production" else "prj-02-staging"
    assert f"namespace {home}, app observer, overlay k8s/apps/observer/overlays/{environment}" in done.stderr
    named = [
        word for call in grown.calls for word in call.split() if re.match(r"prj-|job|deployment/|\w+-migrate", word)
    ]
    assert set(named) == {f"{home}.yaml", home, "job", "observer-migrate", "deployment/observer"}
    for folder in ("k8s/base", "k8s/overlays"):
        files = [f for f in (DEPLOY / folder).rglob("*") if f.is_file()]
        assert [f for f in files if f.read_text() != (grown.root / f.relative_to(DEPLOY)).read_text()] == []


def test_a_tag_is_set_for_the_app_that_is_meant(grown: Sandbox) -> None:
    """The second app's overlay changes, and the first one's does not."""
    grown.run("deploy/set-tag.sh", APP="observer", ENVIRONMENT="staging", IMAGE_TAG="v9.5.0")
    assert "v9.5.0" in (grown.root / "k8s/apps/observer/overlays/staging/kustomization.yaml").read_text()
    assert "v9.5.0" not in (grown.root / "k8s/overlays/staging/kustomization.yaml").read_text()


def test_an_overlay_of_a_cluster_is_an_environment(sandbox: Sandbox) -> None:
    """One directory deeper, by its path; production is production there too."""
    second_cluster(sandbox.root, "cluster-a")
    variables = {"ENVIRONMENT": "cluster-a/production", "KUBE_CONTEXT": "cluster-a"}
    done = sandbox.run("deploy/apply.sh", **variables)
    assert done.returncode == 0, done.stderr
    assert "overlay k8s/overlays/cluster-a/production" in done.stderr
    assert sandbox.run("deploy/set-tag.sh", IMAGE_TAG="v1.5.0-rc.1", **variables).returncode == 1


@pytest.mark.parametrize("layer", ["singleton", "storage"])
def test_a_layer_above_an_overlay_is_deployed_and_tagged(layer: str, sandbox: Sandbox) -> None:
    """The tag is the overlay's, whose line is the one that is set."""
    variables = {"ENVIRONMENT": f"examples/{layer}", "KUBE_CONTEXT": "production"}
    assert sandbox.run("deploy/set-tag.sh", IMAGE_TAG="v9.5.0", **variables).returncode == 0
    assert "newTag: v9.5.0" in (sandbox.root / "k8s/overlays/production/kustomization.yaml").read_text()
    done = sandbox.run("deploy/apply.sh", **variables)
    assert done.returncode == 0, done.stderr
    assert sandbox.run("deploy/set-tag.sh", IMAGE_TAG="v9.5.0-rc.1", **variables).returncode == 1


def test_a_candidate_in_production_and_a_rendered_namespace_are_refused(sandbox: Sandbox) -> None:
    """Each with one line, before a cluster is asked anything."""
    file = sandbox.root / "k8s/overlays/production/kustomization.yaml"
    text = file.read_text()
    file.write_text(re.sub(r"newTag: .*", "newTag: v1.5.0-rc.1", text))
    candidate = sandbox.run("build/render.sh", ENVIRONMENT="production")
    file.write_text(text.replace("resources:\n", "resources:\n  - namespace.yaml\n"))
    home = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "x"}}
    (file.parent / "namespace.yaml").write_text(yaml.safe_dump(home))
    namespace = sandbox.run("build/render.sh", ENVIRONMENT="production")
    for done, why in ((candidate, "release candidate"), (namespace, "renders a Namespace")):
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
        assert why in done.stderr
