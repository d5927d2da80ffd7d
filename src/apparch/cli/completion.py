"""`apparch completion`: a script that completes commands and options in bash, zsh and fish."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from apparch.cli.exit_codes import AGREE, USAGE
from apparch.cli.options import add_debug


def add_to(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser("completion", help="write a completion script for a shell")
    parser.add_argument("shell", choices=("bash", "zsh", "fish"))
    add_debug(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Write the script."""
    try:
        import shtab
    except ImportError:
        print("apparch: completion needs shtab: install apparch[completion]", file=sys.stderr)
        return USAGE
    from apparch.cli.run import build_parser

    sys.stdout.write(shtab.complete(build_parser(), shell=options.shell))
    return AGREE
