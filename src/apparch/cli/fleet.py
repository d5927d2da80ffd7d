"""`apparch fleet`: many repositories in one table, and whom a template version or a rule concerns."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from apparch.cli.exit_codes import AGREE, FINDINGS, TOLD
from apparch.cli.options import add_debug, add_language, add_url, folder

if TYPE_CHECKING:
    from apparch.catalogue.model import Text
    from apparch.fleet.affected import Affected
    from apparch.fleet.model import Entry, Fleet, Row

FEW = 4
"""So many repositories are judged sooner than other processes have started."""
LIMIT = 50_000_000
"""How many bytes of an earlier result are read."""


def add_to(commands: Any) -> None:
    """Add the command and its options."""
    parser = commands.add_parser(
        "fleet",
        help="show many repositories: template, findings, waivers, contract",
        description="Shows for each repository its kind, its template version and how far that is behind, its "
        "findings by level, its waivers, and whether it agrees with its partner. Reads files only: nothing is run, "
        "imported or fetched. A repository that cannot be read is a row that says why.",
        epilog=TOLD,
    )
    parser.add_argument("paths", nargs="*", type=Path, metavar="PATH", help="NAME-deploy is the partner of NAME")
    listed = parser.add_argument_group("which repositories")
    listed.add_argument("--inventory", type=Path, metavar="FILE", help="a YAML list of repositories")
    listed.add_argument("--checkouts", type=folder, metavar="DIR", help="where what has a URL is checked out: DIR/NAME")
    listed.add_argument("--only", action="append", default=[], metavar="NAME", help="only this one (repeatable)")
    listed.add_argument(
        "--results", action="append", default=[], type=Path, metavar="FILE",
        help="take rows from what --format json wrote earlier, or from all .json files of a folder (repeatable)",
    )  # fmt: skip
    listed.add_argument("--matrix", action="store_true", help="write the list as a matrix for GitHub's jobs instead")
    asked = parser.add_argument_group("what is asked")
    asked.add_argument(
        "--affected-by", metavar="VERSION|RULE", help="tell who must change for a template version or a rule, and why"
    )
    asked.add_argument(
        "--template", type=folder, metavar="DIR", help="the template that versions are of (default: apparch's own)"
    )
    shown = parser.add_argument_group("how it is shown")
    shown.add_argument("--format", choices=("text", "json", "markdown", "html"), default="text", help="default: text")
    shown.add_argument("--output", type=Path, metavar="FILE", help="write it there (default: standard output)")
    shown.add_argument("--schema", action="store_true", help="write the JSON Schema of --format json instead")
    parser.add_argument(
        "--jobs",
        type=_jobs,
        default=None,
        metavar="N",
        help="how many processes judge at once (default: one a core, one for a few repositories)",
    )
    add_language(parser)
    add_url(parser)
    add_debug(parser)
    parser.set_defaults(run=lambda options: run(options, parser))


def run(options: argparse.Namespace, parser: argparse.ArgumentParser) -> int:
    """Judge, show, and return whether any repository has something to do."""
    from apparch.fleet.affected import affected
    from apparch.fleet.model import FleetError
    from apparch.template import TemplateError

    if options.schema:
        from apparch.fleet.json_form import schema

        sys.stdout.write(schema())
        return AGREE
    try:
        if options.matrix:
            from apparch.fleet.matrix import as_matrix

            _write(as_matrix(*_entries(options, parser)), options.output)
            return AGREE
        fleet = _fleet(options, parser)
        found = affected(fleet, options.affected_by) if options.affected_by else None
        _refuse_unknown(options, parser)
    except (FleetError, TemplateError) as error:
        parser.error(str(error))
    _write(_shown(fleet, found, options), options.output)
    if found is not None:
        return FINDINGS if any(each.must for each in found) else AGREE
    return AGREE if all(row.clean for row in fleet.rows) else FINDINGS


def _fleet(options: argparse.Namespace, parser: argparse.ArgumentParser) -> Fleet:
    import datetime

    from apparch.fleet.judge import Measure
    from apparch.fleet.run import run as judge_all
    from apparch.fleet.run import with_rows
    from apparch.template import SOURCE
    from apparch.template.versions import read_versions

    source = "" if options.template else SOURCE
    by = Measure(read_versions(options.template), datetime.date.today(), source)
    earlier = _earlier(options, parser)
    if earlier and not options.paths and not options.inventory:
        return with_rows(by, earlier)
    entries, others = _entries(options, parser)
    known = {row.name for row in earlier}
    judged = [each for each in entries if each.name not in known]
    jobs = options.jobs or (_cores() if len(judged) > FEW else 1)
    fleet = judge_all(judged, by, partners=others, jobs=jobs, progress=_progress())
    wanted = {each.name for each in entries}
    return with_rows(by, [*fleet.rows, *(row for row in earlier if row.name in wanted)])


def _entries(
    options: argparse.Namespace, parser: argparse.ArgumentParser
) -> tuple[tuple[Entry, ...], tuple[Entry, ...]]:
    """The repositories that get a row, and all of the list, among which their partners are."""
    from apparch.fleet.inventory import chosen, of_paths, read_inventory

    if options.paths and options.inventory:
        parser.error("give paths or --inventory, not both")
    if not options.paths and not options.inventory:
        parser.error("fleet needs paths of repositories, --inventory or --results")
    entries = read_inventory(options.inventory, options.checkouts) if options.inventory else of_paths(options.paths)
    return (chosen(entries, options.only) if options.only else entries), entries


def _earlier(options: argparse.Namespace, parser: argparse.ArgumentParser) -> list[Row]:
    from apparch.fleet.json_form import rows_of

    rows: dict[str, Row] = {}
    results = options.results
    for given in results:
        for file in sorted(given.rglob("*.json")) if given.is_dir() else [given]:
            try:
                with file.open("rb") as opened:
                    text = opened.read(LIMIT).decode("utf-8", errors="replace")
            except OSError as error:
                parser.error(f"{file} cannot be read: {error.strerror}")
            for row in rows_of(text, str(file)):
                rows[row.name] = row
    if results and not rows and not options.inventory and not options.paths:
        parser.error(f"no result of apparch fleet --format json lies in {', '.join(map(str, results))}")
    return list(rows.values())


def _refuse_unknown(options: argparse.Namespace, parser: argparse.ArgumentParser) -> None:
    """A rule that there is none of is a slip, and would be told as a rule that nobody breaks."""
    from apparch.catalogue import load_catalogue
    from apparch.repository.nearest import closest

    by = options.affected_by or ""
    rules = load_catalogue().rules
    if by[:1].isalpha() and by[:1].isupper() and by not in {*rules, "WAIVER", "UNREADABLE"}:
        near = closest(by, sorted(rules), 0.5)
        parser.error(f"{by} is no rule{f'; did you mean {near}?' if near else ''}")


def _shown(fleet: Fleet, found: Sequence[Affected] | None, options: argparse.Namespace) -> str:
    language, by = options.lang, options.affected_by or ""
    match options.format:
        case "json":
            from apparch.fleet.json_form import as_json

            return as_json(fleet, found, by)
        case "markdown":
            from apparch.fleet.markdown import affected_as_markdown, as_markdown

            return as_markdown(fleet, language) if found is None else affected_as_markdown(found, by, language)
        case "html":
            from apparch.fleet.page import as_page

            return as_page(fleet, _names(options.url), language, found, by)
    from apparch.fleet.text import affected_as_text, as_text

    return as_text(fleet, language) if found is None else affected_as_text(found, by, language)


def _names(url: str) -> Callable[[str], tuple[Text, str] | None]:
    from apparch.catalogue import load_catalogue
    from apparch.links import neutral_url

    rules = load_catalogue().rules
    return lambda rule: (rules[rule].title, neutral_url(url, rule)) if rule in rules else None


def _progress() -> Callable[[int, int, str], None]:
    """On a terminal how far it is, on one line that is wiped at the end; elsewhere nothing."""
    if not sys.stderr.isatty():
        return lambda done, of, name: None
    from apparch.repository.safe_text import printable

    def show(done: int, of: int, name: str) -> None:
        sys.stderr.write(f"\r\x1b[K[{done}/{of}] {printable(name)}" if name else "\r\x1b[K")
        sys.stderr.flush()

    return show


def _write(text: str, output: Path | None) -> None:
    if output:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(text, "utf-8", errors="backslashreplace")
        return
    sys.stdout.write(text)
    sys.stdout.flush()


def _cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _jobs(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of processes from 1 up")
    return int(text)
