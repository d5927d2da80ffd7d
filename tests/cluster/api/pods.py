"""The rules that a pod's spec must keep, in a pod or in a template of one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from tests.cluster.api.problems import Problems, duplicate, invalid, not_found, required, unsupported
from tests.cluster.quantities import number

_LABEL = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_NAME_TEXT = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with "
    f"an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '{_LABEL}')"
)
_ENV_TEXT = "a valid environment variable name must consist only of printable ASCII characters other than '='"
_HANDLERS = ("exec", "httpGet", "tcpSocket", "grpc", "sleep")


def pod_problems(spec: Mapping[str, Any], path: str) -> Problems:
    """All that is wrong with a pod's spec."""
    found: Problems = []
    volumes = [each.get("name") for each in spec.get("volumes") or ()]
    found += [duplicate(f"{path}.volumes[{index}].name", name) for index, name in _repeated(volumes)]
    for index, volume in enumerate(spec.get("volumes") or ()):
        if len(volume) < 2:
            found.append(required(f"{path}.volumes[{index}]", "must specify a volume type"))
    if not spec.get("containers"):
        found.append(required(f"{path}.containers"))
    names: list[str] = []
    for kind in ("initContainers", "containers"):
        for index, container in enumerate(spec.get(kind) or ()):
            place = f"{path}.{kind}[{index}]"
            found += _container(container, place, volumes, spec.get("terminationGracePeriodSeconds", 30))
            if container.get("name") in names:
                found.append(duplicate(f"{place}.name", container["name"]))
            names.append(container.get("name", ""))
    if spec.get("restartPolicy") not in {"Always", "OnFailure", "Never"}:
        values = ("Always", "OnFailure", "Never")
        found.append(unsupported(f"{path}.restartPolicy", spec.get("restartPolicy"), values))
    if spec.get("terminationGracePeriodSeconds", 0) < 0:
        value = spec["terminationGracePeriodSeconds"]
        found.append(invalid(f"{path}.terminationGracePeriodSeconds", value, "must be greater than or equal to 0"))
    return found


def _container(container: Mapping[str, Any], path: str, volumes: list[Any], grace: int) -> Problems:
    found: Problems = []
    name = container.get("name", "")
    if not name:
        found.append(required(f"{path}.name"))
    elif not re.fullmatch(_LABEL, name):
        found.append(invalid(f"{path}.name", name, _NAME_TEXT))
    if not container.get("image"):
        found.append(required(f"{path}.image"))
    policies = ("Always", "IfNotPresent", "Never")
    if container.get("imagePullPolicy") not in policies:
        found.append(unsupported(f"{path}.imagePullPolicy", container.get("imagePullPolicy"), policies))
    found += _ports(container, path)
    found += _variables(container, path) + _mounts(container, path, volumes)
    found += _resources(container.get("resources") or {}, f"{path}.resources")
    for probe in ("livenessProbe", "readinessProbe", "startupProbe"):
        if probe in container:
            found += _probe(container[probe], f"{path}.{probe}", probe)
    for hook, handler in (container.get("lifecycle") or {}).items():
        if isinstance(handler, Mapping):
            found += _hook(handler, f"{path}.lifecycle.{hook}", grace)
    return found


def _ports(container: Mapping[str, Any], path: str) -> Problems:
    found: Problems = []
    ports = container.get("ports") or []
    for index, port in enumerate(ports):
        if not 1 <= port.get("containerPort", 0) <= 65535:
            value = port.get("containerPort", 0)
            found.append(
                invalid(f"{path}.ports[{index}].containerPort", value, "must be between 1 and 65535, inclusive")
            )
    names = [each.get("name") for each in ports]
    found += [duplicate(f"{path}.ports[{index}].name", name) for index, name in _repeated(names)]
    return found


def _variables(container: Mapping[str, Any], path: str) -> Problems:
    found: Problems = []
    for index, variable in enumerate(container.get("env") or ()):
        if not variable.get("name"):
            found.append(required(f"{path}.env[{index}].name"))
        elif "=" in variable["name"] or not variable["name"].isprintable():
            found.append(invalid(f"{path}.env[{index}].name", variable["name"], _ENV_TEXT))
        if variable.get("value") and variable.get("valueFrom"):
            text = "may not be specified when `value` is not empty"
            found.append(invalid(f"{path}.env[{index}].valueFrom", "", text))
    return found


def _mounts(container: Mapping[str, Any], path: str, volumes: list[Any]) -> Problems:
    found: Problems = []
    for index, mount in enumerate(container.get("volumeMounts") or ()):
        if mount.get("name") not in volumes:
            found.append(not_found(f"{path}.volumeMounts[{index}].name", mount.get("name")))
    paths = [each.get("mountPath") for each in container.get("volumeMounts") or ()]
    for index, value in _repeated(paths):
        found.append(invalid(f"{path}.volumeMounts[{index}].mountPath", value, "must be unique"))
    return found


def _resources(resources: Mapping[str, Any], path: str) -> Problems:
    found: Problems = []
    limits = resources.get("limits") or {}
    for name, amount in (resources.get("requests") or {}).items():
        if name in limits and number(amount) > number(limits[name]):
            text = f"must be less than or equal to {name} limit of {limits[name]}"
            found.append(invalid(f"{path}.requests", amount, text))
    return found


def _probe(probe: Mapping[str, Any], path: str, kind: str) -> Problems:
    found: Problems = []
    if not any(each in probe for each in _HANDLERS):
        found.append(required(path, "must specify a handler type"))
    for name in ("initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold"):
        if probe.get(name, 0) < 0:
            found.append(invalid(f"{path}.{name}", probe[name], "must be greater than or equal to 0"))
    if kind != "readinessProbe" and probe.get("successThreshold", 1) != 1:
        found.append(invalid(f"{path}.successThreshold", probe["successThreshold"], "must be 1"))
    return found


def _hook(handler: Mapping[str, Any], path: str, grace: int) -> Problems:
    if not any(each in handler for each in _HANDLERS):
        return [required(path, "must specify a handler type")]
    seconds = (handler.get("sleep") or {}).get("seconds")
    if seconds is not None and not 0 <= seconds <= grace:
        text = f"must be non-negative and less than terminationGracePeriodSeconds ({grace})"
        return [invalid(f"{path}.sleep", seconds, text)]
    return []


def _repeated(values: list[Any]) -> list[tuple[int, Any]]:
    return [(index, value) for index, value in enumerate(values) if value and value in values[:index]]
