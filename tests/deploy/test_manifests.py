"""The rendered manifests: both environments whole, and wired together."""

from __future__ import annotations

import pytest
from tests.deploy.rendering import ENVIRONMENTS, NAMESPACES, RENDERINGS, container, namespace, overlay, pod, rendering
from tests.kube import Manifest, of_kind, only

OBJECTS = {
    ("ServiceAccount", "app-sa"),
    ("ConfigMap", "app-config"),
    ("Deployment", "app"),
    ("Service", "app"),
    ("Ingress", "app"),
    ("NetworkPolicy", "app-netpol"),
    ("NetworkPolicy", "app-migrate-netpol"),
    ("PodDisruptionBudget", "app-pdb"),
    ("Job", "app-migrate"),
    ("SealedSecret", "app-secrets"),
    ("SealedSecret", "ghcr-secret"),
}


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_an_overlay_renders_every_object_once_in_its_own_namespace(environment: str) -> None:
    """Eleven objects come out, all of them in the namespace that the overlay names."""
    rendered = overlay(environment)
    names = [(m["kind"], m["metadata"]["name"]) for m in rendered]
    assert len(names) == len(OBJECTS)
    assert set(names) == OBJECTS
    assert {m["metadata"]["namespace"] for m in rendered} == {NAMESPACES[environment]}


@pytest.mark.rule("MAN013")
@pytest.mark.parametrize("carrier", RENDERINGS)
def test_selectors_select_the_app_and_not_the_migration(carrier: str) -> None:
    """Deployment, Service, disruption budget and network policy select pods of the app; none selects the Job's."""
    rendered = rendering(carrier)
    app, job = (only(rendered, kind)["spec"]["template"]["metadata"]["labels"] for kind in ("Deployment", "Job"))
    ours = [m for m in rendered if m["metadata"].get("labels", {}).get("app.kubernetes.io/component") != "migration"]
    selectors = [selector for m in ours for selector in selectors_of(m)]
    assert len(selectors) >= 3
    assert [selector for selector in selectors if not selector.items() <= app.items()] == []
    assert [selector for selector in selectors if selector.items() <= job.items()] == []
    names = {(m["kind"], m["metadata"]["name"]) for m in rendered}
    targets = [m["spec"]["scaleTargetRef"] for m in of_kind(rendered, "HorizontalPodAutoscaler")]
    assert [target for target in targets if (target["kind"], target["name"]) not in names] == []


def selectors_of(manifest: Manifest) -> list[dict[str, str]]:
    """By which labels an object selects pods."""
    spec = manifest.get("spec", {})
    match manifest["kind"]:
        case "Service":
            return [spec["selector"]]
        case "Deployment" | "PodDisruptionBudget":
            return [spec["selector"]["matchLabels"]]
        case "NetworkPolicy":
            return [spec["podSelector"]["matchLabels"]]
        case _:
            return []


@pytest.mark.parametrize("carrier", RENDERINGS)
def test_the_migration_has_a_network_policy_of_its_own(carrier: str) -> None:
    """It selects the Job's pods alone; nobody reaches them, and they reach the name service and the database."""
    rendered = rendering(carrier)
    job = only(rendered, "Job")["spec"]["template"]["metadata"]["labels"]
    (policy,) = [
        m["spec"] for m in of_kind(rendered, "NetworkPolicy") if m["spec"]["podSelector"]["matchLabels"] == job
    ]
    assert (policy["policyTypes"], policy.get("ingress")) == (["Ingress", "Egress"], None)
    assert {port["port"] for rule in policy["egress"] for port in rule["ports"]} == {53, 5432}


@pytest.mark.rule("NET003")
@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_ingress_reaches_the_port_of_the_service_by_name(environment: str) -> None:
    """Ingress -> Service port named http, never a number in between."""
    (rule,) = only(overlay(environment), "Ingress")["spec"]["rules"]
    (path,) = rule["http"]["paths"]
    assert path["pathType"] == "Prefix"
    assert path["backend"]["service"] == {"name": "app", "port": {"name": "http"}}


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


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_pods_pass_the_restricted_pod_security_standard(environment: str) -> None:
    """Non-root, read-only, no privilege, no capability, no service account token: as the namespace enforces."""
    rendered = overlay(environment)
    labels = namespace(environment)["metadata"]["labels"]
    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"
    for workload in (only(rendered, "Deployment"), only(rendered, "Job")):
        assert pod(workload)["securityContext"] == {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
        assert pod(workload)["automountServiceAccountToken"] is False
        assert container(workload)["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }


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
    return rendered
