"""`apparch rule`: explains a rule, lists all, or looks for words."""

from __future__ import annotations

import argparse
import json
import sys
from typing import TYPE_CHECKING, Any

from apparch.cli.exit_codes import AGREE, USAGE
from apparch.cli.options import add_debug, add_language, add_url

if TYPE_CHECKING:
    from apparch.catalogue import Catalogue, Rule


def add_to(commands: Any) -> None:
    """Add the command and its options."""
    parser = commands.add_parser(
        "rule", help="explain a rule, list all, or search", description="Explains a rule; without an ID, lists them."
    )
    parser.add_argument("id", nargs="?", metavar="ID", help="a rule, IMG002, or a family, IMG")
    parser.add_argument("--search", metavar="WORDS", help="rules about these words, the likeliest first")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="default: text")
    add_language(parser)
    add_url(parser)
    add_debug(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Write what was asked for; an ID that does not exist is a wrong call, and the nearest one is named."""
    from apparch.catalogue import load_catalogue

    catalogue = load_catalogue()
    wanted = (options.id or "").upper()
    families = {family.id for family in catalogue.families}
    if wanted and wanted not in catalogue.rules and wanted not in families:
        from apparch.repository.nearest import closest

        near = closest(wanted, [*catalogue.rules, *families], 0.5)
        print(f"apparch: {options.id} is no rule{f'; did you mean {near}?' if near else ''}", file=sys.stderr)
        return USAGE
    rules = list(catalogue.rules.values())
    if options.search:
        from apparch.catalogue.lookup import find

        rules = find(options.search)
    rules = [each for each in rules if not wanted or wanted in (each.id, each.id[:3])]
    if options.format == "json":
        sys.stdout.write(json.dumps([_entry(each, options) for each in rules], indent=2, ensure_ascii=False) + "\n")
    elif wanted in catalogue.rules and rules:
        sys.stdout.write(_explained(rules[0], catalogue, options))
    else:
        sys.stdout.write("".join(f"{each.id}  {each.level:<6}  {each.title[options.lang]}\n" for each in rules))
    sys.stdout.flush()
    return AGREE


def _explained(rule: Rule, catalogue: Catalogue, options: argparse.Namespace) -> str:
    from apparch.checks import judges
    from apparch.checks.unjudged import why_unjudged
    from apparch.links import neutral_url

    language = options.lang
    family = next(each for each in catalogue.families if each.id == rule.id[:3])
    lines = [
        f"{rule.id}  {rule.title[language]}",
        f"{rule.level}, {rule.owner}, {family.title[language]}",
        "",
        rule.statement[language],
        "",
        rule.reason[language],
        "",
        f"{'고치기' if language == 'ko' else 'Repair'}: {rule.repair[language]}",
    ]
    if rule.review:
        lines += ["", rule.review.question[language]]
    if judges([rule.id]):
        lines += ["", f"apparch check --select {rule.id}"]
    elif why := why_unjudged(rule):
        said = "apparch check는 판정하지 않는다" if language == "ko" else "apparch check does not judge it"
        lines += ["", f"{said}: {why[language]}"]
    if rule.replaced_by:
        lines += ["", f"-> {rule.replaced_by}"]
    return "\n".join([*lines, neutral_url(options.url, rule.id)]) + "\n"


def _entry(rule: Rule, options: argparse.Namespace) -> dict[str, Any]:
    from apparch.links import neutral_url

    texts = {key: getattr(rule, key)[options.lang] for key in ("title", "statement", "reason", "repair")}
    return {
        "id": rule.id,
        "level": rule.level,
        "owner": rule.owner,
        "proof": rule.proof,
        "since": rule.since,
        **texts,
        "applies": {"languages": list(rule.applies.languages), "files": list(rule.applies.files)},
        "url": neutral_url(options.url, rule.id),
    }
