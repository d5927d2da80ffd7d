"""JSON and TOML: parsed, a JSON Schema judged by its own metaschema."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import jsonschema

from apparch.pages.proved.judges.model import Judge
from apparch.pages.written.blocks import Block


def choose_json(_block: Block, _root: Path) -> Judge:
    """A JSON document, a schema among them."""
    return Judge("json, JSON Schema", "json", _json)


def choose_toml(_block: Block, _root: Path) -> Judge:
    """A TOML document."""
    return Judge("tomllib", "toml", _toml)


def _json(block: Block, _root: Path) -> str | None:
    try:
        data = json.loads(block.text)
        if isinstance(data, dict) and "$schema" in data:
            jsonschema.validators.validator_for(data).check_schema(data)
    except (json.JSONDecodeError, jsonschema.SchemaError) as error:
        return f"{block.origin}: {error}"
    return None


def _toml(block: Block, _root: Path) -> str | None:
    try:
        tomllib.loads(block.text)
    except tomllib.TOMLDecodeError as error:
        return f"{block.origin}: {error}"
    return None
