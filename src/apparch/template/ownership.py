"""Who owns each file that the template makes, as `owned.toml` in its folder says."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from apparch.template import TemplateError, home

FILE = "owned.toml"


@dataclass(frozen=True)
class Ownership:
    """The files of one kind of repository, by their owner; each stands once, whatever was asked for."""

    template: frozenset[str]
    """Kept as they are, and brought anew by each version."""
    app: frozenset[str]
    """Written once, then the repository's own."""
    both: Mapping[str, tuple[str, ...]]
    """TOML files whose named keys (`project.version`) are the repository's, and whose others are the template's."""


def read_ownership(kind: str = "app", folder: Path | None = None) -> Ownership:
    """Who owns the files of an `app` or a `deploy` repository; without a folder, of the template carried here.

    Raises:
        TemplateError: the file is missing or malformed.
    """
    try:
        told = tomllib.loads(((folder or home()) / FILE).read_text("utf-8"))[kind]
        both = {file: tuple(keys) for file, keys in told.get("both", {}).items()}
        return Ownership(frozenset(told["template"]), frozenset(told["app"]), both)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError, TypeError, AttributeError) as error:
        raise TemplateError(f"{FILE}: not readable: {error}") from error
