"""The Deploy repo keeps the documents' rules on layout, volumes and isolation."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from tests.deploy.rendering import ENVIRONMENTS, NAMESPACES, container, overlay, pod
from tests.kube import DEPLOY, kustomize, of_kind, only

EXAMPLES = sorted(f"k8s/examples/{d.name}" for d in (DEPLOY / "k8s" / "examples").iterdir())
DEPLOYED = [*(f"k8s/overlays/{environment}" for environment in ENVIRONMENTS), *EXAMPLES]


def pods(directory: str) -> list[dict[str, Any]]:
    """Every pod that a directory makes."""
    rendered = kustomize(DEPLOY / directory)
    return [pod(m) for m in of_kind(rendered, "Deployment") + of_kind(rendered, "Job")]


@pytest.mark.rule("MAN002")
def test_the_tree_is_the_standard_one() -> None:
    """base, two overlays and _shared; in base a directory per kind, each with its kind only."""
    k8s = DEPLOY / "k8s"
    assert {d.name for d in (k8s / "overlays").iterdir()} == {"production", "staging"}
    assert {"migrations", "monitoring", "scripts", "secrets"} == {d.name for d in (DEPLOY / "_shared").iterdir()}
    kinds: dict[str, set[str]] = {}
    for file in (k8s / "base").glob("*/*.yaml"):
        kinds.setdefault(file.parent.name, set()).add(yaml.safe_load(file.read_text())["kind"])
    assert len(kinds) == 8
    assert all(len(found) == 1 for found in kinds.values())
    assert {f.name for f in (k8s / "base").glob("*.*")} == {"kustomization.yaml"}


@pytest.mark.rule("MAN004")
@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_an_overlay_is_patches_by_purpose(environment: str) -> None:
    """Every file but the kustomization is a listed patch, and a patch repeats neither selector nor image of base."""
    directory = DEPLOY / "k8s" / "overlays" / environment
    listed = [patch["path"] for patch in yaml.safe_load((directory / "kustomization.yaml").read_text())["patches"]]
    files = {str(f.relative_to(directory)) for f in directory.rglob("*.yaml")} - {"kustomization.yaml"}
    assert set(listed) == files
    assert {"patches/replicas.yaml", "patches/resources.yaml"} <= files
    for file in files:
        patch = yaml.safe_load((directory / file).read_text())
        assert not {"selector", "strategy"} & set(patch.get("spec", {}))
        assert "image:" not in (directory / file).read_text()


@pytest.mark.rule("MAN009")
@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_no_value_is_written_into_a_workload(environment: str) -> None:
    """Both containers take all their variables from app-config and app-secrets."""
    rendered = overlay(environment)
    for workload in (only(rendered, "Deployment"), only(rendered, "Job")):
        assert "env" not in container(workload)
        assert container(workload)["envFrom"] == [
            {"configMapRef": {"name": "app-config"}},
            {"secretRef": {"name": "app-secrets"}},
        ]


@pytest.mark.rule("MAN011", "MAN012")
@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_traffic_enters_by_ingress_only(environment: str) -> None:
    """The Service stays inside; the Ingress has its overlay's host, TLS for that host, and Traefik's websecure."""
    rendered = overlay(environment)
    assert {m["spec"]["type"] for m in of_kind(rendered, "Service")} == {"ClusterIP"}
    ingress = only(rendered, "Ingress")
    (rule,) = ingress["spec"]["rules"]
    assert ingress["spec"]["tls"] == [{"hosts": [rule["host"]], "secretName": "app-tls"}]
    assert ingress["metadata"]["annotations"]["traefik.ingress.kubernetes.io/router.entrypoints"] == "websecure"
    assert all(path["pathType"] for path in rule["http"]["paths"])
    base = yaml.safe_load((DEPLOY / "k8s/base/ingress/app-ingress.yaml").read_text())
    assert all("host" not in each for each in base["spec"]["rules"])


@pytest.mark.rule("MAN015")
def test_there_is_a_runbook_for_each_kind_of_trouble() -> None:
    """Crash loops, memory, deploy and rollback, care of the cluster, backup and restore: each with steps."""
    runbooks = {f.stem: f.read_text() for f in (DEPLOY / "docs" / "runbooks").glob("*.md")}
    needed = {"crash-loop", "out-of-memory", "deploy-rollback", "cluster-care", "backup-restore"}
    assert needed <= set(runbooks)
    assert all("kubectl" in text or "_shared/scripts" in text for text in runbooks.values())
    scripts = {str(f.relative_to(DEPLOY)) for f in (DEPLOY / "_shared" / "scripts").rglob("*.sh")}
    for text in runbooks.values():
        named = {word.strip("`(),;.") for word in text.split() if "_shared/scripts/" in word}
        assert {name for name in named if name.endswith(".sh")} <= scripts


@pytest.mark.rule("MAN018", "PLT003")
@pytest.mark.parametrize("directory", DEPLOYED)
def test_pods_are_bound_to_no_host(directory: str) -> None:
    """No host network, port, path or named node; the only volumes are scratch space and a claim."""
    for spec in pods(directory):
        assert not {"nodeName", "nodeSelector", "hostNetwork", "hostPID", "hostIPC"} & set(spec)
        assert all("hostPort" not in port for c in spec["containers"] for port in c.get("ports", []))
        kinds = {kind for volume in spec["volumes"] for kind in volume if kind != "name"}
        assert kinds <= {"emptyDir", "persistentVolumeClaim"}


@pytest.mark.rule("PLT002", "PLT013")
@pytest.mark.parametrize("directory", DEPLOYED)
def test_containers_cannot_be_edited_and_have_their_bounds(directory: str) -> None:
    """Read-only root file system, requests for CPU and memory, and a memory limit, on every container."""
    for spec in pods(directory):
        for each in spec["containers"]:
            assert each["securityContext"]["readOnlyRootFilesystem"] is True
            assert set(each["resources"]["requests"]) == {"cpu", "memory"}
            assert set(each["resources"]["limits"]) == {"memory"}


@pytest.mark.rule("PLT007")
def test_every_environment_has_a_namespace_of_its_own() -> None:
    """Two environments, two namespaces, neither of them default."""
    found = {e: {m["metadata"]["namespace"] for m in overlay(e) if m["kind"] != "Namespace"} for e in ENVIRONMENTS}
    assert found == {environment: {NAMESPACES[environment]} for environment in ENVIRONMENTS}
    assert len(set(NAMESPACES.values()) - {"default"}) == 2


@pytest.mark.rule("PLT006", "PLT014")
def test_no_manifest_names_the_servers_data_path_and_no_compose_file_exists() -> None:
    """/data is known to the k3s install script alone, and nothing here is for Docker Compose."""
    manifests = [f for f in DEPLOY.rglob("*.yaml") if f.is_file()]
    assert [f.name for f in manifests if " /data" in f.read_text()] == []
    assert "/data" in (DEPLOY / "_shared/scripts/k3s/install.sh").read_text()
    assert [f.name for f in manifests if "compose" in f.name] == []


@pytest.mark.rule("RES019")
@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_memory_limit_is_the_request_and_cpu_has_no_limit(environment: str) -> None:
    """What the pod may use is what it was promised; CPU is requested and not capped."""
    for workload in of_kind(overlay(environment), "Deployment") + of_kind(overlay(environment), "Job"):
        resources = container(workload)["resources"]
        assert resources["limits"] == {"memory": resources["requests"]["memory"]}
        assert resources["requests"]["cpu"]


@pytest.mark.rule("GOP011", "TAG004")
@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_an_overlay_lists_its_own_secrets_and_one_tag(environment: str) -> None:
    """One apply brings app, migration and this environment's sealed secrets, from one newTag."""
    file = DEPLOY / "k8s" / "overlays" / environment / "kustomization.yaml"
    listed = yaml.safe_load(file.read_text())
    assert listed["resources"] == [
        "../../base",
        "../../../_shared/migrations",
        f"../../../_shared/secrets/sealed/{environment}",
    ]
    (image,) = listed["images"]
    assert set(image) == {"name", "newTag"}
