"""What controllers ask of objects and write into them: owners, conditions, labels, quantities."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

Object = dict[str, Any]

_SUFFIXES = {
    "m": Decimal("0.001"),
    **{letter: Decimal(1000) ** power for power, letter in enumerate("kMGTPE", 1)},
    **{f"{letter}i": Decimal(1024) ** power for power, letter in enumerate("KMGTPE", 1)},
}
# The letters that the API server's generated names consist of: no vowels, so that they spell nothing.
_LETTERS = "bcdfghjklmnpqrstvwxz2456789"


def name(thing: Object) -> str:
    """An object's name."""
    return str(thing["metadata"]["name"])


def namespace(thing: Object) -> str:
    """An object's namespace; empty where it has none."""
    return str(thing["metadata"].get("namespace", ""))


def uid(thing: Object) -> str:
    """What tells an object from an earlier one of the same name."""
    return str(thing["metadata"]["uid"])


def annotation(thing: Object, key: str) -> str:
    """An annotation; empty where there is none."""
    return str((thing["metadata"].get("annotations") or {}).get(key, ""))


def deleting(thing: Object) -> bool:
    """Whether its deletion has begun."""
    return "deletionTimestamp" in thing["metadata"]


def controller_of(thing: Object) -> str:
    """The uid of the controller that owns it; empty where none does."""
    owners = thing["metadata"].get("ownerReferences") or []
    return next((str(each["uid"]) for each in owners if each.get("controller")), "")


def owned_by(things: Iterable[Object], owner: Object) -> list[Object]:
    """Those that the owner controls."""
    return [each for each in things if controller_of(each) == uid(owner)]


def reference_to(owner: Object) -> Object:
    """The reference by which an object names its controller."""
    return {
        "apiVersion": owner["apiVersion"],
        "kind": owner["kind"],
        "name": name(owner),
        "uid": uid(owner),
        "controller": True,
        "blockOwnerDeletion": True,
    }


def condition(thing: Object, kind: str) -> Object | None:
    """The condition of that type."""
    conditions = (thing.get("status") or {}).get("conditions") or []
    return next((each for each in conditions if each["type"] == kind), None)


def is_true(thing: Object, kind: str) -> bool:
    """Whether the condition is there and true."""
    return (condition(thing, kind) or {}).get("status") == "True"


def set_condition(thing: Object, stamp: str, kind: str, status: str, reason: str = "", message: str = "") -> bool:
    """Write a condition; its time changes with its status only. Whether anything changed."""
    conditions = thing.setdefault("status", {}).setdefault("conditions", [])
    new = {"type": kind, "status": status} | ({"reason": reason} if reason else {})
    new |= {"message": message} if message else {}
    for each in conditions:
        if each["type"] == kind:
            if {key: each.get(key) for key in ("status", "reason", "message")} == {
                key: new.get(key) for key in ("status", "reason", "message")
            }:
                return False
            moved = each["status"] != status
            when = stamp if moved else each.get("lastTransitionTime", stamp)
            each.clear()
            each.update(new | {"lastTransitionTime": when})
            return True
    conditions.append(new | {"lastTransitionTime": stamp})
    return True


def finished(pod: Object) -> bool:
    """Whether a pod has ended for good."""
    return (pod.get("status") or {}).get("phase") in {"Succeeded", "Failed"}


def active(pod: Object) -> bool:
    """Whether a controller counts a pod: neither ended nor being deleted."""
    return not finished(pod) and not deleting(pod)


def ready(pod: Object) -> bool:
    """Whether a pod's Ready condition is true."""
    return is_true(pod, "Ready")


def labels_match(labels: Mapping[str, str] | None, wanted: Mapping[str, str]) -> bool:
    """Whether all wanted labels are there with their values."""
    return all((labels or {}).get(key) == value for key, value in wanted.items())


def labels(thing: Object) -> dict[str, str]:
    """An object's labels."""
    return thing["metadata"].get("labels") or {}


def quantity(text: object) -> Decimal:
    """A quantity in its base unit: `500m` is 0.5, `64Mi` is 67108864; raises ArithmeticError."""
    written = str(text)
    suffix = written.lstrip("0123456789.+-")
    return Decimal(written.removesuffix(suffix)) * _SUFFIXES.get(suffix, Decimal(1))


def share(value: object, whole: int, *, up: bool) -> int:
    """A number or a percentage of `whole`, rounded up or down."""
    if isinstance(value, str) and value.endswith("%"):
        parts = int(value[:-1]) * whole
        return -(-parts // 100) if up else parts // 100
    return int(str(value))


def suffix(length: int = 5) -> str:
    """The random end of a generated name."""
    return "".join(secrets.choice(_LETTERS) for _ in range(length))


def digest(thing: object) -> str:
    """The short name that a template's content gives it."""
    value = int(hashlib.sha256(json.dumps(thing, sort_keys=True).encode()).hexdigest()[:10], 16)
    letters = []
    while value:
        value, rest = divmod(value, len(_LETTERS))
        letters.append(_LETTERS[rest])
    return "".join(letters)[:9]
