"""What an expression of GitHub means, as far as the contexts that are given tell."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final

from apparch.repository.places import Place, Problem
from apparch.repository.workflow.expressions import (
    Call,
    Expression,
    Literal,
    Name,
    Operation,
    as_text,
    parse_expression,
)

_EMBEDDED = re.compile(r"\$\{\{((?:'(?:[^']|'')*'|(?!\}\})[^'])*)\}\}", re.DOTALL)


class Unknown:
    """What the given contexts do not tell."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = Unknown()


def evaluate(expression: Expression, contexts: Mapping[str, Any]) -> Any:
    """The value: a text, number, bool, None, list or mapping; UNKNOWN where a context or function does not tell.

    A context that is given is taken to be complete: what it lacks is null, as at GitHub. The functions of status
    (`success`, `failure`, `cancelled`) ask the context `status`.
    """
    match expression:
        case Literal(value=value):
            return value
        case Name(path=path):
            return UNKNOWN if expression.below else _looked_up(path, contexts)
        case Operation(operator="!", operands=(operand,)):
            value = truthy(evaluate(operand, contexts))
            return value if value is UNKNOWN else not value
        case Operation(operator=operator, operands=(left, right)):
            return _operation(operator, left, right, contexts)
        case Call():
            return _call(expression, contexts)
    return UNKNOWN


def holds(expression: Expression, contexts: Mapping[str, Any]) -> bool | None:
    """Whether a condition is met; None where the contexts do not tell."""
    value = truthy(evaluate(expression, contexts))
    return value if isinstance(value, bool) else None


def interpolated(text: str, contexts: Mapping[str, Any]) -> str | None:
    """A text with every `${{ }}` replaced by its value; None where one is not told."""
    written, at = "", 0
    for match in _EMBEDDED.finditer(text):
        expression = parse_expression(match[1].strip(), Place(""))
        value = UNKNOWN if isinstance(expression, Problem) else evaluate(expression, contexts)
        if value is UNKNOWN:
            return None
        written += text[at : match.start()] + as_text(value)
        at = match.end()
    return written + text[at:]


def truthy(value: Any) -> Any:
    """Whether GitHub takes a value for true; UNKNOWN stays what it is."""
    if value is UNKNOWN:
        return UNKNOWN
    return not (value in (None, False, "", 0) or (isinstance(value, float) and math.isnan(value)))


def _looked_up(path: tuple[str, ...], contexts: Mapping[str, Any]) -> Any:
    found: Any = contexts
    for index, step in enumerate(path):
        if step == "*":
            return UNKNOWN
        lowered = {key.lower(): each for key, each in found.items()} if isinstance(found, Mapping) else {}
        if index == 0 and step.lower() not in lowered:
            return UNKNOWN
        found = lowered.get(step.lower())
    return found


def _operation(operator: str, left: Expression, right: Expression, contexts: Mapping[str, Any]) -> Any:
    first = evaluate(left, contexts)
    if operator in ("&&", "||"):
        decided = truthy(first)
        if decided is UNKNOWN:
            other = truthy(evaluate(right, contexts))
            return other if other is (operator == "||") else UNKNOWN
        return first if decided == (operator == "||") else evaluate(right, contexts)
    second = evaluate(right, contexts)
    if UNKNOWN in (first, second):
        return UNKNOWN
    if operator in ("==", "!="):
        return _equal(first, second) == (operator == "==")
    if isinstance(first, str) and isinstance(second, str):
        order = (first.upper() > second.upper()) - (first.upper() < second.upper())
    else:
        low, high = _as_number(first), _as_number(second)
        if math.isnan(low) or math.isnan(high):
            return False
        order = (low > high) - (low < high)
    return {"<": order < 0, "<=": order <= 0, ">": order > 0, ">=": order >= 0}[operator]


def _equal(first: Any, second: Any) -> bool:
    if isinstance(first, str) and isinstance(second, str):
        return first.upper() == second.upper()
    if isinstance(first, Mapping | list) or isinstance(second, Mapping | list):
        return first is second
    return (type(first) is type(second) and first == second) or _as_number(first) == _as_number(second)


def _as_number(value: Any) -> float:
    match value:
        case None:
            return 0.0
        case bool() | int() | float():
            return float(value)
        case str():
            try:
                return float(value.strip() or 0)
            except ValueError:
                return math.nan
    return math.nan


def _call(call: Call, contexts: Mapping[str, Any]) -> Any:
    name = call.name.lower()
    if name == "always":
        return True
    if name in ("success", "failure", "cancelled"):
        return contexts["status"] == name if "status" in contexts else UNKNOWN
    given = [evaluate(each, contexts) for each in call.arguments]
    return UNKNOWN if UNKNOWN in given or call.path else _result(name, given)


def _result(name: str, given: list[Any]) -> Any:
    result: Any = UNKNOWN
    match name, given:
        case "startswith", [text, part]:
            result = as_text(text).upper().startswith(as_text(part).upper())
        case "endswith", [text, part]:
            result = as_text(text).upper().endswith(as_text(part).upper())
        case "contains", [list() as listed, wanted]:
            result = any(_equal(each, wanted) for each in listed)
        case "contains", [text, part]:
            result = as_text(part).upper() in as_text(text).upper()
        case "format", [text, *others]:
            result = _formatted(as_text(text), others)
        case "join", [list() as listed, *separator]:
            result = as_text(separator[0] if separator else ",").join(as_text(each) for each in listed)
        case "tojson", [value]:
            result = json.dumps(value, indent=2)
        case "fromjson", [text]:
            with suppress(ValueError, RecursionError):
                result = json.loads(as_text(text))
    return result


def _formatted(text: str, given: list[Any]) -> Any:
    def put(match: re.Match[str]) -> str:
        if match[1] is None:
            return match[0][0]
        return as_text(given[int(match[1])]) if int(match[1]) < len(given) else match[0]

    return re.sub(r"\{\{|\}\}|\{([0-9]{1,3})\}", put, text)
