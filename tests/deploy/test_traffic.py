"""How traffic enters, however the app comes to a cluster: one door, with a host, a path type and TLS."""

from __future__ import annotations

from typing import Any

import pytest
from tests.deploy.rendering import RENDERINGS, rendering
from tests.kube import Manifest, of_kind

BASE = "k8s/base"

every_carrier = pytest.mark.parametrize("carrier", RENDERINGS)


def speaks_http(port: dict[str, Any]) -> bool:
    """Whether a port of a Service says that it is one for HTTP, or is a usual one."""
    return "http" in str(port.get("appProtocol") or port.get("name", "http")) or port["port"] in (80, 443, 8080)


def is_inside(service: Manifest) -> bool:
    """Whether a Service can be reached from the cluster only."""
    spec = service["spec"]
    return spec.get("type", "ClusterIP") == "ClusterIP" and not spec.get("externalIPs")


@pytest.mark.rule("MAN011")
@pytest.mark.parametrize("carrier", [BASE, *RENDERINGS])
def test_http_enters_by_an_ingress_only(carrier: str) -> None:
    """No Service for HTTP, and in the base none at all, has a door of its own; an Ingress leads to one that exists."""
    rendered = rendering(carrier)
    services = {each["metadata"]["name"]: each for each in of_kind(rendered, "Service")}
    for each in services.values():
        assert is_inside(each) or (carrier != BASE and not any(speaks_http(port) for port in each["spec"]["ports"]))
    backends = [path["backend"]["service"]["name"] for path in paths(rendered)]
    assert backends
    assert set(backends) <= set(services)


@pytest.mark.rule("MAN012")
@every_carrier
def test_an_ingress_has_hosts_path_types_and_tls(carrier: str) -> None:
    """Every path has a type, every host a TLS Secret, and the only entry point is the encrypted one."""
    rendered = rendering(carrier)
    assert all(path.get("pathType") for path in paths(rendered))
    for ingress in of_kind(rendered, "Ingress"):
        hosts = {rule.get("host") for rule in ingress["spec"]["rules"]}
        secured = {host for tls in ingress["spec"].get("tls", []) for host in tls["hosts"] if tls.get("secretName")}
        assert hosts == secured
        entry_points = ingress["metadata"]["annotations"]["traefik.ingress.kubernetes.io/router.entrypoints"]
        assert entry_points == "websecure"


@pytest.mark.rule("MAN012", "MAN003")
def test_the_base_leaves_the_host_to_the_overlays() -> None:
    """No rule of an Ingress and no TLS entry of the base names a host."""
    for ingress in of_kind(rendering(BASE), "Ingress"):
        assert [rule["host"] for rule in ingress["spec"]["rules"] if "host" in rule] == []
        assert ingress["spec"].get("tls", []) == []


def paths(rendered: list[Manifest]) -> list[dict[str, Any]]:
    """Every path of every Ingress."""
    rules = [rule for ingress in of_kind(rendered, "Ingress") for rule in ingress["spec"]["rules"]]
    return [path for rule in rules for path in rule["http"]["paths"]]
