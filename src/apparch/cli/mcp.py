"""`apparch mcp`: answers agents about rules, over the Model Context Protocol on standard input and output."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from apparch.cli.exit_codes import AGREE
from apparch.cli.options import add_debug, add_language, add_url, folder


def add_to(commands: Any) -> None:
    """Add the command and its options."""
    parser = commands.add_parser(
        "mcp",
        help="answer agents about rules (Model Context Protocol, stdio)",
        description="Serves four tools that only read: find_rule, get_rule, check_diff, owner_of. Needs apparch[mcp].",
    )
    parser.add_argument(
        "path", nargs="?", type=folder, default=".", metavar="PATH", help="what check_diff reads (default: .)"
    )
    add_language(parser)
    add_url(parser)
    add_debug(parser)
    parser.set_defaults(run=lambda options: run(options, parser))


def run(options: argparse.Namespace, parser: argparse.ArgumentParser) -> int:
    """Serve until standard input ends; without the SDK it is a wrong call."""
    try:
        from apparch.agents.server import serve
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("mcp", "mcp_types", "pydantic"):
            raise
        parser.error("it needs the MCP SDK; install apparch[mcp]")
    serve(Path(options.path), options.url, options.lang)
    return AGREE
