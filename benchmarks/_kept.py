"""What a long benchmark has found so far, kept while no file changes, so that a run that was broken off goes on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from apparch.pages.proved.tree_digest import tree_digest

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "build" / "benchmarks"


class Kept:
    """The results of a benchmark's parts, each by its key, in a file of the build."""

    def __init__(self, name: str, folder: Path = FOLDER, root: Path = ROOT) -> None:
        """Take up what an earlier run of these very files left; what is of other files is forgotten."""
        self._file = folder / f"{name}.kept.json"
        found = json.loads(self._file.read_text("utf-8")) if self._file.exists() else {}
        self.tree = tree_digest(root)
        self.parts: dict[str, Any] = found["parts"] if found.get("tree") == self.tree else {}

    def add(self, key: str, result: Any) -> None:
        """Keep a part's result, which JSON can hold."""
        self.parts[key] = result
        self._file.parent.mkdir(parents=True, exist_ok=True)
        self._file.write_text(json.dumps({"tree": self.tree, "parts": self.parts}, ensure_ascii=False), "utf-8")
