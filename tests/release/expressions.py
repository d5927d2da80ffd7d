"""What an expression of a workflow means where all that it asks is known: a run has to know it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from apparch.repository import Place, Problem
from apparch.repository.workflow import UNKNOWN, interpolated, parse_expression
from apparch.repository.workflow import evaluate as evaluated
from apparch.repository.workflow.evaluation import truthy as taken_for_true


def truthy(value: object) -> bool:
    """Whether GitHub takes a value for true."""
    return taken_for_true(value) is True


def interpolate(text: str, contexts: Mapping[str, object]) -> str:
    """A workflow value with every `${{ }}` replaced by what it means."""
    found = interpolated(text, contexts)
    if found is None:
        raise ValueError(f"{text!r} asks for what a run does not know")
    return found


def evaluate(expression: str, contexts: Mapping[str, object]) -> Any:
    """What a condition means, with or without braces; ValueError where nobody can tell."""
    text = expression.strip()
    inner = text[3:-2] if text.startswith("${{") and text.endswith("}}") else text
    parsed = parse_expression(inner, Place("workflow"))
    value = UNKNOWN if isinstance(parsed, Problem) else evaluated(parsed, contexts)
    if value is UNKNOWN:
        raise ValueError(f"{expression!r} asks for what a run does not know")
    return value
