"""The entry point: one parser for all commands, and what happens to their faults."""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Sequence

from apparch import __version__
from apparch.cli import check, completion, contract, export, fleet, mcp, new, owner, rule, rules, update, waive
from apparch.cli.exit_codes import FAILED, FINDINGS


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; a wrong call ends with SystemExit(2), as argparse does it."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    options = build_parser().parse_args(arguments)
    try:
        code: int = options.run(options)
    except BrokenPipeError:
        # Whoever reads has enough, as `| head` has; what Python would still flush goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FINDINGS
    except Exception as error:  # whatever it is, it is our fault: a repository's faults are findings
        if options.debug:
            import traceback

            traceback.print_exc()
        else:
            reason = " ".join(str(error).split())[:300]
            print(f"apparch: {type(error).__name__}: {reason} (run again with --debug)", file=sys.stderr)
        return FAILED
    return code


def build_parser() -> argparse.ArgumentParser:
    """The options; what reads repositories is imported when it is needed, so that `--version` costs nothing."""
    parser = argparse.ArgumentParser(prog="apparch", description="The App repository architecture as a tool.")
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for module in (new, check, contract, update, fleet, rule, rules, owner, waive, mcp, export, completion):
        module.add_to(commands)
    return parser
