"""The EndpointSlice controller: the addresses behind a Service, and which of them are ready."""

from __future__ import annotations

from typing import Any

from tests.cluster.control import Control
from tests.cluster.objects import Object, deleting, finished, labels_match, name, namespace, ready, reference_to


def reconcile(control: Control) -> None:
    """Write Endpoints and one EndpointSlice for every Service with a selector."""
    pods = [each for each in control.all("pods") if (each.get("status") or {}).get("podIP") and not finished(each)]
    for each in control.all("services"):
        selector = each["spec"].get("selector")
        if not selector or deleting(each):
            continue
        chosen = [
            pod
            for pod in pods
            if namespace(pod) == namespace(each) and labels_match(pod["metadata"].get("labels"), selector)
        ]
        _write(control, "endpoints", _endpoints(each, chosen), "subsets", each)
        _write(control, "endpointslices.discovery.k8s.io", _slice(each, chosen), "endpoints", each)


def _write(control: Control, plural: str, wanted: Object, part: str, service: Object) -> None:
    there = control.get(plural, namespace(service), name(wanted))
    if there is None:
        control.create(plural, wanted, service)
    elif there.get(part) != wanted.get(part) or there.get("ports") != wanted.get("ports"):
        fresh = {key: wanted[key] for key in (part, "ports") if key in wanted}
        control.change(plural, there, lambda thing: thing.update(fresh))


def _endpoints(service: Object, pods: list[Object]) -> Object:
    live = [each for each in pods if not deleting(each)]
    up = [_address(each) for each in live if ready(each)]
    down = [_address(each) for each in live if not ready(each)]
    subset: Object = {"ports": _ports(service, pods)}
    subset |= {"addresses": up} if up else {}
    subset |= {"notReadyAddresses": down} if down else {}
    return {
        "apiVersion": "v1",
        "kind": "Endpoints",
        "metadata": {
            "name": name(service),
            "namespace": namespace(service),
            "ownerReferences": [reference_to(service)],
        },
        "subsets": [subset] if up or down else [],
    }


def _address(pod: Object) -> Object:
    target = {"kind": "Pod", "name": name(pod), "namespace": namespace(pod), "uid": pod["metadata"]["uid"]}
    return {"ip": pod["status"]["podIP"], "nodeName": pod["spec"]["nodeName"], "targetRef": target}


def _slice(service: Object, pods: list[Object]) -> Object:
    return {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {
            "name": f"{name(service)}-slice",
            "namespace": namespace(service),
            "labels": {"kubernetes.io/service-name": name(service)},
            "ownerReferences": [reference_to(service)],
        },
        "addressType": "IPv4",
        "ports": _ports(service, pods),
        "endpoints": [
            {
                "addresses": [each["status"]["podIP"]],
                "conditions": {
                    "ready": ready(each) and not deleting(each),
                    "serving": ready(each),
                    "terminating": deleting(each),
                },
                "nodeName": each["spec"]["nodeName"],
                "targetRef": _address(each)["targetRef"],
            }
            for each in pods
        ],
    }


def _ports(service: Object, pods: list[Object]) -> list[dict[str, Any]]:
    return [
        {"name": port.get("name", ""), "port": target_port(port, pods), "protocol": port.get("protocol", "TCP")}
        for port in service["spec"].get("ports") or []
    ]


def target_port(port: Object, pods: list[Object]) -> int:
    """The container's port that a Service's port leads to; 0 where no pod names it."""
    target = port.get("targetPort", port["port"])
    if isinstance(target, int):
        return target
    named = [
        each["containerPort"]
        for pod in pods
        for container in pod["spec"]["containers"]
        for each in container.get("ports") or []
        if each.get("name") == target
    ]
    return int(named[0]) if named else 0
