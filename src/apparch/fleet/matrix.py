"""The list as a matrix for GitHub's jobs: at most as many entries as one matrix holds, each a group of repositories."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Sequence

from apparch.fleet.model import Entry

MOST = 256
"""How many jobs GitHub makes of one matrix."""
_ADDRESS = re.compile(r".*[:/](?P<owner>[^/:]+)/(?P<name>[^/]+?)(\.git)?/?")


def as_matrix(entries: Sequence[Entry], known: Sequence[Entry] = (), most: int = MOST) -> str:
    """One line of JSON, as `matrix:` takes it.

    Each entry names its group, the repositories of it (`names`), their owner on the host, what they are called there
    (`repositories`), and what has to be read beside them: their partners (`reads`). A group is one repository as long
    as there is room, and never of two owners, since a token is one owner's.

    Args:
        entries: The repositories to work on.
        known: All of the list, among which their partners are.
        most: How many entries there may be; where there are more owners than that, each owner is one entry.
    """
    owners: dict[str, list[Entry]] = defaultdict(list)
    for each in sorted(entries, key=lambda each: each.name):
        owners[_on_host(each)[0]].append(each)
    size = next(size for size in range(1, len(entries) + 2) if _jobs(owners, size) <= max(most, len(owners)))
    groups = [(owner, of[at : at + size]) for owner, of in sorted(owners.items()) for at in range(0, len(of), size)]
    include = [_entry(owner, group, (*entries, *known)) for owner, group in groups]
    return json.dumps({"include": include}) + "\n"


def _entry(owner: str, group: Sequence[Entry], known: Sequence[Entry]) -> dict[str, str]:
    names = {each.name for each in group}
    partners = {each.partner for each in group}
    near = [each for each in known if each.name in names | partners or each.partner in names]
    return {
        "group": group[0].name,
        "names": " ".join(each.name for each in group),
        "owner": owner,
        "repositories": ",".join(_called(group, owner)),
        "reads": ",".join(_called(near, owner)),
    }


def _called(entries: Sequence[Entry], owner: str) -> list[str]:
    """What the repositories of an owner are called there; those that lie in a folder are not there."""
    found = (_on_host(each) for each in entries)
    return sorted({name for of, name in found if of == owner and name})


def _on_host(entry: Entry) -> tuple[str, str]:
    """Owner and name on the host; empty for a path."""
    found = _ADDRESS.fullmatch(entry.url) if entry.url else None
    return (found["owner"], found["name"]) if found else ("", "")


def _jobs(owners: dict[str, list[Entry]], size: int) -> int:
    return sum(-(-len(each) // size) for each in owners.values())
