"""Who owns which field of an object: managedFields kept up to date on every write."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from tests.cluster.api import fieldset, shapes
from tests.cluster.api.fieldset import FieldSet
from tests.cluster.api.shapes import Shape
from tests.cluster.errors import BadRequest
from tests.cluster.operation import Operation
from tests.cluster.shelf import Object


@dataclass(frozen=True)
class Entry:
    """One manager's fields; `operation` is Apply or Update."""

    manager: str
    operation: str
    version: str
    subresource: str
    time: str
    fields: FieldSet

    @property
    def identity(self) -> tuple[str, str, str, str]:
        """What tells entries apart."""
        return self.manager, self.operation, self.version, self.subresource

    def data(self) -> dict[str, Any]:
        """The entry as an object holds it."""
        told = {
            "manager": self.manager,
            "operation": self.operation,
            "apiVersion": self.version,
            "time": self.time,
            "fieldsType": "FieldsV1",
            "fieldsV1": fieldset.write(self.fields),
        }
        return told | ({"subresource": self.subresource} if self.subresource else {})


def entries(thing: Object) -> list[Entry]:
    """The managers of an object; raises BadRequest where the object states them wrongly."""
    found = []
    for each in thing["metadata"].get("managedFields") or ():
        if not each:
            continue
        if each.get("fieldsType") != "FieldsV1" or each.get("operation") not in {"Apply", "Update"}:
            raise BadRequest("metadata.managedFields is invalid: an entry needs operation and fieldsType FieldsV1")
        found.append(
            Entry(
                each.get("manager", ""),
                each["operation"],
                each.get("apiVersion", ""),
                each.get("subresource", ""),
                each.get("time", ""),
                fieldset.read(each.get("fieldsV1")),
            )
        )
    return found


def store_entries(thing: Object, found: Iterable[Entry]) -> None:
    """Write the managers into an object: none that owns nothing, those who applied first."""
    kept = [each for each in found if each.fields]
    kept.sort(key=lambda each: (each.operation, each.time, each.manager))
    thing["metadata"].pop("managedFields", None)
    if kept:
        thing["metadata"]["managedFields"] = [each.data() for each in kept]


def track(operation: Operation) -> None:
    """Give what a write has changed to its manager, and take it from the others."""
    if operation.verb == "delete" or operation.options.managed:
        return
    resource, new, old = operation.resource, operation.object, operation.old
    shape = shapes.of(resource)
    stated = new["metadata"].get("managedFields")
    # A client that sends none keeps what is there; an empty list gives all fields up.
    before = entries(old) if old is not None and stated is None else entries(new)
    written, gone = fieldset.changed(shape, old or {}, new)
    subresource = operation.options.recorded or operation.subresource or ""
    mine = Entry(operation.options.manager, "Update", resource.api_version, subresource, operation.now, written)
    store_entries(new, updated(before, mine, gone))


def updated(before: list[Entry], mine: Entry, gone: FieldSet) -> list[Entry]:
    """The entries after an update: its fields are its manager's alone, and what is gone is nobody's."""
    taken = mine.fields | gone
    if not taken:
        return before
    found = []
    for each in before:
        if each.identity == mine.identity:
            kept = without_gone(each.fields, gone) | mine.fields
            found.append(Entry(*each.identity, mine.time if mine.fields else each.time, kept))
        else:
            left = without_gone(each.fields, gone) - mine.fields
            found.append(Entry(*each.identity, each.time, left))
    if not any(each.identity == mine.identity for each in before):
        found.append(mine)
    return found


def without_gone(fields: FieldSet, gone: FieldSet) -> FieldSet:
    """A manager's fields less those that the object has no longer."""
    return fieldset.without(fields, gone) if gone else fields


def shape_of(operation: Operation) -> Shape:
    """The form of the object that is written."""
    return shapes.of(operation.resource)
