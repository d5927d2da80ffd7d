"""How Go and Helm write values: `%v`, `printf`, YAML, JSON."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from typing import Any

from apparch.repository.helm.traced import BEGIN, Piece, Traced, Unknown, is_open, joined
from apparch.repository.places import Place

_MEANT = re.compile(
    r"(?i)(y|n|yes|no|on|off|true|false|null|~|[-+]?[.](inf|nan)|[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+([.][0-9_]*)?"
    r"|[-+]?(0b[01_]+|0x[0-9a-f_]+|0o[0-7_]+|([.][0-9]+|[0-9][0-9_]*([.][0-9_]*)?)(e[-+]?[0-9]+)?)"
    r"|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([t ].*)?)?"
)
"""What YAML takes for something else than a text where it stands without quotes."""
_MARKED = re.compile(r"[-?:](\s|$)|[,\[\]{}#&*!|>'\"%@`]|---|[.]{3}$|.*(: | #|:$)")
"""What YAML takes for its own marks there."""
_VERB = re.compile(r"%([-+# 0]*)(\*|\d+)?(?:\.(\d+))?(\[\d+\])?(.)", re.DOTALL)
WIDEST = 1_000


def number(value: float) -> str:
    """A float as `%v` shows it: with an exponent from a million upwards."""
    if math.isnan(value) or math.isinf(value):
        return "NaN" if math.isnan(value) else "+Inf" if value > 0 else "-Inf"
    if value == 0:
        return "0"
    digits, _, exponent = f"{value!r}".partition("e")
    whole, _, fraction = digits.lstrip("-").partition(".")
    significant = (whole + fraction).lstrip("0")
    power = int(exponent or 0) + (len(whole) - 1 if whole.strip("0") else -len(fraction) + len(significant) - 1)
    significant = significant.rstrip("0") or "0"
    sign = "-" if value < 0 else ""
    if power < -4 or power >= max(21 if len(significant) > 21 else 6, 0):
        rest = f".{significant[1:]}" if len(significant) > 1 else ""
        return f"{sign}{significant[0]}{rest}e{'-' if power < 0 else '+'}{abs(power):02d}"
    return f"{value:.{max(len(significant) - power - 1, 0)}f}"


def text(value: Any) -> str:
    """A value as an action puts it out; nothing for one that is not there."""
    if isinstance(value, str):
        return value
    return "" if value is None else general(value)


def general(value: Any) -> str:
    """A value as `%v` shows it."""
    if isinstance(value, dict):
        return f"map[{' '.join(f'{key}:{general(each)}' for key, each in sorted(value.items()))}]"
    if isinstance(value, list):
        return f"[{' '.join(map(general, value))}]"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return number(value)
    return (
        value.hole
        if isinstance(value, Unknown)
        else "<nil>"
        if value is None
        else value
        if isinstance(value, str)
        else str(value)
    )


def quoted(value: str) -> str:
    """In double quotes, with escapes as both Go and YAML read them."""
    return json.dumps(str(value), ensure_ascii=False)


def printf(form: str, *values: Any) -> str:
    """What `printf` makes; what does not fit its verb is shown as Go does."""
    left = list(values)
    parts: list[str] = []
    at = 0
    for match in _VERB.finditer(form):
        parts.append(form[at : match.start()])
        at = match.end()
        flags, width, precision, _, verb = match.groups()
        if verb == "%":
            parts.append("%")
            continue
        if width == "*":
            width = str(int(left.pop(0))) if left else None
        if not left:
            parts.append(f"%!{verb}(MISSING)")
            continue
        made = _verb(verb, left.pop(0), int(precision) if precision else None, flags)
        size = min(int(width or 0), WIDEST)
        if size and not is_open(made):
            made = (
                made.ljust(size) if "-" in flags else made.rjust(size, "0" if "0" in flags and verb in "dfxX" else " ")
            )
        parts.append(made)
    parts.append(form[at:])
    return joined(parts)


def _verb(verb: str, value: Any, precision: int | None, flags: str) -> str:
    if is_open(value):
        return quoted(general(value)) if verb == "q" else general(value)
    if verb in ("v", "T"):
        return general(value) if verb == "v" else type_name(value)
    if value is None:
        return f"%!{verb}(<nil>)"
    made = _of_text(verb, value, precision, flags) if verb in "sqxX" else None
    made = made if made is not None else _of_number(verb, value, precision, flags)
    return made if made is not None else f"%!{verb}({type_name(value)}={general(value)})"


def _of_text(verb: str, value: Any, precision: int | None, flags: str) -> str | None:
    if isinstance(value, list):
        return f"[{' '.join(_verb(verb, each, precision, flags) for each in value)}]"
    if not isinstance(value, str):
        return general(value) if verb == "s" and isinstance(value, dict) else None
    cut = value if precision is None else value[:precision]
    return cut if verb == "s" else quoted(cut) if verb == "q" else cut.encode("utf-8").hex()


def _of_number(verb: str, value: Any, precision: int | None, flags: str) -> str | None:
    if isinstance(value, bool):
        return general(value) if verb == "t" else None
    if isinstance(value, int) and verb in "dxXob":
        return f"{'+' if '+' in flags and value >= 0 else ''}{value:{verb}}"
    if isinstance(value, float) and verb in "fFge":
        return number(value) if verb in "ge" else f"{value:.{6 if precision is None else min(precision, 100)}f}"
    return None


def type_name(value: Any) -> str:
    """The Go type that a value has in Helm."""
    return {
        bool: "bool", int: "int", float: "float64", dict: "map[string]interface {}", list: "[]interface {}",
    }.get(type(value), "string" if isinstance(value, str) else "map[string]interface {}" if isinstance(value, dict)
          else "[]interface {}" if isinstance(value, list) else "<nil>")  # fmt: skip


def to_json(value: Any, indent: str = "", level: int = 0) -> str:
    """A value as JSON, keys in order; what is not known is a text in quotes."""
    gap, inner, last = ("\n", indent * (level + 1), "\n" + indent * level) if indent else ("", "", "")
    if isinstance(value, dict | list):
        colon = ": " if indent else ":"
        made = (
            [f"{inner}{quoted(key)}{colon}{to_json(each, indent, level + 1)}" for key, each in sorted(value.items())]
            if isinstance(value, dict)
            else [f"{inner}{to_json(each, indent, level + 1)}" for each in value]
        )
        begin, end = "{}" if isinstance(value, dict) else "[]"
        return f"{begin}{gap}{(',' + gap).join(made)}{last}{end}" if made else f"{begin}{end}"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e21 else repr(value)
    if value is None or isinstance(value, int):
        return "null" if value is None else general(value)
    return quoted(general(value))


def to_yaml(value: Any, place: Place | None = None) -> Traced:
    """A value as YAML with an indent of two, keys in order, lists not indented."""
    return joined(_yaml(value, 0, place)).stripped("\n", left=False)


def _yaml(value: Any, level: int, place: Place | None) -> Iterator[str]:
    pad = "  " * level
    if isinstance(value, dict) and value:
        places = getattr(value, "places", {})
        for key, each in sorted(value.items()):
            where = places.get(key)
            head = f"{pad}{scalar(key, level)}:"
            nested = isinstance(each, dict | list) and bool(each)
            yield _from(f"{head}\n" if nested else f"{head} ", where)
            if not nested:
                yield _from(f"{scalar(each, level + 1)}\n", where)
            else:
                yield from _yaml(each, level if isinstance(each, list) else level + 1, where)
    elif isinstance(value, list) and value:
        places = getattr(value, "places", ())
        for at, each in enumerate(value):
            where = places[at] if at < len(places) else place
            inner = joined(_yaml(each, level + 1, where))
            yield _from(f"{pad}- ", where)
            yield inner.part(len(pad) + 2, len(inner)) if isinstance(each, dict | list) and each else inner
    else:
        yield _from(f"{scalar(value, level)}\n", place)


def _from(text: str, place: Place | None) -> str:
    return Traced.of(text, (Piece(0, None, 0, False, place),)) if place else text


def scalar(value: Any, level: int = 0) -> str:
    """A value without parts as YAML; a text of several lines as a block."""
    match value:
        case dict():
            return "{}"
        case list():
            return "[]"
        case None:
            return "null"
        case str():
            return _string(str(value), level)
    return general(value)


def _string(value: str, level: int) -> str:
    if "\n" in value.rstrip("\n") or (value.endswith("\n") and value.strip("\n")):
        lines = value.rstrip("\n").split("\n")
        ends = len(value) - len(value.rstrip("\n"))
        if lines[0][:1] not in (" ", "\t", "") and all(
            each.isprintable() or "\t" in each or BEGIN in each for each in lines
        ):
            mark = {0: "|-", 1: "|"}.get(ends, "|+")
            pad = "  " * max(level, 1)
            body = "\n".join(f"{pad}{each}" if each else "" for each in lines)
            return f"{mark}\n{body}" + "\n" * max(ends - 1, 0)
        return quoted(value)
    if (not value.isprintable() and BEGIN not in value) or _MEANT.fullmatch(value):
        return quoted(value)
    if value != value.strip() or _MARKED.match(value):
        doubled = value.replace("'", "''")
        return f"'{doubled}'"
    return value
