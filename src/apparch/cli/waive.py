"""`apparch waive`: adds a waiver, or fills in which sentence of its rule each waiver was decided on."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from apparch.cli.exit_codes import AGREE, FINDINGS
from apparch.cli.options import add_debug, folder


def add_to(commands: Any) -> None:
    """Add the command and its options."""
    parser = commands.add_parser(
        "waive",
        help="accept findings until a day, with a reason",
        description="Adds a waiver to config/apparch.yaml. Without --rule, fills in the digest of each rule's "
        "statement where it is empty or outdated: run it when you have read the rules again.",
    )
    parser.add_argument("path", nargs="?", type=folder, default=".", metavar="PATH", help="the repository (default: .)")
    parser.add_argument("--rule", metavar="ID", help="the rule that is waived")
    parser.add_argument("--at", metavar="PATTERN", help="the files, as in .gitignore from the repository's root")
    parser.add_argument("--owner", help="who answers for it")
    parser.add_argument("--reason", help="why it is accepted")
    parser.add_argument("--until", metavar="DATE", help="the last day that it holds, like 2027-03-31")
    add_debug(parser)
    parser.set_defaults(run=lambda options: run(options, parser))


def run(options: argparse.Namespace, parser: argparse.ArgumentParser) -> int:
    """Change the file; what cannot be read in it is told and nothing is written."""
    from apparch.catalogue import load_catalogue
    from apparch.repository import Repository
    from apparch.waivers import FILE, added, digest, filled, read_waivers

    rules = load_catalogue().rules
    repository = Repository(Path(options.path))
    waivers, faults = read_waivers(repository)
    for fault in faults:
        print(f"apparch: {fault.place}: {fault.message.en}", file=sys.stderr)
    if faults:
        return FINDINGS
    text = repository.text(FILE) if repository.has(FILE) else ""
    text = text if isinstance(text, str) else ""
    if options.rule:
        given = {name: getattr(options, name) for name in ("at", "owner", "reason", "until")}
        missing = [f"--{name}" for name, value in given.items() if not value]
        if options.rule not in rules:
            parser.error(f"{options.rule} is no rule")
        if missing:
            parser.error(f"a waiver needs {', '.join(missing)}")
        try:
            text = added(text, options.rule, digest=digest(rules[options.rule]), **given)
        except ValueError as error:
            parser.error(f"--until {options.until}: {error}")
    else:
        text = filled(text, waivers, rules)
    file = Path(options.path) / FILE
    if file.is_symlink() or file.parent.is_symlink():
        parser.error(f"{FILE} is, or lies below, a symbolic link")
    file.parent.mkdir(exist_ok=True)
    file.write_text(text, "utf-8")
    return AGREE
