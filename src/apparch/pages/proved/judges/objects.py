"""Judges one Kubernetes object strictly: a known kind, no key that its schema lacks, nothing required missing."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import kubernetes_validate
from jsonschema import Draft7Validator
from jsonschema.exceptions import best_match

CUSTOM = Path(__file__).parent / "schemas"
# The oldest Kubernetes whose preStop can sleep without a feature gate, and the newest with schemas.
VERSIONS = ("1.30", "1.37")


def faults(manifest: Any) -> list[str]:
    """What is wrong with an object, one line each; an unknown kind is a fault, not a pass."""
    if not isinstance(manifest, dict) or not isinstance(manifest.get("kind"), str):
        return ["not an object with a kind"]
    schema = _custom(manifest)
    if schema.exists():
        error = best_match(_validator(schema).iter_errors(manifest))
        return [] if error is None else [f"{error.json_path}: {error.message}"]
    return [fault for version in VERSIONS for fault in _built_in(manifest, version)]


def _built_in(manifest: dict[str, Any], version: str) -> list[str]:
    try:
        kubernetes_validate.validate(manifest, version, strict=True)
    except kubernetes_validate.ValidationError as error:
        return [f"{version}: {error.json_path}: {error.message}"]
    except (kubernetes_validate.SchemaNotFoundError, KeyError):
        return [f"{version}: unknown kind {manifest['kind']} of {manifest.get('apiVersion')}"]
    return []


def _custom(manifest: dict[str, Any]) -> Path:
    group, _, version = str(manifest.get("apiVersion")).partition("/")
    name = f"{manifest['kind']}-{group.partition('.')[0]}-{version}".lower()
    return CUSTOM / f"{re.sub(r'[^a-z0-9-]', '', name)}.json"


@cache
def _validator(schema: Path) -> Draft7Validator:
    return Draft7Validator(json.loads(schema.read_text()))
