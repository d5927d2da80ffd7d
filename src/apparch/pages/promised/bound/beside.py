"""Whether the comments of a shown file say what stands beside them in the same file or in its schema."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from apparch.pages.promised.bound.commands import LIBRARY
from apparch.pages.promised.bound.product import Product
from apparch.pages.promised.bound.texts import Line, Writing
from apparch.pages.promised.bound.values import data

EXAMPLE = "snippets/app/config/.env.example"
SCHEMA = "snippets/app/config/settings.schema.json"
VARIABLE = re.compile(r"\$\{?(?P<name>[A-Z][A-Z_]+)")
PATH = re.compile(r"(?<![\w./:-])(?:[\w.-]+/)+[\w-]+\.(?:sh|py|ya?ml|json|md|toml)(?![\w])")


def untrue_comments(writing: Writing, product: Product) -> Iterator[str]:
    """What comments name that is not there; what the example of the variables says otherwise than the schema."""
    for lines in writing.lines.values():
        for line in lines:
            yield from _unknown(line, product)
    yield from _described(product)


def _unknown(line: Line, product: Product) -> Iterator[str]:
    """A comment's variable is read by its own file or the scripts' library, its path is one of the repositories."""
    source = (product.root / line.file).read_text("utf-8")
    if line.file.endswith(".sh"):
        source += (product.root / LIBRARY).read_text("utf-8")
    for name in VARIABLE.findall(line.text):
        # The comment itself is one mention.
        if len(re.findall(rf"\b{name}\b", source)) < 2:
            yield f"{line.place}: ${name}: the file has no such variable; name the one it reads"
    for match in PATH.finditer(line.text):
        if not product.has_path(match.group()):
            yield f"{line.place}: {match.group()}: no such file; name one that exists"


def _described(product: Product) -> Iterator[str]:
    """Above each key stand its description, type and source, as the schema has them."""
    if EXAMPLE not in product.paths or SCHEMA not in product.paths:
        return
    schema = data(product.root, SCHEMA)
    above: list[str] = []
    for number, text in enumerate((product.root / EXAMPLE).read_text("utf-8").split("\n"), 1):
        name, is_key, value = text.partition("=")
        if text.startswith("# "):
            above.append(text.removeprefix("# "))
            continue
        wanted = _comment(name, schema) if is_key else above
        for said, meant in zip(above, wanted, strict=False):
            if said != meant:
                yield f"{EXAMPLE}:{number}: {name}: the comment says {said!r}, the schema {meant!r}"
        default = schema["properties"].get(name, {}).get("default", "") if is_key else value
        if str(default) != value:
            yield f"{EXAMPLE}:{number}: {name}: {value!r} is not the schema's default {default!r}"
        above = []


def _comment(name: str, schema: Any) -> list[str]:
    described = schema["properties"].get(name, {})
    required = "required" if name in schema.get("required", []) else "optional"
    source = "secret, from a Secret" if described.get("writeOnly") else "plain, from a ConfigMap"
    return [str(described.get("description")), f"{described.get('type', 'string')}, {required}, {source}"]
