"""The command line: `apparch contract` compares an App repository with its Deploy repository, `export` publishes."""

from __future__ import annotations

import argparse
import io
import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from apparch import __version__

if TYPE_CHECKING:
    from apparch.contract import Comparison

AGREE, FINDINGS, USAGE, FAILED = 0, 1, 2, 3
"""The exit codes."""
LIMIT = 5_000_000
"""How many bytes of a published contract are read."""
DOCS_URL = "https://apparch.example/"

_EXIT_CODES = "Exit codes: 0 both agree, 1 there are findings, 2 the call is wrong, 3 the tool itself failed."


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; a wrong call ends with SystemExit(2), as argparse does it."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    parser = _parser()
    options = parser.parse_args(arguments)
    try:
        return _export(options) if options.action == "export" else _contract(options, parser)
    except BrokenPipeError:
        # Whoever reads has enough, as `| head` has; what Python would still flush goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FINDINGS
    except Exception as error:  # whatever it is, it is our fault: a repository's faults are findings
        if options.debug:
            traceback.print_exc()
        else:
            reason = " ".join(str(error).split())[:300]
            print(f"apparch: {type(error).__name__}: {reason} (run again with --debug)", file=sys.stderr)
        return FAILED


def _contract(options: argparse.Namespace, parser: argparse.ArgumentParser) -> int:
    from apparch.contract.show import as_json, as_text

    if not options.deploy or bool(options.app) == bool(options.contract):
        parser.error("contract needs --deploy, and either --app or --contract; contract export needs --app")
    try:
        comparison = _compared(options)
    except OSError as error:
        parser.error(f"{options.contract} cannot be read: {error.strerror}")
    show = as_json if options.format == "json" else as_text
    sys.stdout.write(show(comparison, options.url))
    sys.stdout.flush()
    return FINDINGS if comparison.findings else AGREE


def _compared(options: argparse.Namespace) -> Comparison:
    from apparch.contract import compare, compare_published
    from apparch.repository import Repository

    deploy = Repository(options.deploy)
    if options.contract:
        return compare_published(_text(options.contract), options.contract.name, deploy, options.overlays)
    return compare(Repository(options.app), deploy, app_dir=options.app_dir, overlays=options.overlays)


def _text(path: Path) -> str:
    with path.open("rb") as file:
        return file.read(LIMIT).decode("utf-8", errors="replace")


def _export(options: argparse.Namespace) -> int:
    from apparch.contract.app_side import AppSide
    from apparch.contract.published import as_json, exported, schema
    from apparch.repository import Repository

    if options.schema:
        sys.stdout.write(schema())
        return AGREE
    if not options.app:
        print("apparch: contract export needs --app", file=sys.stderr)
        return USAGE
    root = Repository(options.app)
    side = AppSide(root.below(options.app_dir), root)
    for problem in side.problems:
        print(f"apparch: {problem.place}: {problem.message}", file=sys.stderr)
    if side.problems:
        return FINDINGS
    if options.output:
        options.output.parent.mkdir(parents=True, exist_ok=True)
        options.output.write_text(as_json(exported(side)), "utf-8")
        return AGREE
    sys.stdout.write(as_json(exported(side)))
    sys.stdout.flush()
    return AGREE


def _parser() -> argparse.ArgumentParser:
    """The options; what reads repositories is imported when it is needed, so that `--version` costs nothing."""
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
    contract.add_argument("--app", type=_folder, metavar="PATH", help="the App repository")
    contract.add_argument("--app-dir", default="", metavar="DIR", help="where the app lies in it (default: its root)")
    contract.add_argument("--contract", type=Path, metavar="FILE", help="the published contract, instead of --app")
    contract.add_argument("--deploy", type=_folder, metavar="PATH", help="the Deploy repository")
    contract.add_argument(
        "--overlays",
        default="k8s/overlays/",
        metavar="PATTERN",
        help="the environments: a directory that holds them and ends in /, or a pattern of their directories "
        "(default: %(default)s)",
    )
    contract.add_argument("--format", choices=("text", "json"), default="text", help="default: text")
    contract.add_argument(
        "--url",
        default=os.environ.get("APPARCH_DOCS_URL") or DOCS_URL,
        metavar="BASE",
        help="the site that the rules' links lead to (default: $APPARCH_DOCS_URL, else %(default)s)",
    )
    contract.add_argument("--debug", action="store_true", help="show the traceback if the tool itself fails")
    actions = contract.add_subparsers(dest="action", required=False)
    export = actions.add_parser(
        "export",
        help="write the contract that an App repository publishes",
        description="Writes the links of the image as JSON, so that the App's CI can attach them to the image's tag "
        "and a Deploy repository can be judged without the App repository beside it.",
    )
    export.add_argument("--app", type=_folder, default=argparse.SUPPRESS, metavar="PATH", help="the App repository")
    export.add_argument(
        "--app-dir", default=argparse.SUPPRESS, metavar="DIR", help="where the app lies in it (default: its root)"
    )
    export.add_argument("--output", type=Path, metavar="FILE", help="write it there (default: standard output)")
    export.add_argument("--schema", action="store_true", help="write the JSON Schema of the contract instead")
    return parser


def _folder(text: str) -> Path:
    path = Path(text)
    if "\0" in text or not path.is_dir():
        raise argparse.ArgumentTypeError(f"{text!r} is no folder")
    return path
