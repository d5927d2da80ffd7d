"""The Go structs that a Kubernetes client was built from, read from the client's own binary.

Typed clients send protobuf, whose messages name no field. The numbers stand in the tags of the structs, and those in
the binary: what it sends is read by what it holds, in whichever version it is.
"""

from __future__ import annotations

import mmap
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

_TYPE_SIZE = 48
_NAMED, _EXTRA_STAR, _UNCOMMON = 1 << 2, 1 << 1, 1 << 0
_KINDS = {1: "bool", 2: "int", 5: "int32", 6: "int64", 8: "uint8", 14: "float64", 21: "map", 22: "pointer"} | {
    23: "slice",
    24: "string",
    25: "struct",
}
_NUMBER = re.compile(r'protobuf:"[a-z0-9]+,(\d+)')
_JSON = re.compile(r'json:"([^"]*)"')


@dataclass(frozen=True)
class GoField:
    """A field of a struct: its number in protobuf, its name in JSON (empty where its own fields stand in its place)."""

    number: int
    json: str
    omit_empty: bool
    type: int


class GoTypes:
    """The types of one binary; a type is the place where it stands."""

    def __init__(self, path: Path) -> None:
        with path.open("rb") as file:
            self._data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        self._sections = self._read_sections()
        self._base = self._sections[".rodata"][0]

    def find(self, package: str, name: str) -> int | None:
        """The struct of a package, such as `Pod` of `k8s.io/api/core/v1`."""
        return self._structs.get((package, name))

    def kind(self, type_: int) -> str:
        """`struct`, `pointer`, `slice`, `map`, `string`, `int32`, ..."""
        return _KINDS.get(self._data[type_ + 23] & 0x1F, "other")

    def element(self, type_: int) -> int:
        """What a pointer points to, or what a slice holds."""
        return self._offset(self._word(type_ + _TYPE_SIZE))

    def entry(self, type_: int) -> tuple[int, int]:
        """The types of a map's keys and values."""
        key, value = struct.unpack_from("<QQ", self._data, type_ + _TYPE_SIZE)
        return self._offset(key), self._offset(value)

    @cache  # noqa: B019
    def name(self, type_: int) -> str:
        """`v1.Pod`; for a type without a name what it is made of: `[]string`."""
        text = self._name(self._base + struct.unpack_from("<i", self._data, type_ + 40)[0])[0]
        return text[1:] if self._data[type_ + 20] & _EXTRA_STAR else text

    @cache  # noqa: B019
    def fields(self, type_: int) -> tuple[GoField, ...]:
        """The fields of a struct that protobuf knows."""
        return tuple(self._fields(type_))

    @cached_property
    def _structs(self) -> dict[tuple[str, str], int]:
        _, offset, size = self._sections[".typelink"]
        found: dict[tuple[str, str], int] = {}
        for (link,) in struct.iter_unpack("<i", self._data[offset : offset + size]):
            type_ = self._offset(self._base + link)
            if self.kind(type_) != "pointer":
                continue
            target = self.element(type_)
            if self.kind(target) == "struct" and self._data[target + 20] & _UNCOMMON:
                package = self._package(target)
                if package.startswith("k8s.io/api"):
                    found[package, self.name(target).rpartition(".")[2]] = target
        return found

    def _package(self, type_: int) -> str:
        # What only a named type has stands behind the struct's own description.
        place = struct.unpack_from("<i", self._data, type_ + _TYPE_SIZE + 32)[0]
        return self._name(self._base + place)[0] if place else ""

    def _fields(self, type_: int) -> Iterator[GoField]:
        place, count = struct.unpack_from("<QQ", self._data, type_ + _TYPE_SIZE + 8)
        start = self._offset(place) if count else 0
        for index in range(count):
            name, field_type = struct.unpack_from("<QQ", self._data, start + index * 24)
            tag = self._name(name)[1]
            number, json = _NUMBER.search(tag), _JSON.search(tag)
            if number:
                parts = (json[1] if json else "").split(",")
                yield GoField(int(number[1]), parts[0], "omitempty" in parts, self._offset(field_type))

    def _name(self, address: int) -> tuple[str, str]:
        place = self._offset(address)
        flags = self._data[place]
        text, place = self._text(place + 1)
        return text, self._text(place)[0] if flags & 2 else ""

    def _text(self, place: int) -> tuple[str, int]:
        length, shift = 0, 0
        while True:
            byte = self._data[place]
            place += 1
            length |= (byte & 0x7F) << shift
            shift += 7
            if not byte & 0x80:
                break
        return self._data[place : place + length].decode("utf-8", "replace"), place + length

    def _word(self, place: int) -> int:
        word: int = struct.unpack_from("<Q", self._data, place)[0]
        return word

    def _offset(self, address: int) -> int:
        for start, offset, size in self._sections.values():
            if start <= address < start + size:
                return offset + address - start
        raise ValueError(f"{address:#x} is in no section of the binary")

    def _read_sections(self) -> dict[str, tuple[int, int, int]]:
        (table,) = struct.unpack_from("<Q", self._data, 0x28)
        size, count, names = struct.unpack_from("<HHH", self._data, 0x3A)
        headers = [struct.unpack_from("<IIQQQQ", self._data, table + index * size) for index in range(count)]
        strings = headers[names][4]
        found = {}
        for name, _, _, address, offset, length in headers:
            end = self._data.find(b"\0", strings + name)
            text = self._data[strings + name : end].decode()
            if text in {".rodata", ".typelink", ".data", ".noptrdata"}:
                found[text] = (address, offset, length)
        return found
