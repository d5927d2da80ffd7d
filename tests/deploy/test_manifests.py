"""The rendered manifests: both environments whole, strictly valid, and wired together."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.deploy.judge import CUSTOM, faults
from tests.kube import DEPLOY, Manifest, kustomize, of_kind, only

ENVIRONMENTS = ("production", "staging")
NAMESPACES = {"production": "prj-01-prod", "staging": "prj-01-staging"}
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


def overlay(environment: str, root: Path = DEPLOY) -> list[Manifest]:
    """What an environment deploys."""
    return kustomize(root / "k8s" / "overlays" / environment)


def pod(workload: Manifest) -> dict[str, Any]:
    """The pod that a workload makes."""
    spec: dict[str, Any] = workload["spec"]["template"]["spec"]
    return spec


def container(workload: Manifest) -> dict[str, Any]:
    """The one container of that pod."""
    (found,) = pod(workload)["containers"]
    assert isinstance(found, dict)
    return found


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


@pytest.mark.parametrize("directory", [*(f"k8s/overlays/{e}" for e in ENVIRONMENTS), "_shared/monitoring"])
def test_rendered_objects_pass_strict_schemas(directory: str) -> None:
    """No object has a key that Kubernetes or the operator would ignore, and none is of an unknown kind."""
    rendered = kustomize(DEPLOY / directory)
    assert rendered
    assert [(m["kind"], faults(m)) for m in rendered if faults(m)] == []


def whole_files() -> list[Path]:
    """Every YAML file that is an object by itself: no patch, no kustomization, no template, no settings file."""
    roots = (DEPLOY / "k8s" / "base", DEPLOY / "argocd", DEPLOY / "_shared")
    files = [f for root in roots for f in sorted(root.rglob("*.yaml"))]
    apart = ("kustomization.yaml", "values.yaml")
    return [f for f in files if f.name not in apart and not f.name.endswith(".test.yaml")]


@pytest.mark.parametrize("file", whole_files(), ids=lambda f: str(f.relative_to(DEPLOY)))
def test_a_file_is_one_whole_valid_object(file: Path) -> None:
    """A file holds exactly one document, and that document is valid as it stands."""
    (document,) = yaml.safe_load_all(file.read_text())
    assert faults(document) == []


def test_the_files_of_base_are_all_rendered() -> None:
    """base has no file that its kustomization forgot."""
    listed = set(yaml.safe_load((DEPLOY / "k8s/base/kustomization.yaml").read_text())["resources"])
    base = DEPLOY / "k8s" / "base"
    there = {str(f.relative_to(base)) for f in base.rglob("*.yaml")} - {"kustomization.yaml"}
    assert listed == there


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_base_and_overlays_use_no_field_that_kustomize_has_retired(environment: str) -> None:
    """Kustomize warns of nothing and the kustomizations name only current fields."""
    for path in DEPLOY.rglob("kustomization.yaml"):
        assert not {"bases", "commonLabels", "patchesStrategicMerge", "patchesJson6902", "vars"} & set(
            yaml.safe_load(path.read_text())
        ), path
    assert overlay(environment)


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


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_no_manifest_changes_how_the_image_starts(environment: str) -> None:
    """The server runs the image's own command; only the migration Job names one."""
    rendered = overlay(environment)
    assert not {"command", "args"} & set(container(only(rendered, "Deployment")))
    assert container(only(rendered, "Job"))["command"] == ["python", "-m", "app.migrate"]


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


def example(name: str) -> list[Manifest]:
    """Production with one component, as k8s/examples shows it, strictly valid."""
    rendered = kustomize(DEPLOY / "k8s" / "examples" / name)
    assert [(m["kind"], faults(m)) for m in rendered if faults(m)] == []
    return rendered


def test_the_singleton_component_never_lets_two_traders_run() -> None:
    """One replica, strategy Recreate, and no disruption budget that would block every drain."""
    rendered = example("singleton")
    spec = only(rendered, "Deployment")["spec"]
    assert (spec["replicas"], spec["strategy"]) == (1, {"type": "Recreate"})
    assert of_kind(rendered, "PodDisruptionBudget") == []


def test_a_component_inside_the_overlay_would_lose_to_its_patches(deploy: Path) -> None:
    """Kustomize applies components before the patches of the same layer: three traders, so it belongs a layer above."""
    file = deploy / "k8s" / "overlays" / "production" / "kustomization.yaml"
    file.write_text(file.read_text() + "components:\n  - ../../components/singleton\n")
    assert only(overlay("production", deploy), "Deployment")["spec"]["replicas"] == 3


def test_the_autoscaling_component_owns_the_number_of_replicas() -> None:
    """The autoscaler targets the Deployment, never below two, and Git names no number that would fight it."""
    rendered = example("autoscaling")
    scaler = only(rendered, "HorizontalPodAutoscaler")["spec"]
    assert scaler["scaleTargetRef"] == {"apiVersion": "apps/v1", "kind": "Deployment", "name": "app"}
    assert (scaler["minReplicas"], scaler["maxReplicas"]) == (2, 10)
    assert "replicas" not in only(rendered, "Deployment")["spec"]


def test_the_storage_component_mounts_the_claim_it_makes() -> None:
    """The claim is named {app}-{purpose}-pvc and is what the pod mounts."""
    rendered = example("storage")
    claim = only(rendered, "PersistentVolumeClaim")["metadata"]["name"]
    spec = pod(only(rendered, "Deployment"))
    assert claim == "app-data-pvc"
    assert {"name": "data", "persistentVolumeClaim": {"claimName": claim}} in spec["volumes"]
    assert {"name": "data", "mountPath": "/var/lib/app"} in spec["containers"][0]["volumeMounts"]


MUTATIONS = {
    "a misspelt key": ("deployments/app.yaml", "livenessProbe:", "livenesProbe:"),
    "a key at the wrong depth": ("deployments/app.yaml", "      serviceAccountName: app-sa", "      containrs: []"),
    "an unknown kind": ("services/app-svc.yaml", "kind: Service\n", "kind: Servise\n"),
    "a kind of another version": ("ingress/app-ingress.yaml", "networking.k8s.io/v1", "extensions/v1beta1"),
    "a missing pathType": ("ingress/app-ingress.yaml", "            pathType: Prefix\n", ""),
    "a number for a text": ("configmaps/app-config.yaml", 'SERVICE_PORT: "8080"', "SERVICE_PORT: 8080"),
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
