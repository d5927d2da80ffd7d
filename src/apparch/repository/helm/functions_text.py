"""Template functions that make texts of texts."""

from __future__ import annotations

import base64
import hashlib
import re
import zlib
from collections.abc import Callable, Mapping
from typing import Any

from apparch.repository.helm.shown import general, printf, quoted
from apparch.repository.helm.traced import Items, Map, Traced, is_open, joined

LONGEST = 200_000
"""How long a text may become by repeating or indenting it."""
_PATTERN, _SUBJECT = 200, 1_000
_NESTED = re.compile(r"\)[*+{]|[*+}][*+{]")


class CannotTellError(Exception):
    """A function's result is not computed: it would cost too much, or needs what is not there."""


def _word(value: Any) -> str:
    """A value as a text, as sprig's `strval` makes one."""
    return value if isinstance(value, str) else general(value)


def _trace(value: Any) -> Traced:
    text = _word(value)
    return text if isinstance(text, Traced) and hasattr(text, "pieces") else Traced.of(text)


def _quote(mark: Callable[[Any], tuple[str, str, str]]) -> Callable[..., Any]:
    def made(*values: Any) -> Any:
        parts: list[str] = []
        for value in values:
            if value is not None:
                parts += [" " if parts else "", *mark(value)]
        return joined(parts)

    return made


def _double(value: Any) -> tuple[str, str, str]:
    inner = quoted(_word(value))[1:-1]
    return '"', _word(value) if inner == _word(value) else inner, '"'


def _single(value: Any) -> tuple[str, str, str]:
    return "'", _word(value), "'"


def _indent(size: Any, value: Any) -> Traced:
    pad, text = " " * min(max(int(size), 0), 200), _trace(value)
    if len(text) + len(pad) * (text.count("\n") + 1) > LONGEST:
        raise CannotTellError
    parts: list[str] = []
    at = 0
    for line in str(text).split("\n"):
        parts += [pad, text.part(at, at + len(line)), "\n"]
        at += len(line) + 1
    return joined(parts[:-1])


def _cut(size: Any, value: Any) -> Any:
    length, text = int(size), _trace(value)
    if is_open(text):
        return text
    return text.part(max(len(text) + length, 0), len(text)) if length < 0 else text.part(0, min(length, len(text)))


def _substring(start: Any, end: Any, value: Any) -> Any:
    text, begin, stop = _trace(value), int(start), int(end)
    if begin < 0:
        return text.part(0, min(max(stop, 0), len(text)))
    return text.part(begin, len(text) if stop < 0 or stop > len(text) else stop)


def _without(prefix: bool) -> Callable[[Any, Any], Any]:
    def made(mark: Any, value: Any) -> Any:
        text, cut = _trace(value), _word(mark)
        if not cut or not (text.startswith(cut) if prefix else text.endswith(cut)):
            return text
        return text.part(len(cut), len(text)) if prefix else text.part(0, len(text) - len(cut))

    return made


def _split(mark: Any, value: Any, most: int = -1) -> Map:
    return Map({f"_{at}": each for at, each in enumerate(_list(mark, value, most))})


def _list(mark: Any, value: Any, most: int = -1) -> list[str]:
    text = _word(value)
    return list(text) if mark == "" else text.split(_word(mark), most)


def _snake(mark: str) -> Callable[[Any], str]:
    def made(value: Any) -> str:
        spaced = re.sub(r"([a-z0-9])([A-Z])|([A-Z])(?=[A-Z][a-z])", rf"\1\3{mark}\2", _word(value))
        return re.sub(r"[-_ .]+", mark, spaced).lower()

    return made


def _camel(value: Any) -> str:
    return "".join(each[:1].upper() + each[1:] for each in re.split(r"[-_ ]+", _word(value)))


def _regex(pattern: Any, value: Any) -> re.Pattern[str]:
    said = _word(pattern)
    if (
        len(said) > _PATTERN
        or len(_word(value)) > _SUBJECT
        or _NESTED.search(said)
        or len(re.findall(r"[*+{]", said)) > 6
    ):
        raise CannotTellError
    try:
        return re.compile(said)
    except (re.error, OverflowError, RecursionError):
        raise CannotTellError from None


def _replaced(pattern: Any, value: Any, by: Any) -> str:
    template = re.sub(r"\\", r"\\\\", _word(by))
    return _regex(pattern, value).sub(re.sub(r"\$\{?(\w+)\}?", r"\\g<\1>", template), _word(value))


def _found(pattern: Any, value: Any) -> str:
    match = _regex(pattern, value).search(_word(value))
    return match[0] if match else ""


def _repeated(count: Any, value: Any) -> str:
    if int(count) * len(_word(value)) > LONGEST:
        raise CannotTellError
    return _word(value) * int(count)


def _decoded(value: Any) -> str:
    return base64.b64decode(_word(value)).decode("utf-8")


def _digest(name: str) -> Callable[[Any], str]:
    return lambda value: hashlib.new(name, _word(value).encode()).hexdigest()


OPEN: Mapping[str, Callable[..., Any]] = {
    "quote": _quote(_double),
    "squote": _quote(_single),
    "print": lambda *values: joined(_spaced(values)),
    "println": lambda *values: " ".join(map(_word, values)) + "\n",
    "printf": printf,
    "cat": lambda *values: " ".join(_word(each) for each in values if each is not None),
    "indent": _indent,
    "nindent": lambda size, value: joined(("\n", _indent(size, value))),
    "trim": lambda value: _trace(value).stripped(),
    "toString": _word,
    "join": lambda mark, values: _word(mark).join(
        _word(each) for each in (values if isinstance(values, list) else [values]) if each is not None
    ),
    "trunc": _cut,
    "trimSuffix": _without(prefix=False),
    "trimPrefix": _without(prefix=True),
    "trimAll": lambda marks, value: _trace(value).stripped(_word(marks)),
    "replace": lambda old, new, value: _word(value).replace(_word(old), _word(new)),
    "lower": lambda value: value if is_open(value) else _word(value).lower(),
    "b64enc": lambda value: base64.b64encode(_word(value).encode()).decode(),
}  # fmt: skip
"""Those whose result says something even where a part of it is not known."""


def _spaced(values: tuple[Any, ...]) -> list[str]:
    parts: list[str] = []
    for at, each in enumerate(values):
        if at and not isinstance(each, str) and not isinstance(values[at - 1], str):
            parts.append(" ")
        parts.append(_word(each))
    return parts


KNOWN: Mapping[str, Callable[..., Any]] = {
    "upper": lambda value: _word(value).upper(),
    "title": lambda value: re.sub(r"(^|[\s_-])(\w)", lambda match: match[1] + match[2].upper(), _word(value)),
    "untitle": lambda value: _word(value)[:1].lower() + _word(value)[1:],
    "nospace": lambda value: re.sub(r"\s", "", _word(value)),
    "initials": lambda value: "".join(each[0] for each in _word(value).split()),
    "swapcase": lambda value: _word(value).swapcase(),
    "trimLeft": lambda marks, value: _trace(value).stripped(_word(marks), right=False),
    "trimRight": lambda marks, value: _trace(value).stripped(_word(marks), left=False),
    "contains": lambda part, value: _word(part) in _word(value),
    "hasPrefix": lambda part, value: _word(value).startswith(_word(part)),
    "hasSuffix": lambda part, value: _word(value).endswith(_word(part)),
    "substr": _substring,
    "repeat": _repeated,
    "split": _split,
    "splitn": lambda mark, count, value: _split(mark, value, int(count) - 1),
    "splitList": lambda mark, value: Items(_list(mark, value)),
    "toStrings": lambda values: Items(_word(each) for each in values),
    "sortAlpha": lambda values: Items(sorted(map(_word, values))),
    "snakecase": _snake("_"),
    "kebabcase": _snake("-"),
    "camelcase": _camel,
    "wrap": lambda size, value: _word(value),
    "regexMatch": lambda pattern, value: bool(_regex(pattern, value).search(_word(value))),
    "regexFind": _found,
    "regexFindAll": lambda pattern, value, count: Items(
        [each[0] for each in _regex(pattern, value).finditer(_word(value))][: int(count) if int(count) >= 0 else None]
    ),
    "regexSplit": lambda pattern, value, count: Items(_regex(pattern, value).split(_word(value))),
    "regexReplaceAll": _replaced,
    "regexReplaceAllLiteral": lambda pattern, value, by: _regex(pattern, value).sub(lambda _: _word(by), _word(value)),
    "regexQuoteMeta": lambda value: re.escape(_word(value)),
    "b64dec": _decoded,
    "sha1sum": _digest("sha1"),
    "sha256sum": _digest("sha256"),
    "sha512sum": _digest("sha512"),
    "adler32sum": lambda value: str(zlib.adler32(_word(value).encode())),
    "html": lambda value: _word(value).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"),
    "base": lambda value: _word(value).rstrip("/").rpartition("/")[2] or ".",
    "dir": lambda value: _word(value).rpartition("/")[0] or ".",
    "ext": lambda value: "".join(_word(value).rpartition("/")[2].rpartition(".")[1:]) if "." in _word(value) else "",
}  # fmt: skip
"""Those that need to know all of what they are given."""
