"""Options that several commands share."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING

from apparch.links import DOCS_URL

if TYPE_CHECKING:
    from apparch.catalogue.model import Language

FORMATS = ("text", "json", "sarif", "github", "markdown", "junit")
"""The forms in which findings are shown."""


def folder(text: str) -> Path:
    """A folder that is there."""
    path = Path(text)
    if "\0" in text or not path.is_dir():
        raise argparse.ArgumentTypeError(f"{text!r} is no folder")
    return path


def add_url(parser: argparse.ArgumentParser) -> None:
    """`--url`: the site that the rules' links lead to."""
    parser.add_argument(
        "--url",
        default=os.environ.get("APPARCH_DOCS_URL") or DOCS_URL,
        metavar="BASE",
        help="the site that the rules' links lead to (default: $APPARCH_DOCS_URL, else %(default)s)",
    )


def add_language(parser: argparse.ArgumentParser) -> None:
    """`--lang`: Korean or English; by default that of the locale."""
    parser.add_argument(
        "--lang", choices=("ko", "en"), default=_language(), help="the report's language (default: the locale's)"
    )


def add_debug(parser: argparse.ArgumentParser) -> None:
    """`--debug`: the traceback of a fault of our own."""
    parser.add_argument("--debug", action="store_true", help="show the traceback if the tool itself fails")


def _language() -> Language:
    locale = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "")
    return "ko" if locale.startswith("ko") else "en"
