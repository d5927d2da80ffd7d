"""Check out the repositories of one job and their partners, each with its whole history, into a folder each."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from git_commands import FailedError, git

from apparch.fleet.inventory import read_inventory
from apparch.fleet.model import Entry, FleetError
from apparch.repository.safe_text import printable


def wanted(entries: tuple[Entry, ...], names: set[str]) -> list[Entry]:
    """The repositories of these names and all that have a contract with one of them."""
    partners = {each.partner for each in entries if each.name in names}
    return [each for each in entries if each.name in names | partners or each.partner in names]


def check_out(entry: Entry, into: Path) -> str:
    """What happened, as one line; a repository that cannot be had is a row that says so later."""
    if not entry.url:
        return f"{entry.name}: a path, nothing to check out"
    try:
        git(into, "clone", "--quiet", "--no-tags", "--no-recurse-submodules", "--", entry.url, entry.name)
    except FailedError as error:
        return f"::warning::{entry.name}: {printable(str(error))}"
    return f"{entry.name}: checked out"


def main() -> int:
    """Check out what $NAMES lists of $INVENTORY into $CHECKOUTS; 1 when the inventory cannot be taken."""
    env = os.environ
    into = Path(env["CHECKOUTS"])
    into.mkdir(parents=True, exist_ok=True)
    try:
        entries = read_inventory(Path(env["INVENTORY"]), into)
    except FleetError as error:
        print(f"::error::{printable(str(error))}")
        return 1
    for entry in wanted(entries, set(env["NAMES"].split())):
        print(check_out(entry, into))
    return 0


if __name__ == "__main__":
    sys.exit(main())
