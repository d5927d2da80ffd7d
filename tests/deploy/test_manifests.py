"""The rendered manifests: both environments whole, and wired together."""

from __future__ import annotations

import pytest
import yaml
from tests.deploy.rendering import ENVIRONMENTS, NAMESPACES, container, overlay, pod
from tests.kube import DEPLOY, Manifest, kustomize, only

OBJECTS = {
    ("Namespace", None),
    ("ServiceAccount", "app-sa"),
    ("ConfigMap", "app-config"),
    ("Deployment", "app"),
    ("Service", "app"),
    ("Ingress", "app"),
    ("NetworkPolicy", "app-netpol"),
    ("PodDisruptionBudget", "app-pdb"),
    ("Job", "app-migrate"),
    ("SealedSecret", "app-secrets"),
    ("SealedSecret", "ghcr-secret"),
}


@pytest.mark.rule("PLT007")
@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_an_overlay_renders_every_object_once_in_its_own_namespace(environment: str) -> None:
    """Eleven objects come out, all of them in the namespace that the overlay names."""
    rendered = overlay(environment)
    namespace = NAMESPACES[environment]
    names = [(m["kind"], None if m["kind"] == "Namespace" else m["metadata"]["name"]) for m in rendered]
    assert len(names) == len(OBJECTS)
    assert set(names) == OBJECTS
    assert only(rendered, "Namespace")["metadata"]["name"] == namespace
    assert {m["metadata"]["namespace"] for m in rendered if m["kind"] != "Namespace"} == {namespace}


def test_the_files_of_base_are_all_rendered() -> None:
    """base has no file that its kustomization forgot."""
    listed = set(yaml.safe_load((DEPLOY / "k8s/base/kustomization.yaml").read_text())["resources"])
    base = DEPLOY / "k8s" / "base"
    there = {str(f.relative_to(base)) for f in base.rglob("*.yaml")} - {"kustomization.yaml"}
    assert listed == there


@pytest.mark.rule("MAN006")
@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_base_and_overlays_use_no_field_that_kustomize_has_retired(environment: str) -> None:
    """Kustomize warns of nothing and the kustomizations name only current fields."""
    for path in DEPLOY.rglob("kustomization.yaml"):
        assert not {"bases", "commonLabels", "patchesStrategicMerge", "patchesJson6902", "vars"} & set(
            yaml.safe_load(path.read_text())
        ), path
    assert overlay(environment)


@pytest.mark.rule("MAN013")
@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_selectors_select_the_app_and_not_the_migration(environment: str) -> None:
    """Deployment, Service, disruption budget and network policy select the app's pods; none selects the Job's."""
    rendered = overlay(environment)
    app = only(rendered, "Deployment")["spec"]["template"]["metadata"]["labels"]
    job = only(rendered, "Job")["spec"]["template"]["metadata"]["labels"]
    selectors = [
        only(rendered, "Deployment")["spec"]["selector"]["matchLabels"],
        only(rendered, "Service")["spec"]["selector"],
        only(rendered, "PodDisruptionBudget")["spec"]["selector"]["matchLabels"],
        only(rendered, "NetworkPolicy")["spec"]["podSelector"]["matchLabels"],
    ]
    assert all(selector.items() <= app.items() for selector in selectors)
    assert not any(selector.items() <= job.items() for selector in selectors)


@pytest.mark.rule("NET003", "MAN011")
@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_service_and_ingress_reach_the_named_container_port(environment: str) -> None:
    """Ingress -> Service port 80 named http -> container port 8080 named http, never a number in between."""
    rendered = overlay(environment)
    (port,) = only(rendered, "Service")["spec"]["ports"]
    assert (port["name"], port["port"], port["targetPort"]) == ("http", 80, "http")
    assert container(only(rendered, "Deployment"))["ports"] == [{"name": "http", "containerPort": 8080}]
    (rule,) = only(rendered, "Ingress")["spec"]["rules"]
    (path,) = rule["http"]["paths"]
    assert path["pathType"] == "Prefix"
    assert path["backend"]["service"] == {"name": "app", "port": {"name": "http"}}


@pytest.mark.rule("TAG008", "MAN009")
@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_what_a_pod_refers_to_exists(environment: str) -> None:
    """The ConfigMap, the Secrets and the ServiceAccount that the pods name are rendered beside them."""
    rendered = overlay(environment)
    names = {(m["kind"].removeprefix("Sealed"), m["metadata"]["name"]) for m in rendered}
    for workload in (only(rendered, "Deployment"), only(rendered, "Job")):
        sources = container(workload)["envFrom"]
        assert [("ConfigMap", sources[0]["configMapRef"]["name"]), ("Secret", sources[1]["secretRef"]["name"])] == [
            ("ConfigMap", "app-config"),
            ("Secret", "app-secrets"),
        ]
        assert {("ConfigMap", "app-config"), ("Secret", "app-secrets")} <= names
        assert ("ServiceAccount", pod(workload)["serviceAccountName"]) in names
    (pull,) = only(rendered, "ServiceAccount")["imagePullSecrets"]
    assert ("Secret", pull["name"]) in names


@pytest.mark.rule("PLT002")
@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_pods_pass_the_restricted_pod_security_standard(environment: str) -> None:
    """Non-root, read-only, no privilege, no capability, no service account token: as the namespace enforces."""
    rendered = overlay(environment)
    labels = only(rendered, "Namespace")["metadata"]["labels"]
    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"
    for workload in (only(rendered, "Deployment"), only(rendered, "Job")):
        assert pod(workload)["securityContext"] == {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
        assert pod(workload)["automountServiceAccountToken"] is False
        assert container(workload)["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }


@pytest.mark.rule("MAN008", "OWN006")
@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_no_manifest_changes_how_the_image_starts(environment: str) -> None:
    """The server runs the image's own command; only the migration Job names one."""
    rendered = overlay(environment)
    assert not {"command", "args"} & set(container(only(rendered, "Deployment")))
    assert container(only(rendered, "Job"))["command"] == ["python", "-m", "app.migrate"]


@pytest.mark.rule("RES020")
@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_a_rolling_update_never_takes_a_pod_before_the_next_is_ready(environment: str) -> None:
    """Two replicas or more, none unavailable in an update, one at most in a drain."""
    rendered = overlay(environment)
    spec = only(rendered, "Deployment")["spec"]
    assert spec["replicas"] >= 2
    assert spec["strategy"] == {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}}
    assert {k: v for k, v in only(rendered, "PodDisruptionBudget")["spec"].items() if k != "selector"} == {
        "maxUnavailable": 1
    }


@pytest.mark.rule("MAN004")
def test_overlays_differ_from_base_only_by_what_an_environment_decides() -> None:
    """Apart from namespace, tag, replicas, resources, host and settings, production and staging are one thing."""
    ours, theirs = (differences(environment) for environment in ENVIRONMENTS)
    assert ours == theirs


def differences(environment: str) -> list[Manifest]:
    """An overlay without all that an environment may decide."""
    rendered = overlay(environment)
    for m in rendered:
        m["metadata"].pop("namespace", None)
        if m["kind"] in ("Deployment", "Job"):
            container(m).pop("image")
        if m["kind"] == "Deployment":
            container(m).pop("resources")
            m["spec"].pop("replicas")
        if m["kind"] == "Ingress":
            m["spec"]["rules"][0].pop("host")
            m["spec"]["tls"][0].pop("hosts")
        if m["kind"] == "SealedSecret":
            m["spec"]["template"]["metadata"].pop("namespace")
            m["spec"]["encryptedData"] = sorted(m["spec"]["encryptedData"])
        if m["kind"] == "ConfigMap":
            m["data"] = sorted(set(m["data"]))
        if m["kind"] == "Namespace":
            m["metadata"].pop("name")
    return rendered


@pytest.mark.rule("MAN003")
def test_base_holds_no_value_of_an_environment() -> None:
    """What an overlay's ConfigMap sets is not in base, except a default that it overrides on purpose."""
    base = set(only(kustomize(DEPLOY / "k8s" / "base"), "ConfigMap")["data"])
    patches = [
        set(yaml.safe_load((DEPLOY / f"k8s/overlays/{e}/patches/config.yaml").read_text())["data"])
        for e in ENVIRONMENTS
    ]
    required = {"DB_HOST", "DB_NAME", "DB_USER", "API_ENDPOINT"}
    assert patches[0] == required
    assert patches[1] - required == {"LOG_LEVEL"}
    assert not base & required
