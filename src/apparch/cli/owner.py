"""`apparch owner`: says which repo a file belongs to, by which rule, with the four questions answered."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from apparch.cli.exit_codes import AGREE, FINDINGS
from apparch.cli.options import add_debug, add_language, add_url

if TYPE_CHECKING:
    from apparch.owner import Ownership

_HOMES = {
    "app": ("App 레포", "App repo"),
    "deploy": ("Deploy 레포", "Deploy repo"),
    "neither": ("어느 레포에도 두지 않는다", "in neither repo"),
    "unknown": (
        "이름만으로는 알 수 없다: 네 질문을 차례로 묻는다",
        "its name does not tell; ask the four questions in turn",
    ),
}


def add_to(commands: Any) -> None:
    """Add the command and its options."""
    parser = commands.add_parser(
        "owner",
        help="say which repo a file belongs to",
        description="Says for each path whether it belongs to the App repo or the Deploy repo, and by which rule. "
        "Where a change holds files of both, split it.",
        epilog="Exit codes: 0 all of one repo, 1 of both or of neither, 2 the call is wrong, 3 the tool itself failed.",
    )
    parser.add_argument("paths", nargs="*", metavar="PATH", help="a path as it is, or as it would be, in a repository")
    parser.add_argument("--diff", metavar="BASE", help="the files changed since a revision, or in a file with a diff")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="default: text")
    add_language(parser)
    add_url(parser)
    add_debug(parser)
    parser.set_defaults(run=lambda options: run(options, parser))


def run(options: argparse.Namespace, parser: argparse.ArgumentParser) -> int:
    """Write where each path belongs."""
    from apparch.owner import owner_of
    from apparch.repository.given import repository_path

    paths = [repository_path(each) for each in options.paths]
    if options.diff:
        from apparch.changes import ChangesError, changed_lines

        try:
            paths += sorted(changed_lines(options.diff, Path()))
        except ChangesError as error:
            parser.error(f"--diff {options.diff}: {error}")
    if not paths and not options.diff:
        parser.error("owner needs a path or --diff")
    found = [owner_of(path) for path in paths]
    show = _json if options.format == "json" else _text
    sys.stdout.write(show(found, options))
    sys.stdout.flush()
    homes = {each.home for each in found} - {"unknown"}
    return FINDINGS if len(homes) > 1 or "neither" in homes else AGREE


def _text(found: list[Ownership], options: argparse.Namespace) -> str:
    from apparch.links import neutral_url
    from apparch.owner import QUESTIONS
    from apparch.repository.safe_text import printable

    korean = options.lang == "ko"
    lines: list[str] = []
    for each in found:
        home = _HOMES[each.home][0 if korean else 1]
        lines.append(f"{printable(each.path)}: {home}{f' ({each.rule})' if each.rule else ''}")
        for question, answer in zip(QUESTIONS, each.answers or (None,) * 4, strict=True):
            if each.answers or each.home == "unknown":
                shown = (
                    "?" if answer is None else ("예" if answer else "아니요") if korean else ("yes" if answer else "no")
                )
                lines.append(f"  {question[options.lang]} {shown}")
        if each.rule:
            lines.append(f"  {neutral_url(options.url, each.rule)}")
    homes = {each.home for each in found}
    if {"app", "deploy"} <= homes:
        lines.append(
            "두 레포의 것이 섞여 있다: 변경을 나눈다." if korean else "It holds files of both repos; split the change."
        )
    return "".join(f"{line}\n" for line in lines)


def _json(found: list[Ownership], options: argparse.Namespace) -> str:
    entries = [
        {"path": each.path, "home": each.home, "rule": each.rule, "answers": each.answers and list(each.answers)}
        for each in found
    ]
    return json.dumps(entries, indent=2, ensure_ascii=False) + "\n"
