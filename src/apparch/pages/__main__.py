"""The maintainers' commands: `python -m apparch.pages`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from apparch.catalogue import CatalogueError
from apparch.catalogue.editions import RECORDS, current, record
from apparch.catalogue.policy import EditionError
from apparch.pages.errors import PageError
from apparch.pages.promised import parity, published
from apparch.pages.proofs import Proofs, merge, write
from apparch.pages.proved.tree_digest import tree_digest
from apparch.pages.put_out.edition_figures import record_figures
from apparch.pages.put_out.edition_menus import write_edition_menus
from apparch.pages.put_out.page_folders import write_pages
from apparch.pages.put_out.permalinks import write_permalinks
from apparch.pages.put_out.readme_figures import write_figures
from apparch.pages.written.site import load_site


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 where it did its work, 1 where a page is wrong, 2 for a wrong call."""
    parser = argparse.ArgumentParser(prog="python -m apparch.pages", description=__doc__)
    parser.add_argument("--root", type=Path, default=Path.cwd(), help="the repository (default: this folder)")
    commands = parser.add_subparsers(dest="command", required=True)
    expand = commands.add_parser("expand", help="write every page as published to a folder")
    expand.add_argument("folder", type=Path)
    expand.add_argument("--proofs", type=Path)
    confirm = commands.add_parser("confirm", help="record that a translation says what its source says")
    confirm.add_argument("places", nargs="+", metavar="PAGE[#SECTION]|RULE|all")
    bound = commands.add_parser("bound", help="say what prose states that is bound to nothing or is not so")
    bound.add_argument("texts", nargs="*", metavar="TEXT", help="such as arch/k8s_architecture or rules/IMG")
    commands.add_parser("publish", help="add new rule IDs and section ids to the list that only grows")
    join = commands.add_parser("merge-proofs", help="make one record from the parts of a run")
    join.add_argument("parts", nargs="+", type=Path)
    join.add_argument("--into", type=Path, required=True)
    permalinks = commands.add_parser("permalinks", help="write the addresses without a version into a deployed tree")
    permalinks.add_argument("folder", type=Path)
    edition = commands.add_parser("record-edition", help="write the rules of today down as a published edition")
    edition.add_argument("--date", required=True, type=date.fromisoformat, help="when it is published, as 2026-11-23")
    options = parser.parse_args(arguments)
    try:
        _run(options)
    except (PageError, CatalogueError, EditionError) as error:
        print(f"apparch: {error}", file=sys.stderr)
        return 1
    return 0


def _run(options: argparse.Namespace) -> None:
    match options.command:
        case "expand":
            write_pages(load_site(options.root, options.proofs), options.folder)
        case "confirm":
            for line in parity.confirm(load_site(options.root), options.places):
                print(line)
        case "bound":
            # It asks the tools that only the tests' environment has; the other commands run in that of the site.
            from apparch.pages.promised.bound import bound

            faults = bound(load_site(options.root), options.texts)
            if faults:
                raise PageError("\n".join(faults))
        case "publish":
            site = load_site(options.root)
            for line in published.publish(site):
                print(line)
            write_figures(site)
        case "permalinks":
            permalinks = write_permalinks(options.folder)
            print(f"{permalinks} permalinks, {write_edition_menus(options.folder)} menus of editions")
        case "record-edition":
            folder = options.root / "src/apparch/catalogue" / RECORDS
            print(record(folder, replace(current(), date=str(options.date))).relative_to(options.root))
            print(record_figures(load_site(options.root), current().name).relative_to(options.root))
        case "merge-proofs":
            write(_joined(options.parts, options.root), options.into)


def _joined(parts: Sequence[Path], root: Path) -> Proofs:
    """One record of all parts; one that may be older counts only where it judged these very files."""
    records = []
    for part in parts:
        record = Proofs.read(part)
        if record.tree and record.tree != tree_digest(root):
            print(f"{part}: left out, the files have changed since it was recorded", file=sys.stderr)
        else:
            records.append(record)
    return merge(records)


if __name__ == "__main__":
    sys.exit(main())
