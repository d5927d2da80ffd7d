"""`apparch check`: judges a repository by the rules, and shows what breaks them."""

from __future__ import annotations

import argparse
import gc
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from apparch.cli.exit_codes import AGREE, FINDINGS, TOLD
from apparch.cli.options import FORMATS, add_debug, add_language, add_url, folder

if TYPE_CHECKING:
    from apparch.assess import Options
    from apparch.report.model import Report

LIMIT = 50_000_000
"""How many bytes of a baseline are read."""


def add_to(commands: Any) -> None:
    """Add the command and its options."""
    parser = commands.add_parser(
        "check",
        help="judge a repository by the rules",
        description="Judges an App repository, a Deploy repository or one that is both. Reads files only: nothing of "
        "the repository is run, imported or fetched, and git is not asked.",
        epilog=TOLD,
    )
    parser.add_argument("path", nargs="?", type=folder, default=".", metavar="PATH", help="the repository (default: .)")
    kinds = parser.add_argument_group("what it is")
    kinds.add_argument("--kind", choices=("app", "deploy"), help="judge it as that, whatever it looks like")
    kinds.add_argument("--app-dir", action="append", default=[], metavar="DIR", help="an app lies there (repeatable)")
    kinds.add_argument("--deploy-dir", action="append", default=[], metavar="DIR", help="manifests lie there")
    rules = parser.add_argument_group("which rules")
    rules.add_argument(
        "--select", type=_names, default=(), metavar="RULES", help="IDs or families, with commas: IMG,DIR002"
    )
    rules.add_argument("--ignore", type=_names, default=(), metavar="RULES", help="IDs or families that are not judged")
    rules.add_argument(
        "--level", choices=("MUST", "SHOULD", "MAY"), default="MAY", help="the lowest level (default: MAY)"
    )
    told = parser.add_argument_group("which findings")
    told.add_argument("--diff", metavar="BASE", help="only on lines changed since a revision, or in a file with a diff")
    told.add_argument("--baseline", type=Path, metavar="FILE", help="an earlier JSON report: what it tells is known")
    told.add_argument("--no-waivers", action="store_true", help="tell what config/apparch.yaml waives as well")
    shown = parser.add_argument_group("how they are shown")
    shown.add_argument("--format", choices=FORMATS, default="text", help="default: text")
    shown.add_argument("--output", type=Path, metavar="FILE", help="write the report there (default: standard output)")
    shown.add_argument("--statistics", action="store_true", help="count findings by rule instead of telling each")
    shown.add_argument("--color", choices=("auto", "always", "never"), default="auto", help="default: auto")
    shown.add_argument("--schema", action="store_true", help="write the JSON Schema of --format json instead")
    parser.add_argument("--fix", action="store_true", help="make the repairs that are mechanical and safe, then judge")
    add_language(parser)
    add_url(parser)
    add_debug(parser)
    parser.set_defaults(run=lambda options: run(options, parser))


def run(options: argparse.Namespace, parser: argparse.ArgumentParser) -> int:
    """Judge, show, and return whether anything new was found."""
    if options.schema:
        from apparch.report.json_report import schema

        sys.stdout.write(schema())
        return AGREE
    # What is made of files holds no circles, and looking for some among what is kept takes a tenth of the run.
    gc.disable()
    from apparch.assess import check
    from apparch.fix import fix

    chosen = _options(options, parser)
    report = check(options.path, chosen)
    if options.fix:
        for line in fix(Path(options.path), [each.finding for each in report.new]):
            print(f"apparch: {line}", file=sys.stderr)
        report = check(options.path, chosen)
    _write(_shown(report, options), options.output)
    return FINDINGS if report.new else AGREE


def _options(options: argparse.Namespace, parser: argparse.ArgumentParser) -> Options:
    from apparch.assess import Options
    from apparch.baseline import BaselineError, fingerprints
    from apparch.changes import ChangesError, changed_lines

    _refuse_unknown((*options.select, *options.ignore), parser)
    baseline = changed = None
    try:
        if options.baseline:
            with options.baseline.open("rb") as file:
                baseline = fingerprints(file.read(LIMIT).decode("utf-8", errors="replace"))
        if options.diff:
            changed = changed_lines(options.diff, Path(options.path))
    except OSError as error:
        parser.error(f"{error.filename} cannot be read: {error.strerror}")
    except BaselineError as error:
        parser.error(f"{options.baseline}: {error}")
    except ChangesError as error:
        parser.error(f"--diff {options.diff}: {error}")
    return Options(
        kind=options.kind,
        app_dirs=tuple(options.app_dir),
        deploy_dirs=tuple(options.deploy_dir),
        select=options.select,
        ignore=options.ignore,
        level=options.level,
        waivers=not options.no_waivers,
        baseline=baseline,
        changed=changed,
        url=options.url,
        language=options.lang,
        progress=_progress(),
    )


def _refuse_unknown(names: tuple[str, ...], parser: argparse.ArgumentParser) -> None:
    from apparch.catalogue import load_catalogue
    from apparch.repository.nearest import closest

    if not names:
        return
    catalogue = load_catalogue()
    known = {*catalogue.rules, *(family.id for family in catalogue.families)}
    for each in names:
        if each not in known:
            near = closest(each, sorted(known), 0.5)
            parser.error(f"{each} is neither a rule nor a family{f'; did you mean {near}?' if near else ''}")


def _shown(report: Report, options: argparse.Namespace) -> str:
    if options.format != "text":
        from apparch.report.forms import as_form

        return as_form(report, options.format, options.url)
    from apparch.report.text import as_text

    return as_text(report, colour=_colour(options), statistics=options.statistics, all_states=options.no_waivers)


def _colour(options: argparse.Namespace) -> bool:
    if options.color != "auto" or options.output:
        return bool(options.color == "always")
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _progress() -> Callable[[str], None]:
    """On a terminal the rule that is being judged, on one line that is wiped at the end; elsewhere nothing."""
    if not sys.stderr.isatty():
        return lambda _: None

    def show(rule: str) -> None:
        sys.stderr.write(f"\r\x1b[K{rule}" if rule else "\r\x1b[K")
        sys.stderr.flush()

    return show


def _write(text: str, output: Path | None) -> None:
    if output:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(text, "utf-8", errors="backslashreplace")
        return
    sys.stdout.write(text)
    sys.stdout.flush()


def _names(text: str) -> tuple[str, ...]:
    return tuple(each.strip().upper() for each in text.split(",") if each.strip())
