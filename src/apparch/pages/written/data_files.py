"""The data files that stand beside the pages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from apparch.catalogue import yaml_text
from apparch.pages.errors import PageError


def read_data(root: Path, name: str) -> Any:
    """What a data file below the repository's root holds; None where there is no such file.

    Raises:
        PageError: it is not readable as YAML.
    """
    file = root / name
    if not file.is_file():
        return None
    try:
        return yaml_text.read(file.read_text("utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise PageError(f"{name}: not readable as YAML: {error}") from error
