"""What a container is given: its variables and its directories, out of the objects that its pod names."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.cluster.control import Control
from tests.cluster.controllers.volumes import directory
from tests.cluster.objects import Object, name, namespace

LOGIN = "kubernetes.io/dockerconfigjson"


class Missing(Exception):
    """An object or a key that the pod names is not there."""


def variables(control: Control, pod: Object, container: Object) -> dict[str, str]:
    """The container's variables; raises Missing."""
    found: dict[str, str] = {}
    for source in container.get("envFrom") or []:
        for kind, plural in (("configMapRef", "configmaps"), ("secretRef", "secrets")):
            if kind in source:
                values = _values(control, pod, plural, source[kind])
                found |= {source.get("prefix", "") + key: value for key, value in values.items()}
    for each in container.get("env") or []:
        value = each.get("value", "") if "valueFrom" not in each else _from(control, pod, each["valueFrom"])
        if value is not None:
            found[each["name"]] = value
    return found


def mounts(control: Control, pod: Object, container: Object, place: Path) -> dict[str, Path]:
    """The directories that the container sees, by the path that it sees them at; raises Missing."""
    volumes = {each["name"]: each for each in pod["spec"].get("volumes") or []}
    found = {}
    for mount in container.get("volumeMounts") or []:
        volume = volumes.get(mount["name"])
        if volume is not None:
            path = _directory(control, pod, volume, place / mount["name"])
            found[mount["mountPath"]] = path / mount["subPath"] if mount.get("subPath") else path
    return found


def logins(control: Control, pod: Object) -> list[str]:
    """The registry logins that the pod or its service account names, as `user:password` in base64."""
    account = control.get("serviceaccounts", namespace(pod), pod["spec"].get("serviceAccountName") or "default") or {}
    references = [*(pod["spec"].get("imagePullSecrets") or []), *(account.get("imagePullSecrets") or [])]
    found: list[str] = []
    for each in references:
        secret = control.get("secrets", namespace(pod), each["name"])
        # A kubelet passes over a Secret of any other type.
        if secret and secret.get("type") == LOGIN and ".dockerconfigjson" in (secret.get("data") or {}):
            found.extend(_tokens(_decoded(secret)[".dockerconfigjson"]))
    return found


def _tokens(text: str) -> Iterator[str]:
    try:
        entries = json.loads(text).get("auths", {}).values()
    except ValueError:
        return
    for each in entries:
        joined = f"{each.get('username', '')}:{each.get('password', '')}"
        yield each.get("auth") or base64.b64encode(joined.encode()).decode()


def _values(control: Control, pod: Object, plural: str, reference: Mapping[str, object]) -> dict[str, str]:
    thing = control.get(plural, namespace(pod), str(reference["name"]))
    if thing is None:
        if reference.get("optional"):
            return {}
        raise Missing(f'{plural.removesuffix("s")} "{reference["name"]}" not found')
    return _decoded(thing) if plural == "secrets" else dict(thing.get("data") or {})


def _decoded(secret: Object) -> dict[str, str]:
    return {key: base64.b64decode(value).decode(errors="replace") for key, value in (secret.get("data") or {}).items()}


def _from(control: Control, pod: Object, source: Object) -> str | None:
    for kind, plural in (("configMapKeyRef", "configmaps"), ("secretKeyRef", "secrets")):
        if kind in source:
            reference = source[kind]
            values = _values(control, pod, plural, reference)
            if reference["key"] not in values and not reference.get("optional"):
                raise Missing(f"couldn't find key {reference['key']} in {plural} {namespace(pod)}/{reference['name']}")
            value: str | None = values.get(reference["key"])
            return value
    field = (source.get("fieldRef") or {}).get("fieldPath", "")
    known: dict[str, str] = {
        "metadata.name": name(pod),
        "metadata.namespace": namespace(pod),
        "spec.nodeName": pod["spec"].get("nodeName", ""),
        "status.podIP": (pod.get("status") or {}).get("podIP", ""),
    }
    return known.get(field, "")


def _directory(control: Control, pod: Object, volume: Object, place: Path) -> Path:
    if "persistentVolumeClaim" in volume:
        called = volume["persistentVolumeClaim"]["claimName"]
        claim = control.get("persistentvolumeclaims", namespace(pod), called)
        bound = control.get("persistentvolumes", None, (claim or {}).get("spec", {}).get("volumeName") or "-")
        if bound is None:
            raise Missing(f'unbound immediate PersistentVolumeClaims: "{called}"')
        return directory(bound)
    place.mkdir(parents=True, exist_ok=True)
    for file, text in _files(control, pod, volume):
        (place / file).write_text(text, "utf-8")
    return place


def _files(control: Control, pod: Object, volume: Object) -> Iterator[tuple[str, str]]:
    for kind, key, plural in (("configMap", "name", "configmaps"), ("secret", "secretName", "secrets")):
        if kind in volume:
            reference = {"name": volume[kind][key], "optional": volume[kind].get("optional")}
            yield from _values(control, pod, plural, reference).items()
