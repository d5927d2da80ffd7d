"""What a check of a real cluster is: its steps as data, and how it came out."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import yaml

CHECKS = Path(__file__).with_name("checks.yaml")
_KINDS = ("run", "fails", "until", "unless")


@dataclass(frozen=True)
class Step:
    """One kubectl command as its words, and what has to come of it; `within` and `seconds` are seconds."""

    kind: str
    command: tuple[str, ...]
    given: str = ""
    says: str = ""
    within: float = 0
    seconds: tuple[float, float] | None = None
    reason: dict[str, str] | None = None

    def arguments(self, values: dict[str, str]) -> list[str]:
        """The command's words, with what each name in braces stands for."""
        return [_filled(word, values) for word in self.command]

    def content(self, values: dict[str, str]) -> str:
        """The command's input."""
        return _filled(self.given, values)


@dataclass(frozen=True)
class Check:
    """Something that only a real cluster can confirm."""

    id: str
    texts: dict[str, str]
    steps: tuple[Step, ...]
    image: bool = False
    real: bool = False


class Outcome(StrEnum):
    """How a check came out."""

    PASSED = "pass"
    FAILED = "FAIL"
    NOT_TESTED = "not tested"


@dataclass(frozen=True)
class Result:
    """A check's outcome, and why where it did not pass."""

    check: Check
    outcome: Outcome
    why: str = ""


def checks() -> list[Check]:
    """All checks, in their order."""
    told = yaml.safe_load(CHECKS.read_text("utf-8"))["checks"]
    return [
        Check(
            each["id"],
            {"ko": each["ko"], "en": each["en"]},
            tuple(_step(step) for step in each["steps"]),
            each.get("image", False),
            each.get("real", False),
        )
        for each in told
    ]


def _step(told: dict[str, Any]) -> Step:
    (kind,) = (each for each in _KINDS if each in told)
    seconds = told.get("seconds")
    return Step(
        kind,
        tuple(told[kind].split() if isinstance(told[kind], str) else told[kind]),
        json.dumps(told["given"]) if "given" in told else "",
        told.get("says", ""),
        told.get("within", 0),
        (seconds[0], seconds[1]) if seconds else None,
        told.get("reason"),
    )


def _filled(text: str, values: dict[str, str]) -> str:
    for name, value in values.items():
        text = text.replace("{" + name + "}", value)
    return text
