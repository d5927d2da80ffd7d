"""The files that our template owns of an App repo, by their digests in each of its versions."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path

DATA = Path(__file__).with_name("template_files.json")
"""Per version and path its digest, or one for each answer that decides, by `python -m apparch.template.digests`."""
ALWAYS = ""
"""The answer of a file that is the same whatever was answered."""


def owned_files(version: str, answers: Mapping[str, object]) -> Mapping[str, str] | None:
    """The digest of each file that the template owns with these answers; None for a version that is not known."""
    files = _read().get(version)
    if files is None:
        return None
    found: dict[str, str] = {}
    for path, digests in files.items():
        for answer, value in digests.items():
            name = answer.removeprefix("not ")
            if answer == ALWAYS or (answers.get(name) is True) == (answer == name):
                found[path] = value
    return found


def digest(content: bytes) -> str:
    """The digest of a file, whatever ends its lines in this checkout."""
    return hashlib.sha256(content.replace(b"\r\n", b"\n")).hexdigest()


@cache
def _read() -> dict[str, dict[str, dict[str, str]]]:
    return dict(json.loads(DATA.read_text("utf-8")))
