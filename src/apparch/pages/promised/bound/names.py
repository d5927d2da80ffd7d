"""Whether what a code span names exists: each shape of name is looked up where names of that shape come from."""

from __future__ import annotations

import re
from collections.abc import Callable

from apparch.pages.promised.bound.commands import is_command, wrong_in
from apparch.pages.promised.bound.product import WORD, Product

ENDINGS = r"ya?ml|md|py|toml|txt|json|sh|ini|tpl|env|mako|example|console|mmd"
PATH = re.compile(rf"(?:[\w.*{{}},<>-]+/)+[\w.*{{}},<>-]*|[\w.*{{}}-]*\.(?:{ENDINGS})|\.[a-z][\w.*-]*/?|\.\.\.")
VARIABLE = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+")
ROUTE = re.compile(r"(?:(?:GET|POST|PUT|DELETE) )?(?P<path>/[\w/{}*.-]*)")
CAMEL = re.compile(r"[a-z]+(?:[A-Z][a-z0-9]*)+|[A-Z][a-z0-9]+(?:[A-Z][a-z0-9]*)+")
# What a reader fills in, what stands for the rest, what joins words.
OPEN = re.compile(r"-{0,2}[A-Z]+|\.{1,3}|[|&<>=+-]*|\d+(?:\.\d+)*|-[a-z]")
FILLED_IN = re.compile(r"\{[^{}:\"]*\}|<[^<>]*>")
TAG = re.compile(r"v\d+\.\S+|sha-[0-9a-f]+")
METRIC = re.compile(r"(?P<name>[a-z_]+)\{(?P<labels>[a-z_]+(?:, ?[a-z_]+)*)\}")
# A value is right or wrong only together with its key, a number with the word before it.
SETTING = re.compile(r"(?P<key>[\w./-]+)(?:\[\])?[:=] ?(?P<value>[^\s:=.]+)|[A-Za-z-]+ \d+")
ASSIGNED = re.compile(r"([A-Za-z_][\w.]*|--[\w-]+)[=:](.*)")


def missing(name: str, product: Product) -> str | None:
    """What of a code span's name does not exist; None where all of it does."""
    if is_command(name):
        return wrong_in(name, product)
    for shape, resolve in SHAPES:
        if shape.fullmatch(name):
            return resolve(name, product)
    return _words(name, product)


def _path(name: str, product: Product) -> str | None:
    if product.has_path(name) or name.strip("/") in product.ignored:
        return None
    if "/" not in name and not re.search(rf"\.(?:{ENDINGS})$", name) and not name.startswith("."):
        # A dotted word such as `images[].newName` has the shape of a file.
        return _words(name, product)
    # An image, an action or a label is no path of a repository and stands in the code as it is.
    if "/" in name and "." not in name.rpartition("/")[2] and _verbatim(name, product):
        return None
    return f"no file or folder {name}"


def _variable(name: str, product: Product) -> str | None:
    return None if name in product.variables or name in product.words else f"no variable {name}"


def _route(name: str, product: Product) -> str | None:
    path = re.sub(r"\{\w+\}", "{}", name.rsplit(" ", maxsplit=1)[-1])
    routes = {re.sub(r"\{\w+\}", "{}", route) for route in product.routes}
    start = re.fullmatch(r"(/[\w/]*/)(?:\*|\.\.\.)?", path)
    if path in routes or (start and any(route.startswith(start.group(1)) for route in routes)):
        return None
    # Folders of the container and patterns of ignore files begin with a slash too; a piece of a route is none of them.
    if not any(route.startswith(path.rstrip("/")) or route.endswith(path) for route in routes) and _verbatim(
        path, product
    ):
        return None
    return f"no route {path}"


def _tag(name: str, product: Product) -> str | None:
    return None if product.immutable_tag.fullmatch(name) else f"no tag that may be deployed: {name}"


def _metric(name: str, product: Product) -> str | None:
    match = METRIC.fullmatch(name)
    assert match
    labels = product.metrics.get(match.group("name"))
    if labels is None:
        return f"no metric {match.group('name')}"
    unknown = [label for label in re.split(r", ?", match.group("labels")) if label not in labels]
    return f"{match.group('name')} has no label {unknown[0]}" if unknown else None


def _camel(name: str, product: Product) -> str | None:
    return None if name in product.words or name in product.fields else f"no field or name {name}"


def _words(name: str, product: Product) -> str | None:
    """Every word of it stands in the code, in a schema or, where it has the shape of one, among the files."""
    if _verbatim(name, product):
        return None
    setting = SETTING.fullmatch(name)
    if setting:
        return None if _set(setting, product) else f"nothing sets {name}"
    words = [word.strip("\"'(),;|…") for word in FILLED_IN.sub("…", name).split()]
    for word in words:
        assigned = ASSIGNED.fullmatch(word)
        for part in assigned.groups() if assigned else (word,):
            if not OPEN.fullmatch(part) and not _known(part, product):
                return f"nothing called {part}"
    return None


def _known(word: str, product: Product) -> bool:
    if word in product.words or word in product.fields:
        return True
    if "/" in word or word.startswith("."):
        return product.has_path(word) or word in product.routes
    if word.startswith("-"):
        return _verbatim(word, product)
    return all(part in product.words or part in product.fields for part in WORD.findall(word))


def _set(setting: re.Match[str], product: Product) -> bool:
    """Whether code sets a key to a value in another notation, such as `"Cache-Control": "no-store"`."""
    key, value = setting.group("key"), setting.group("value")
    if key is None:
        return False
    form = rf"(?<![\w-]){re.escape(key)}[\"']?\s*[:=,]\s*[\"']?{re.escape(value)}(?![\w-])"
    return re.search(form, product.code) is not None


def _verbatim(name: str, product: Product) -> bool:
    """Whether the code holds it just so, and not as a part of a longer word."""
    at = product.code.find(name)
    while at >= 0:
        before, after = product.code[at - 1 : at], product.code[at + len(name) : at + len(name) + 1]
        if not (_joins(before) and _joins(name[0])) and not (_joins(after) and _joins(name[-1])):
            return True
        at = product.code.find(name, at + 1)
    return False


def _joins(character: str) -> bool:
    return bool(character) and (character.isalnum() or character in "_-")


SHAPES: tuple[tuple[re.Pattern[str], Callable[[str, Product], str | None]], ...] = (
    (TAG, _tag),
    (METRIC, _metric),
    (VARIABLE, _variable),
    (ROUTE, _route),
    (PATH, _path),
    (CAMEL, _camel),
)
