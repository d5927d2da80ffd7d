"""`apparch contract`: compares an App repository with its Deploy repository; `contract export` publishes a contract."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from apparch.cli.exit_codes import AGREE, FINDINGS, TOLD, USAGE
from apparch.cli.options import FORMATS, add_debug, add_url, folder

if TYPE_CHECKING:
    from apparch.contract import Comparison
    from apparch.contract.model import Where

LIMIT = 5_000_000
"""How many bytes of a published contract are read."""


def run(options: argparse.Namespace, parser: argparse.ArgumentParser) -> int:
    """Compare or publish, and return whether both agree."""
    if options.action == "export":
        return _export(options)
    if sum(map(bool, (options.app, options.contract, options.deploy))) != 2:
        parser.error("contract needs two of --app, --contract and --deploy; contract export needs --app")
    try:
        comparison = _compared(options)
    except OSError as error:
        parser.error(f"{options.contract} cannot be read: {error.strerror}")
    sys.stdout.write(_shown(comparison, options))
    sys.stdout.flush()
    return FINDINGS if comparison.findings else AGREE


def _shown(comparison: Comparison, options: argparse.Namespace) -> str:
    from apparch.contract.show import as_json, as_text

    match options.format:
        case "json":
            return as_json(comparison, options.url)
        case "text":
            return as_text(comparison, options.url)
    from apparch.catalogue import load_catalogue
    from apparch.links import neutral_url
    from apparch.report.forms import as_form
    from apparch.report.of_contract import report_of

    home: Where = "app" if options.app and _is_here(options) else "deploy"
    folder_of_it = options.app if home == "app" else options.deploy
    name = folder_of_it.resolve().name
    report = report_of(comparison, home, name, load_catalogue(), lambda rule: neutral_url(options.url, rule))
    return as_form(report, options.format, options.url)


def _is_here(options: argparse.Namespace) -> bool:
    """Whether the App repository is the one that is checked: there is no other folder, or it is the current one."""
    return not options.deploy or Path.cwd().is_relative_to(options.app.resolve())


def _compared(options: argparse.Namespace) -> Comparison:
    from apparch.contract import compare, compare_published, compare_with_published
    from apparch.repository import Repository

    if not options.deploy:
        text, name = _text(options.contract), options.contract.name
        return compare_with_published(Repository(options.app), text, name, app_dir=options.app_dir)
    deploy = Repository(options.deploy)
    if options.contract:
        return compare_published(_text(options.contract), options.contract.name, deploy, options.overlays)
    return compare(Repository(options.app), deploy, app_dir=options.app_dir, overlays=options.overlays)


def _text(path: Path) -> str:
    with path.open("rb") as file:
        return file.read(LIMIT).decode("utf-8", errors="replace")


def _export(options: argparse.Namespace) -> int:
    from apparch.app.published import as_json, exported, schema
    from apparch.app.side import AppSide
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


def add_to(commands: Any) -> None:
    """Add the command and its options."""
    contract = commands.add_parser(
        "contract",
        help="compare an App repository with its Deploy repository",
        description="Compares what an App repository publishes with what its Deploy repository supplies, for every "
        "overlay in k8s/overlays. Reads files only: nothing of either repository is run, imported or fetched. "
        "Helm charts are not read.",
        epilog=TOLD,
    )
    contract.add_argument("--app", type=folder, metavar="PATH", help="the App repository")
    contract.add_argument("--app-dir", default="", metavar="DIR", help="where the app lies in it (default: its root)")
    contract.add_argument("--contract", type=Path, metavar="FILE", help="the published contract, instead of one side")
    contract.add_argument("--deploy", type=folder, metavar="PATH", help="the Deploy repository")
    contract.add_argument(
        "--overlays",
        default="k8s/overlays/",
        metavar="PATTERN",
        help="the environments: a directory that holds them and ends in /, or a pattern of their directories "
        "(default: %(default)s)",
    )
    contract.add_argument(
        "--format",
        choices=FORMATS,
        default="text",
        help="default: text; all but text and json place a finding in the repository that the command runs in, "
        "else in the Deploy repository",
    )
    add_url(contract)
    add_debug(contract)
    actions = contract.add_subparsers(dest="action", required=False)
    export = actions.add_parser(
        "export",
        help="write the contract that an App repository publishes",
        description="Writes the links of the image as JSON, so that the App's CI can attach them to the image's tag "
        "and a Deploy repository can be judged without the App repository beside it.",
    )
    export.add_argument("--app", type=folder, default=argparse.SUPPRESS, metavar="PATH", help="the App repository")
    export.add_argument(
        "--app-dir", default=argparse.SUPPRESS, metavar="DIR", help="where the app lies in it (default: its root)"
    )
    export.add_argument("--output", type=Path, metavar="FILE", help="write it there (default: standard output)")
    export.add_argument("--schema", action="store_true", help="write the JSON Schema of the contract instead")
    contract.set_defaults(run=lambda options: run(options, contract))
