"""The collector of logs: what Alloy may read, where it writes, what Loki keeps, and where Grafana looks.

Neither Loki nor Alloy runs here: that their settings are ones they take is not shown.
"""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml
from dotenv import dotenv_values
from tests.deploy.alerting import MONITORING, load
from tests.deploy.rendering import container, pod, rendering
from tests.kube import DEPLOY, Manifest, of_kind, only

SHARED = "_shared/monitoring"
LOKI = "http://loki.monitoring.svc:3100"


def named(kind: str, name: str) -> Manifest:
    """The one object of a kind whose name is this, or this and a hash."""
    (found,) = (
        each
        for each in of_kind(rendering(SHARED), kind)
        if re.fullmatch(rf"{name}(-[a-z0-9]{{10}})?", each["metadata"]["name"])
    )
    return found


def alloy() -> str:
    """What Alloy is told to do."""
    return str(named("ConfigMap", "alloy-config")["data"]["config.alloy"])


def loki() -> dict[str, Any]:
    """What Loki is told to do."""
    settings: dict[str, Any] = yaml.safe_load(named("ConfigMap", "loki-config")["data"]["loki-config.yaml"])
    return settings


@pytest.mark.rule("LOG005")
def test_what_is_collected_goes_where_grafana_looks() -> None:
    """The address that Alloy writes to, Loki's Service and Grafana's source are one."""
    service = named("Service", "loki")
    (port,) = service["spec"]["ports"]
    address = f"http://{service['metadata']['name']}.{service['metadata']['namespace']}.svc:{port['port']}"
    (source,) = load(MONITORING / "values.yaml")["grafana"]["additionalDataSources"]
    assert (address, source["url"]) == (LOKI, LOKI)
    assert re.findall(r'url = "([^"]+)"', alloy()) == [f"{LOKI}/loki/api/v1/push"]
    assert loki()["server"]["http_listen_port"] == port["port"]
    assert service["spec"]["selector"] == named("StatefulSet", "loki")["spec"]["template"]["metadata"]["labels"]


@pytest.mark.rule("LOG005")
def test_alloy_may_read_the_log_of_every_pod_and_nothing_else() -> None:
    """Its account is bound to a role that lists pods and reads their logs."""
    role, binding = named("ClusterRole", "alloy"), named("ClusterRoleBinding", "alloy")
    account = pod(named("Deployment", "alloy"))["serviceAccountName"]
    assert [(rule["resources"], rule["verbs"]) for rule in role["rules"]] == [
        (["pods"], ["get", "list", "watch"]),
        (["pods/log"], ["get"]),
    ]
    assert binding["roleRef"]["name"] == role["metadata"]["name"]
    assert [(each["name"], each["namespace"]) for each in binding["subjects"]] == [(account, "monitoring")]
    assert named("ServiceAccount", account)["metadata"]["namespace"] == "monitoring"


def test_what_a_part_of_alloys_configuration_hands_on_is_taken_from_one_that_exists() -> None:
    """Every reference leads to a part, every part but the last is referred to, and every brace is closed."""
    text = re.sub(r"(?m)^ *//.*$", "", alloy())
    parts = {f"{kind}.{label}" for kind, label in re.findall(r'(?m)^([\w.]+) "(\w+)" \{$', text)}
    referred = set(re.findall(r"([\w.]+)\.(?:targets|output|receiver)\b", text))
    assert referred <= parts
    assert parts - referred == {"loki.source.kubernetes.pods"}
    assert text.count("{") == text.count("}")


@pytest.mark.rule("LOG005")
def test_logs_are_kept_on_a_volume_and_as_long_as_metrics() -> None:
    """Loki writes below a claim, deletes what is older, and a retention without the compactor would delete nothing."""
    told = loki()
    (claim,) = named("StatefulSet", "loki")["spec"]["volumeClaimTemplates"]
    mounted = {each["name"]: each["mountPath"] for each in container(named("StatefulSet", "loki"))["volumeMounts"]}
    assert told["common"]["path_prefix"] == mounted[claim["metadata"]["name"]]
    assert told["compactor"]["retention_enabled"] is True
    assert told["compactor"]["delete_request_store"] == told["schema_config"]["configs"][-1]["object_store"]
    days = load(MONITORING / "values.yaml")["prometheus"]["prometheusSpec"]["retention"]
    assert told["limits_config"]["retention_period"] == f"{int(days.removesuffix('d')) * 24}h"


@pytest.mark.rule("PLT018")
def test_the_images_are_those_of_the_versions_file() -> None:
    """Manifests cannot read that file; their tags are the ones it names."""
    versions = dotenv_values(DEPLOY / "_shared/versions.env")
    images = [container(named(*each))["image"] for each in (("StatefulSet", "loki"), ("Deployment", "alloy"))]
    assert images == [
        f"docker.io/grafana/loki:{versions['LOKI_VERSION']}",
        f"docker.io/grafana/alloy:{versions['ALLOY_VERSION']}",
    ]


def test_each_is_there_once() -> None:
    """A second Alloy would write every line twice, and a second Loki would not know of the first one's."""
    assert named("Deployment", "alloy")["spec"]["replicas"] == 1
    assert named("Deployment", "alloy")["spec"]["strategy"]["type"] == "Recreate"
    assert named("StatefulSet", "loki")["spec"]["replicas"] == 1


def test_only_monitoring_reads_the_logs() -> None:
    """Loki asks for no password, so its NetworkPolicy lets in its own Namespace alone."""
    (rule,) = only(rendering(SHARED), "NetworkPolicy")["spec"]["ingress"]
    assert rule["from"] == [{"podSelector": {}}]
