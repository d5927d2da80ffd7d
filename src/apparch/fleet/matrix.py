"""The list as a matrix for GitHub's jobs: at most as many entries as one matrix holds, each a group of repositories."""

from __future__ import annotations

import json
from collections.abc import Sequence

from apparch.fleet.model import Entry

MOST = 256
"""How many jobs GitHub makes of one matrix."""


def as_matrix(entries: Sequence[Entry], most: int = MOST) -> str:
    """One line of JSON: `{"include": [{"group": FIRST, "names": "A B"}]}`; groups are of one where there is room."""
    names = sorted(each.name for each in entries)
    groups = [names[at::most] for at in range(min(most, len(names)))]
    return json.dumps({"include": [{"group": group[0], "names": " ".join(group)} for group in groups]}) + "\n"
