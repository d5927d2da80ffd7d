"""TOML: a plain mapping, or why there is none."""

from __future__ import annotations

import tomllib
from typing import Any

from apparch.repository.places import Place, Problem


def parse_toml(text: str, path: str) -> dict[str, Any] | Problem:
    """The file's tables; a malformed or hostile one is a problem in its line."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = getattr(error, "lineno", None) or _line(str(error))
        return Problem(Place(path, line), f"not readable as TOML: {str(error).partition(' (at')[0]}")
    except (RecursionError, ValueError) as error:
        return Problem(Place(path), f"not readable as TOML: {type(error).__name__}")


def _line(message: str) -> int:
    _, _, rest = message.partition("(at line ")
    number = rest.partition(",")[0]
    return int(number) if number.isdigit() else 1
