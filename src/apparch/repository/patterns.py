"""Path patterns as git writes them: `*` and `?` stay within one step of a path, `**` stands for any number of steps."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

LONGEST = 1000
"""The longest pattern that is read, in characters; a longer one means nothing."""
NOTHING = "(?!)"
_CLASSES = {
    "alpha": "a-zA-Z", "digit": "0-9", "alnum": "a-zA-Z0-9", "upper": "A-Z", "lower": "a-z", "space": r"\s",
    "xdigit": "0-9a-fA-F", "punct": r"!-/:-@\[-`{-~", "blank": r" \t", "cntrl": r"\x00-\x1f\x7f",
    "graph": "!-~", "print": " -~",
}  # fmt: skip


def fits(pattern: str, path: str) -> bool:
    """Whether a pattern means a whole path, from its first step to its last."""
    return _compiled(pattern.strip("/"), anchored=True).fullmatch(path) is not None


def chosen(patterns: Iterable[str], paths: Iterable[str]) -> list[str]:
    """The files that some patterns mean, as in a .gitattributes file.

    A pattern without a slash means files of that name in any folder; one that begins with a slash or has one inside
    is anchored at the root; one that ends in a slash means all that lies below a folder; of several patterns that
    mean a file the last decides, and one with `!` in front takes files away.
    """
    judged = [(not each.startswith("!"), _meant(each.removeprefix("!"))) for each in patterns]
    judged.reverse()
    return [path for path in paths if next((kept for kept, fit in judged if fit.fullmatch(path)), False)]


def _meant(pattern: str) -> re.Pattern[str]:
    inner = pattern.rstrip("/")
    written = expression(inner.lstrip("/"), anchored="/" in inner)
    return _regular(f"{written}/.+") if pattern.endswith("/") else _regular(written)


@lru_cache(maxsize=4096)
def _regular(written: str) -> re.Pattern[str]:
    return re.compile(written, re.DOTALL)


def _compiled(pattern: str, *, anchored: bool) -> re.Pattern[str]:
    return _regular(expression(pattern, anchored=anchored))


@lru_cache(maxsize=4096)
def expression(pattern: str, *, anchored: bool) -> str:
    """The regular expression for whole paths; matching takes no more than the product of both lengths.

    What is not anchored has one step and may stand in any folder.
    """
    if len(pattern) > LONGEST:
        return NOTHING
    if not anchored:
        return f"(?:[^/]+/)*{_step(pattern)}"
    chunks: list[list[str]] = [[]]
    for step in _steps(pattern):
        if step == "**":
            chunks.append([])
        else:
            chunks[-1].append(_step(step))
    first, *others = ["/".join(chunk) for chunk in chunks]
    if not others:
        return first
    # The first spot at which a chunk fits is as good as any later one: nothing is tried twice.
    middle = "".join(f"(?>(?:[^/]+/)*?{chunk}/)" for chunk in others[:-1] if chunk)
    last = f"(?:[^/]+/)*{others[-1]}" if others[-1] else ".+"
    return f"{first}{'/' if first else ''}{middle}{last}"


def _steps(pattern: str) -> list[str]:
    """What stands between slashes; in brackets or behind a backslash a slash is no border."""
    found, begin, at = [], 0, 0
    while at < len(pattern):
        if pattern[at] == "/":
            found.append(pattern[begin:at])
            begin = at + 1
        elif pattern[at] == "[":
            end = _class(pattern, at + 1)[1]
            at = end - 1 if end <= len(pattern) and pattern[end - 1] == "]" else at
        at += 2 if pattern[at] == "\\" else 1
    return [*found, pattern[begin:]]


def _step(step: str) -> str:
    """The expression of one step."""
    parts: list[str] = [""]
    at = 0
    while at < len(step):
        sign = step[at]
        at += 1
        if sign == "*":
            parts += [""] if parts[-1] or len(parts) == 1 else []
        elif sign == "?":
            parts[-1] += "[^/]"
        elif sign == "[":
            written, at = _class(step, at)
            parts[-1] += written
        elif sign == "\\":
            parts[-1] += re.escape(step[at]) if at < len(step) else NOTHING
            at += 1
        else:
            parts[-1] += re.escape(sign)
    if len(parts) == 1:
        return parts[0]
    middle = "".join(f"(?>[^/]*?{part})" for part in parts[1:-1])
    return f"{parts[0]}{middle}[^/]*{parts[-1]}"


def _class(step: str, at: int) -> tuple[str, int]:
    """The expression of what stands in brackets, and where it ends; one that does not end means nothing."""
    negated = step[at : at + 1] in ("!", "^")
    at += negated
    begin, members = at, ""
    while at < len(step) and (step[at] != "]" or at == begin):
        named = re.match(r"\[:(\w+):\]", step[at:])
        if named:
            members += _CLASSES.get(named[1], "")
            at += named.end()
            continue
        low, at = _member(step, at)
        if step[at : at + 1] == "-" and at + 1 < len(step) and step[at + 1] != "]":
            high, at = _member(step, at + 1)
            members += f"{re.escape(low)}-{re.escape(high)}" if low <= high else ""
        else:
            members += re.escape(low)
    if at >= len(step):
        return NOTHING, at
    if not members:
        return ("[^/]" if negated else NOTHING), at + 1
    return f"(?!/)[{'^' if negated else ''}{members}]", at + 1


def _member(step: str, at: int) -> tuple[str, int]:
    if step[at] == "\\" and at + 1 < len(step):
        return step[at + 1], at + 2
    return step[at], at + 1
