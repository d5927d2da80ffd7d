"""Which environment a directory is, by its name."""

from __future__ import annotations

import re
from typing import Literal

Stage = Literal["production", "staging", "development"]

_NAMES: dict[str, Stage] = {
    **dict.fromkeys(("production", "prod", "prd", "live"), "production"),
    **dict.fromkeys(("staging", "stage", "stg", "preprod", "preproduction"), "staging"),
    **dict.fromkeys(("development", "dev", "develop", "local", "test", "testing", "qa", "uat"), "development"),
    **dict.fromkeys(("sandbox", "preview", "ephemeral", "minikube", "kind", "ci", "nonprod"), "development"),
}  # fmt: skip
_BEFORE = ("pre", "non", "not")
"""Before a stage, as in `pre-prod`, these make another one of it."""


def stage(directory: str) -> Stage | None:
    """The stage of the deepest folder that names one; None where none does."""
    for folder in reversed(directory.lower().split("/")):
        words = re.split(r"[-_.]", folder)
        named = [found for each in words if (found := _NAMES.get(each))]
        if named and any(each in _BEFORE for each in words):
            return "staging" if "pre" in words else "development"
        if len(set(named)) == 1:
            return named[0]
    return None
