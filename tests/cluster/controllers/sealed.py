"""The sealed-secrets controller: Secrets out of SealedSecrets, and keys that it renews."""

from __future__ import annotations

import base64
from datetime import timedelta

from cryptography.hazmat.primitives.asymmetric import rsa
from tests.cluster.control import Control
from tests.cluster.objects import (
    Object,
    controller_of,
    deleting,
    labels,
    name,
    namespace,
    ready,
    reference_to,
    set_condition,
    uid,
)
from tests.cluster.sealing import KEY_LABEL, NoKey, label, new_key, private_key, unseal
from tests.cluster.store import copy

NAMESPACE = "kube-system"
IMAGE = "sealed-secrets-controller"
RENEWAL = timedelta(days=30)
LIFETIME = timedelta(days=3650)
PLURAL = "sealedsecrets.bitnami.com"


class Sealing:
    """The controller. It works while a pod of its image is ready, and reads the keys when it starts or makes one.

    `first_key`, private key and certificate as PEM, is what it takes in place of the first key that it would make.
    """

    def __init__(self, first_key: tuple[bytes, bytes] | None = None) -> None:
        self._first_key = first_key
        self._pods: set[str] = set()
        self._keys: list[rsa.RSAPrivateKey] = []

    def reconcile(self, control: Control) -> None:
        """Renew the key, and open what can be opened."""
        running = {
            uid(each)
            for each in control.all("pods", NAMESPACE)
            if ready(each) and any(IMAGE in container["image"] for container in each["spec"]["containers"])
        }
        if not running:
            return
        kept = sorted(control.all("secrets", NAMESPACE, {KEY_LABEL: "active"}), key=_age)
        if control.clock.since(kept[-1]["metadata"]["creationTimestamp"] if kept else None) >= RENEWAL.total_seconds():
            self._renew(control)
            kept, self._pods = control.all("secrets", NAMESPACE, {KEY_LABEL: "active"}), set()
        if running != self._pods:
            # A key that somebody else adds is not seen before the next start.
            self._pods = running
            self._keys = [private_key(base64.b64decode(each["data"]["tls.key"])) for each in kept]
        for each in control.all(PLURAL):
            if not deleting(each):
                _open(control, each, self._keys)

    def _renew(self, control: Control) -> None:
        private, certificate = self._first_key or new_key(control.clock.now(), LIFETIME)
        self._first_key = None
        control.create(
            "secrets",
            {
                "apiVersion": "v1",
                "kind": "Secret",
                "type": "kubernetes.io/tls",
                "metadata": {
                    "generateName": "sealed-secrets-key",
                    "namespace": NAMESPACE,
                    "labels": {KEY_LABEL: "active"},
                },
                "data": {
                    "tls.key": base64.b64encode(private).decode(),
                    "tls.crt": base64.b64encode(certificate).decode(),
                },
            },
        )


def _open(control: Control, sealed: Object, keys: list[rsa.RSAPrivateKey]) -> None:
    template = copy((sealed["spec"].get("template") or {}).get("metadata") or {})
    bound_to = label(namespace(sealed), name(sealed), sealed["metadata"].get("annotations") or {})
    try:
        data = {
            key: base64.b64encode(_value(keys, key, value, bound_to)).decode()
            for key, value in (sealed["spec"].get("encryptedData") or {}).items()
        }
    except NoKey as error:
        _report(control, sealed, "False", "", str(error))
        return
    metadata = {key: template[key] for key in ("labels", "annotations") if template.get(key)}
    wanted = {
        "apiVersion": "v1",
        "kind": "Secret",
        "type": (sealed["spec"].get("template") or {}).get("type") or "Opaque",
        "metadata": metadata
        | {"name": name(sealed), "namespace": namespace(sealed), "ownerReferences": [reference_to(sealed)]},
        "data": data,
    }
    there = control.get("secrets", namespace(sealed), name(sealed))
    if there is None:
        control.create("secrets", wanted, sealed)
    elif controller_of(there) != uid(sealed):
        message = f'Resource "{name(sealed)}" already exists and is not managed by SealedSecret'
        _report(control, sealed, "False", "", message)
        return
    elif there.get("data") != data:
        control.change("secrets", there, lambda thing: thing.update(data=data))
    _report(control, sealed, "True", "", "")


def _value(keys: list[rsa.RSAPrivateKey], key: str, value: str, bound_to: bytes) -> bytes:
    try:
        return unseal(keys, value, bound_to)
    except NoKey as error:
        raise NoKey(f"{error} ({key})") from error


def _report(control: Control, sealed: Object, status: str, reason: str, message: str) -> None:
    after: Object = {"status": copy(sealed.get("status") or {})}
    changed = set_condition(after, control.clock.stamp(), "Synced", status, reason, message)
    after["status"]["observedGeneration"] = sealed["metadata"].get("generation", 1)
    if status == "False" and changed:
        control.event(sealed, "ErrUnsealFailed", f"Failed to unseal: {message}", warning=True)
    if after["status"] != (sealed.get("status") or {}):
        control.status(PLURAL, sealed, lambda thing: thing.update(after))


def _age(secret: Object) -> str:
    return str(secret["metadata"]["creationTimestamp"]) + str(labels(secret))
