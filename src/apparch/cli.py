"""The command line: `apparch contract`, which compares an App repository with its Deploy repository."""

from __future__ import annotations

import argparse
import io
import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path

from apparch import __version__
from apparch.contract import compare
from apparch.contract.show import as_json, as_text
from apparch.repository import Repository

AGREE, FINDINGS, USAGE, FAILED = 0, 1, 2, 3
"""The exit codes."""
DOCS_URL = "https://apparch.example/"

_EXIT_CODES = "Exit codes: 0 both agree, 1 there are findings, 2 the call is wrong, 3 the tool itself failed."


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; a wrong call ends with SystemExit(2), as argparse does it."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    options = _parser().parse_args(arguments)
    try:
        return _contract(options)
    except Exception as error:  # whatever it is, it is our fault: a repository's faults are findings
        if options.debug:
            traceback.print_exc()
        else:
            reason = " ".join(str(error).split())[:300]
            print(f"apparch: {type(error).__name__}: {reason} (run again with --debug)", file=sys.stderr)
        return FAILED


def _contract(options: argparse.Namespace) -> int:
    comparison = compare(Repository(options.app), Repository(options.deploy))
    show = as_json if options.format == "json" else as_text
    sys.stdout.write(show(comparison, options.url))
    sys.stdout.flush()
    return FINDINGS if comparison.findings else AGREE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="apparch", description="The App repository architecture as a tool.")
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = parser.add_subparsers(dest="command", required=True)
    contract = commands.add_parser(
        "contract",
        help="compare an App repository with its Deploy repository",
        description="Compares what an App repository publishes with what its Deploy repository supplies, for every "
        "overlay in k8s/overlays. Reads files only: nothing of either repository is run, imported or fetched. "
        "Helm charts are not read.",
        epilog=_EXIT_CODES,
    )
    contract.add_argument("--app", type=_folder, required=True, metavar="PATH", help="the App repository")
    contract.add_argument("--deploy", type=_folder, required=True, metavar="PATH", help="the Deploy repository")
    contract.add_argument("--format", choices=("text", "json"), default="text", help="default: text")
    contract.add_argument(
        "--url",
        default=os.environ.get("APPARCH_DOCS_URL") or DOCS_URL,
        metavar="BASE",
        help="the site that the rules' links lead to (default: $APPARCH_DOCS_URL, else %(default)s)",
    )
    contract.add_argument("--debug", action="store_true", help="show the traceback if the tool itself fails")
    return parser


def _folder(text: str) -> Path:
    path = Path(text)
    if "\0" in text or not path.is_dir():
        raise argparse.ArgumentTypeError(f"{text!r} is no folder")
    return path
