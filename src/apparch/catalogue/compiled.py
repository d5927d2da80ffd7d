"""The family files as one file of JSON, which an installed package carries: it is read in a fraction of their time."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

NAME = "rules.json"


def read_compiled(folder: Path | None = None) -> dict[str, Any] | None:
    """What each family file holds, by its name; None where the package carries no such file, as in a checkout."""
    try:
        text = ((folder or Path(__file__).parent) / NAME).read_text("utf-8")
    except OSError:
        return None
    found: dict[str, Any] = json.loads(text)
    return found


def write_compiled(rules: Path, into: Path) -> None:
    """Write what the family files of a folder hold, each of them checked by being loaded."""
    from apparch.catalogue import load_catalogue, yaml_text

    load_catalogue(rules)
    found = {path.name: yaml_text.read(path.read_text("utf-8")) for path in sorted(rules.glob("*.yaml"))}
    (into / NAME).write_text(json.dumps(found, ensure_ascii=False, separators=(",", ":")), "utf-8")
