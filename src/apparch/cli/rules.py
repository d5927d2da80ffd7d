"""`apparch rules`: which editions of the rules there are, and what changed between two."""

from __future__ import annotations

import argparse
import json
import sys
import textwrap
from typing import TYPE_CHECKING, Any

from apparch.cli.exit_codes import AGREE, FINDINGS
from apparch.cli.options import add_debug, add_language

if TYPE_CHECKING:
    from collections.abc import Sequence

    from apparch.catalogue.difference import Change
    from apparch.catalogue.model import Language
    from apparch.catalogue.policy import Demand, Edition

WHY = {"ko": "까닭", "en": "Why"}


def add_to(commands: Any) -> None:
    """Add the command and its options."""
    parser = commands.add_parser(
        "rules", help="list the editions, or say what changed between two", description="The rules as editions."
    )
    own = parser.add_subparsers(dest="rules_command", required=True, metavar="COMMAND")
    listed = own.add_parser("editions", help="list the editions that this package knows")
    add_debug(listed)
    listed.set_defaults(run=_list)
    diff = own.add_parser(
        "diff",
        help="say what changed in policy between two editions",
        description="Says which rules were added, retired, strengthened, weakened, reworded, moved to the other repo, "
        "or are proved otherwise. An edition is a version (3.0.0), `current`, a rules.json, a folder that holds one, "
        "or a folder with the rules' files, such as a checkout of another tag.",
        epilog="Exit codes: 0 compared, 1 different and --exit-code given, 2 the call is wrong, 3 the tool failed.",
    )
    diff.add_argument("old", metavar="A", help="the older edition")
    diff.add_argument("new", metavar="B", nargs="?", default="current", help="the newer one (default: this package's)")
    diff.add_argument(
        "--select", type=_names, default=(), metavar="NAMES", help="only these rules or families, with commas"
    )
    diff.add_argument("--format", choices=("text", "json", "markdown"), default="text", help="default: text")
    diff.add_argument("--exit-code", action="store_true", help="end with 1 where they differ")
    add_language(diff)
    add_debug(diff)
    diff.set_defaults(run=lambda options: _diff(options, diff))


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip().upper() for name in text.split(",") if name.strip())


def _list(_: argparse.Namespace) -> int:
    from apparch.catalogue.editions import all_editions

    for each in all_editions():
        sys.stdout.write(f"{each.name:<8}{each.date or '-':<12}{len(each.rules)}\n")
    return AGREE


def _diff(options: argparse.Namespace, parser: argparse.ArgumentParser) -> int:
    from apparch.catalogue.difference import compare
    from apparch.catalogue.editions import find
    from apparch.catalogue.policy import EditionError

    try:
        old, new = find(options.old), find(options.new)
    except EditionError as error:
        parser.error(str(error))
    changes = [
        each for each in compare(old, new) if not options.select or {each.rule, each.rule[:3]} & {*options.select}
    ]
    show = {"text": _text, "json": _json, "markdown": _markdown}[options.format]
    sys.stdout.write(show(old, new, changes, options.lang))
    sys.stdout.flush()
    return FINDINGS if changes and options.exit_code else AGREE


def _text(old: Edition, new: Edition, changes: Sequence[Change], language: Language) -> str:
    from apparch.catalogue.difference import CALLED, by_kind, counted
    from apparch.catalogue.why_changed import why_between

    nothing = "바뀐 것이 없다" if language == "ko" else "nothing changed"
    lines = [f"{_named(old)} -> {_named(new)}: {counted(changes, language) or nothing}"]
    for kind, found in by_kind(changes):
        lines += ["", CALLED[kind][language]]
        for each in found:
            lines.append(
                f"  {each.rule}  {_step(each, 'level'):<14}  {each.told.title[language]}{_aside(each, kind, language)}"
            )
            if (
                each.before
                and each.after
                and kind in ("reworded", "strengthened", "weakened")
                and language in each.reworded
            ):
                lines += [*_wrapped("-", each.before, language), *_wrapped("+", each.after, language)]
            for why in why_between(each, old, new):
                lines += _lines(f"{WHY[language]}: {why[language]}", language)
    return "\n".join(lines) + "\n"


def _wrapped(mark: str, demand: Demand, language: Language) -> list[str]:
    return _lines(f"{mark} {demand.statement[language]}", language)


def _lines(text: str, language: Language) -> list[str]:
    """A sentence in lines that a terminal of 80 columns shows whole; a Korean letter takes two."""
    width = 72 if language == "en" else 46
    return textwrap.wrap(text, width, initial_indent=" " * 4, subsequent_indent=" " * 6, break_on_hyphens=False)


def _markdown(old: Edition, new: Edition, changes: Sequence[Change], language: Language) -> str:
    from apparch.catalogue.difference import CALLED, by_kind, counted
    from apparch.catalogue.why_changed import why_between

    lines = [f"## {_named(old)} → {_named(new)}", "", counted(changes, language)]
    for kind, found in by_kind(changes):
        lines += ["", f"### {CALLED[kind][language]}", ""]
        for each in found:
            why = "".join(f" {told[language]}" for told in why_between(each, old, new))
            title = f"{each.told.title[language]}{_aside(each, kind, language)}"
            lines.append(f"- **{each.rule}** {_step(each, 'level')}: {title}{why and '.'}{why}")
    return "\n".join(lines).rstrip() + "\n"


def _json(old: Edition, new: Edition, changes: Sequence[Change], _: Language) -> str:
    from apparch.catalogue.why_changed import why_between

    data = {
        "from": {"version": old.name, "date": old.date},
        "to": {"version": new.name, "date": new.date},
        "changes": [
            {
                "rule": each.rule,
                "changes": list(each.kinds),
                "reworded": list(each.reworded),
                "why": [{"ko": why.ko, "en": why.en} for why in why_between(each, old, new)],
                "before": _demand(each.before),
                "after": _demand(each.after),
            }
            for each in changes
        ],
    }
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


def _demand(demand: Demand | None) -> dict[str, Any] | None:
    from apparch.catalogue.policy import rule_data

    return rule_data(demand) if demand else None


def _named(edition: Edition) -> str:
    return f"{edition.name} ({edition.date})" if edition.date else edition.name


def _step(change: Change, field: str) -> str:
    """What a rule's field was and is; one word where that is the same."""
    before, after = (getattr(each, field) for each in (change.before or change.told, change.after or change.told))
    return str(after) if before == after else f"{before} -> {after}"


def _aside(change: Change, kind: str, language: Language) -> str:
    """What the kind alone does not tell."""
    if kind == "retired" and change.told.replaced_by:
        return f" -> {change.told.replaced_by}"
    if kind == "reworded" and language not in change.reworded:
        return " (영어 문장만)" if language == "ko" else " (the Korean sentence only)"
    if kind in ("moved", "proof"):
        return f" ({_step(change, 'owner' if kind == 'moved' else 'proof')})"
    if kind in ("strengthened", "weakened") and change.before and change.before.owner != change.told.owner:
        return f" ({_step(change, 'owner')})"
    return ""
