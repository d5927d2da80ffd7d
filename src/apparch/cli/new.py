"""`apparch new`: makes a repository from the template."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from apparch.cli.exit_codes import AGREE
from apparch.cli.options import add_debug, add_language

TEXTS = {
    "ko": {"made": "{folder}: 템플릿 {version}에서 파일 {count}개를 만들었다", "next": "다음 할 일: {file}"},
    "en": {"made": "{folder}: {count} files from template {version}", "next": "next: {file}"},
}


def add_to(commands: Any) -> None:
    """Add the command and its options."""
    parser = commands.add_parser(
        "new",
        help="make an App repo, or with --deploy its Deploy repo, from the template",
        description="Makes a repository that passes its own tests and apparch check as it is. What the template asks "
        "is asked at a terminal, unless --data answers it or --defaults is given. Needs apparch[template] and git.",
        epilog="Exit codes: 0 made, 2 the call is wrong and nothing was made, 3 the tool itself failed.",
    )
    parser.add_argument("name", metavar="NAME", help="of the project and its image: lower-case letters, digits, dashes")
    parser.add_argument("--deploy", action="store_true", help="make the Deploy repo of the app NAME")
    parser.add_argument(
        "--directory", type=Path, metavar="DIR", help="where it goes (default: NAME, with --deploy NAME-deploy)"
    )
    parser.add_argument(
        "--data", action="append", default=[], type=_answer, metavar="QUESTION=ANSWER",
        help="an answer, such as database=yes (repeatable)",
    )  # fmt: skip
    parser.add_argument("--defaults", action="store_true", help="ask nothing: what is not answered takes its default")
    parser.add_argument(
        "--template",
        default="",
        metavar="URL",
        help="a Git repository of another template (default: our own)",
    )
    add_language(parser)
    add_debug(parser)
    parser.set_defaults(run=lambda options: run(options, parser))


def run(options: argparse.Namespace, parser: argparse.ArgumentParser) -> int:
    """Make it and say where it begins."""
    from apparch.template import TemplateError
    from apparch.template.new import make

    kind = "deploy" if options.deploy else "app"
    given = dict(options.data)
    if taken := [key for key in ("kind", "name") if key in given]:
        parser.error(f"--data {taken[0]}: that is said by NAME and --deploy")
    folder = options.directory or Path(f"{options.name}-deploy" if options.deploy else options.name)
    # The language of the docs is that of who makes them, unless it was said.
    language = {} if options.template else {"language": options.lang}
    answers = {"kind": kind, "name": options.name, **language, **given}
    try:
        made = make(folder, answers, template=options.template, defaults=options.defaults or not sys.stdin.isatty())
    except TemplateError as error:
        parser.error(str(error))
    told = TEXTS[options.lang]
    print(told["made"].format(folder=made.folder, version=made.version, count=len(made.files)))
    print(told["next"].format(file=made.folder / ("README.md" if options.deploy else "docs/README.md")))
    return AGREE


def _answer(text: str) -> tuple[str, str]:
    key, sign, value = text.partition("=")
    if not sign or not key.strip():
        raise argparse.ArgumentTypeError(f"{text!r} is no QUESTION=ANSWER")
    return key.strip(), value
