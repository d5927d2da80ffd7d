"""Reduces the schemas made from the npm types (README.md) to what a manifest's author writes: no texts, no status."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

REF = re.compile(r'"#/definitions/([^"]+)"')


def main(source: Path, target: Path) -> None:
    """Writes the reduced schema of one kind; raises KeyError where `source` is no schema of a kind."""
    schema = json.loads(source.read_text())
    root = schema["$ref"].removeprefix("#/definitions/")
    schema["definitions"][root]["properties"].pop("status", None)
    schema = without_texts(schema)
    schema["definitions"] = reachable(root, schema["definitions"])
    target.write_text(json.dumps(schema, indent=1, sort_keys=True) + "\n")


def without_texts(node: Any) -> Any:
    """The schema without its descriptions; a property that is itself named description stays."""
    if isinstance(node, dict):
        return {k: without_texts(v) for k, v in node.items() if not (k == "description" and isinstance(v, str))}
    return [without_texts(each) for each in node] if isinstance(node, list) else node


def reachable(root: str, definitions: dict[str, Any]) -> dict[str, Any]:
    """The definitions that the root needs, itself included."""
    kept: dict[str, Any] = {}
    waiting = [root]
    while waiting:
        name = waiting.pop()
        if name not in kept:
            kept[name] = definitions[name]
            waiting += REF.findall(json.dumps(kept[name]))
    return kept


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
