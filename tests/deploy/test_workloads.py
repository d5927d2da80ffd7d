"""Every pod, however it comes to a cluster: how it starts, what it is given, what it may use, where it may run."""

from __future__ import annotations

from typing import Any

import pytest
from tests.deploy.rendering import OVERLAYS, RENDERINGS, containers, of_the_app, pod, rendering, scalars, workloads
from tests.kube import DEPLOY, Manifest, of_kind, only

APP = DEPLOY.parent / "app"
HOST_NAME = "kubernetes.io/hostname"
SCRATCH = {"/tmp"}
"""Where a pod may write what it loses with its end."""

every_carrier = pytest.mark.parametrize("carrier", RENDERINGS)


def pods(carrier: str) -> list[Manifest]:
    """What makes pods there: the app and its migration at least."""
    found = workloads(rendering(carrier))
    assert len(found) >= 2
    return found


@pytest.mark.rule("MAN008", "OWN006")
@every_carrier
def test_only_a_job_names_the_command_that_it_runs(carrier: str) -> None:
    """The app starts as its image says; a Job runs a command that the App's README documents."""
    documented = (APP / "README.md").read_text()
    for workload in pods(carrier):
        for each in of_the_app(workload):
            command = [*each.get("command", []), *each.get("args", [])]
            if workload.get("kind", "Job") == "Job":
                assert command
                assert f"`{' '.join(command)}`" in documented
            else:
                assert command == []


@pytest.mark.rule("MAN009")
@every_carrier
def test_values_come_from_the_config_map_and_the_secret_only(carrier: str) -> None:
    """Each container of the app is given both, whole or key by key, and no value and no other source beside them."""
    for workload in pods(carrier):
        assert of_the_app(workload)
        for each in of_the_app(workload):
            one_by_one = [variable.get("valueFrom", {"value": {}}) for variable in each.get("env", [])]
            sources = [*each.get("envFrom", []), *one_by_one]
            named = {(kind, source[kind].get("name")) for source in sources for kind in source if kind != "prefix"}
            assert {(kind.removesuffix("Ref").removesuffix("Key"), name) for kind, name in named} == {
                ("configMap", "app-config"),
                ("secret", "app-secrets"),
            }


@pytest.mark.rule("PLT002")
@every_carrier
def test_no_container_can_write_into_its_own_files(carrier: str) -> None:
    """Read-only root file system on every container, those that run before the app included."""
    for workload in pods(carrier):
        assert [each["securityContext"].get("readOnlyRootFilesystem") for each in containers(workload)] == [
            True for _ in containers(workload)
        ]


@pytest.mark.rule("PLT013")
@every_carrier
def test_no_pod_can_starve_another_app(carrier: str) -> None:
    """Requests for CPU and memory and a memory limit on every container, and only claims of its own."""
    rendered = rendering(carrier)
    claims = {claim["metadata"]["name"] for claim in of_kind(rendered, "PersistentVolumeClaim")}
    for workload in workloads(rendered):
        for each in containers(workload):
            resources = each.get("resources", {})
            assert {"cpu", "memory"} <= set(resources.get("requests", {})), each["name"]
            assert "memory" in resources.get("limits", {}), each["name"]
        mounted = {path[-2:]: value for path, value in scalars(pod(workload)) if path[-1] == "claimName"}
        assert set(mounted.values()) <= claims


@pytest.mark.rule("PLT003")
@every_carrier
def test_what_must_outlive_a_pod_is_on_a_claim(carrier: str) -> None:
    """No host path anywhere; what is not scratch space, and is no setting, is a PersistentVolumeClaim."""
    rendered = rendering(carrier)
    assert [path for m in rendered for path, _ in scalars(m) if "hostPath" in path] == []
    for workload in workloads(rendered):
        volumes = {volume["name"]: set(volume) - {"name"} for volume in pod(workload).get("volumes", [])}
        for each in containers(workload):
            for mount in each.get("volumeMounts", []):
                lasting = {"persistentVolumeClaim", "configMap", "secret", "projected"}
                assert volumes[mount["name"]] <= (lasting | {"emptyDir"} if mount["mountPath"] in SCRATCH else lasting)


@pytest.mark.rule("MAN018")
@every_carrier
def test_no_pod_is_bound_to_a_host(carrier: str) -> None:
    """No named node, no host's name in a selector or an affinity, no port and no namespace of the host."""
    for workload in pods(carrier):
        spec = pod(workload)
        assert not [key for key in ("nodeName", "hostNetwork", "hostPID", "hostIPC") if spec.get(key)]
        assert HOST_NAME not in spec.get("nodeSelector", {})
        assert not any("hostPort" in port for each in containers(workload) for port in each.get("ports", []))
        node_affinity = scalars(spec.get("affinity", {}).get("nodeAffinity", {}))
        assert not any(value in (HOST_NAME, "metadata.name") for path, value in node_affinity if path[-1] == "key")


@pytest.mark.rule("TAG008")
@every_carrier
def test_pods_pull_with_the_login_of_their_service_account(carrier: str) -> None:
    """Every pod runs as app-sa and states no login of its own; app-sa has ghcr-secret and nothing else."""
    rendered = rendering(carrier)
    for workload in workloads(rendered):
        assert pod(workload).get("serviceAccountName") == "app-sa"
        assert "imagePullSecrets" not in pod(workload)
    assert only(rendered, "ServiceAccount")["metadata"]["name"] == "app-sa"
    assert only(rendered, "ServiceAccount").get("imagePullSecrets") == [{"name": "ghcr-secret"}]


@pytest.mark.rule("TAG008")
@pytest.mark.parametrize("carrier", OVERLAYS)
def test_the_login_is_a_sealed_registry_login(carrier: str) -> None:
    """What comes out of the sealed ghcr-secret is of the type that the kubelet pulls with."""
    found: list[dict[str, Any]] = [
        each["spec"]["template"]
        for each in of_kind(rendering(carrier), "SealedSecret")
        if each["metadata"]["name"] == "ghcr-secret"
    ]
    assert [each["type"] for each in found] == ["kubernetes.io/dockerconfigjson"]
