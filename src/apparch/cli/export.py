"""`apparch export`: writes what other tools read of the rules into a repository."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from apparch.cli.exit_codes import AGREE, FINDINGS
from apparch.cli.options import add_debug, add_language, add_url, folder

LIMIT = 2_000_000
"""How many bytes of a file are read."""


def add_to(commands: Any) -> None:
    """Add the command and its options."""
    parser = commands.add_parser(
        "export", help="write a section of AGENTS.md that leads to the rules", description="Writes for other tools."
    )
    own = parser.add_subparsers(dest="export_command", required=True, metavar="WHAT")
    agents = own.add_parser(
        "agents",
        help="the section of AGENTS.md",
        description="Writes a short section into AGENTS.md that leads agents to the rules of this kind of repository. "
        "What stands between its two marks is replaced, all else is kept; run again, it changes nothing.",
        epilog="Exit codes: 0 written or up to date, 1 with --check where it is not, 2 the call is wrong, 3 we failed.",
    )
    agents.add_argument("path", nargs="?", type=folder, default=".", metavar="PATH", help="the repository (default: .)")
    agents.add_argument("--check", action="store_true", help="write nothing; end with 1 where the section is outdated")
    agents.add_argument("--file", default="AGENTS.md", metavar="NAME", help="in the repository; `-` is standard output")
    agents.add_argument("--kind", choices=("app", "deploy"), help="take the repository for that")
    add_language(agents)
    add_url(agents)
    add_debug(agents)
    agents.set_defaults(run=lambda options: run(options, agents))


def run(options: argparse.Namespace, parser: argparse.ArgumentParser) -> int:
    """Write the section, or say whether it is up to date."""
    from apparch.agents.section import SectionError, into, section
    from apparch.kinds import kinds_of
    from apparch.repository import Repository

    root = Path(options.path)
    kinds = kinds_of(Repository(root), options.kind)
    if not kinds.parts:
        told = f": {kinds.neither[options.lang]}" if kinds.neither else ""
        parser.error(f"this is neither an App repo nor a Deploy repo{told}; say which with --kind")
    wanted = section(kinds, options.url, options.lang)
    if options.file == "-":
        sys.stdout.write(f"{wanted}\n")
        return AGREE
    file = root / options.file
    try:
        outcome = into(_read(file), wanted)
        if options.check:
            return _checked(outcome.state, options.file)
        if outcome.state != "current":
            file.write_bytes(outcome.text.encode())
    except (SectionError, UnicodeDecodeError) as error:
        reason = "it is not UTF-8" if isinstance(error, UnicodeDecodeError) else str(error)
        parser.error(f"{options.file}: {reason}")
    except OSError as error:
        parser.error(f"{options.file}: {error.strerror}")
    print(f"{options.file}: {'unchanged' if outcome.state == 'current' else 'written'}")
    return AGREE


def _checked(state: str, name: str) -> int:
    if state == "current":
        return AGREE
    there = "is not there" if state == "missing" else "holds no section of this version"
    print(f"{name}: {there}; run apparch export agents", file=sys.stderr)
    return FINDINGS


def _read(file: Path) -> str | None:
    if file.is_symlink() or (file.exists() and not file.is_file()):
        raise OSError(0, "it is no plain file")
    if not file.exists():
        return None
    with file.open("rb") as opened:
        content = opened.read(LIMIT + 1)
    if len(content) > LIMIT:
        raise OSError(0, f"it is longer than {LIMIT} bytes")
    return content.decode("utf-8")
