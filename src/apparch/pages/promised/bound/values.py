"""Values as the product's files hold them: keys of YAML, JSON and TOML, constants of Python, numbers of a text."""

from __future__ import annotations

import ast
import json
import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

from apparch.catalogue import yaml_text
from apparch.pages.errors import PageError
from apparch.pages.promised.bound.figures import UNITS, Figure


@dataclass(frozen=True)
class Value:
    """One value: a number in its base unit, or the text of a version."""

    value: Fraction | str
    unit: str | None
    """None where the product does not say it, as for a constant called `attempts`."""

    def equals(self, figure: Figure) -> bool:
        """Whether prose that states the figure states this value."""
        if figure.unit == "%" and self.unit is None and not isinstance(figure.value, str):
            return figure.value == self.value or figure.value / 100 == self.value
        # Beside a name that ends in seconds prose leaves the unit out.
        return figure.value == self.value and (
            self.unit is None or self.unit == figure.unit or (self.unit, figure.unit) == ("s", "")
        )

    def __str__(self) -> str:
        number = self.value if isinstance(self.value, str) else f"{float(self.value):g}"
        return f"{number} {self.unit}" if self.unit else number


@cache
def data(root: Path, file: str) -> Any:
    """A YAML, JSON or TOML file as nested values."""
    text = (root / file).read_text("utf-8")
    if file.endswith(".json"):
        return json.loads(text)
    if file.endswith(".toml"):
        return tomllib.loads(text)
    return yaml_text.read(text)


def leaves(node: Any, keys: Sequence[str]) -> Iterator[object]:
    """The values below these keys in order, whatever lies between; an item of a list goes by its name."""
    if not keys:
        yield node
    elif isinstance(node, dict):
        for key, value in node.items():
            yield from leaves(value, keys[1:] if str(key) == keys[0] else keys)
    elif isinstance(node, list):
        for item in node:
            names = [item.get(field) for field in ("name", "alert", "id", "uses")] if isinstance(item, dict) else []
            yield from leaves(item, keys[1:] if keys[0] in names else keys)


def length(root: Path, file: str, keys: str) -> int:
    """How many items a list, a mapping or a Python tuple has."""
    path = keys.split(".") if keys else []
    if file.endswith(".py"):
        nodes = [
            node for names, node in _assigned(ast.parse((root / file).read_text("utf-8")), ()) if _leads(names, path)
        ]
        classes = [
            node for node in ast.walk(ast.parse((root / file).read_text("utf-8"))) if isinstance(node, ast.ClassDef)
        ]
        sizes = [sum(isinstance(each, ast.Assign) for each in node.body) for node in classes if [node.name] == path]
        sizes += [len(node.keys if isinstance(node, ast.Dict) else getattr(node, "elts", [])) for node in nodes]
    else:
        sizes = [len(found) for found in leaves(data(root, file), path) if isinstance(found, dict | list)]
    if len(sizes) != 1:
        raise PageError(f"{file}: {keys}: stands {len(sizes)} times")
    return sizes[0]


def option_default(file: Path, option: str) -> tuple[Value, ...]:
    """The default of an option that a script declares with argparse."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Call) and any(isinstance(a, ast.Constant) and a.value == option for a in node.args):
            values = [
                word.value.value
                for word in node.keywords
                if word.arg == "default" and isinstance(word.value, ast.Constant)
            ]
            if values:
                return (Value(Fraction(str(values[0])), "s" if option.endswith("seconds") else None),)
    raise PageError(f"{file.name}: has no option {option} with a default")


def quantities(text: str, unit: str | None = None) -> Iterator[Value]:
    """The numbers of a value with their units; `5m` is minutes unless it is a CPU's."""
    for match in re.finditer(
        r"(?<![\w.])v?(?P<number>\d+(?:,\d{3})*(?:\.\d+)*) ?(?P<unit>ms|MiB|GiB|MB|Ki|Mi|Gi|s|m|h|d|%)?(?![\w])", text
    ):
        number, written = match.group("number").replace(",", ""), match.group("unit") or ""
        if number.count(".") > 1:
            yield Value(number, "")
            continue
        if written == "m" and unit != "cpu":
            yield Value(Fraction(number) * 60, "s")
            continue
        base, factor = UNITS.get(written, (unit or "", Fraction(1)))
        yield Value(Fraction(number) * factor, base if written else unit)


@cache
def numbers(file: Path) -> tuple[Value, ...]:
    """Every number that a file's code holds, those of its comments left out."""
    text = file.read_text("utf-8")
    if file.suffix == ".py":
        nodes = [node.value for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Constant)]
        return tuple(
            Value(Fraction(str(value)), None)
            for value in nodes
            if isinstance(value, int | float) and not isinstance(value, bool)
        )
    return tuple(quantities(re.sub(r"(?m)(?:^|\s)#.*$", "", text)))


def constants(root: Path, file: str, keys: str) -> tuple[Value, ...]:
    """A constant, a field's default or a parameter's default of a module, by the names that lead to it."""
    path = keys.split(".")
    found = [node for names, node in _assigned(ast.parse((root / file).read_text("utf-8")), ()) if _leads(names, path)]
    if not found:
        raise PageError(f"{file}: has no {keys}")
    unit = "s" if keys.lower().endswith("seconds") else None
    numbers = [
        node.value
        for value in found
        for node in ast.walk(value)
        if isinstance(node, ast.Constant) and isinstance(node.value, int | float) and not isinstance(node.value, bool)
    ]
    return tuple(Value(Fraction(str(number)), unit) for number in dict.fromkeys(numbers))


def _leads(names: Sequence[str], path: Sequence[str]) -> bool:
    rest = iter(names)
    return names[-1] == path[-1] and all(key in rest for key in path)


def _assigned(node: ast.AST, names: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], ast.expr]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.ClassDef):
            yield from _assigned(child, (*names, child.name))
        elif isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            arguments = child.args
            inside = (*names, child.name)
            positional = [*arguments.posonlyargs, *arguments.args]
            defaults = zip(positional[len(positional) - len(arguments.defaults) :], arguments.defaults, strict=True)
            yield from ((((*inside, argument.arg), value)) for argument, value in defaults)
            for argument, value in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
                if value is not None:
                    yield (*inside, argument.arg), value
            yield from _assigned(child, inside)
        elif isinstance(child, ast.AnnAssign) and isinstance(child.target, ast.Name) and child.value:
            yield (*names, child.target.id), child.value
        elif isinstance(child, ast.Assign):
            for target in child.targets:
                yield from (((*names, name), value) for name, value in _pairs(target, child.value))


def _pairs(target: ast.expr, value: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(target, ast.Name):
        yield target.id, value
    elif isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        for one, other in zip(target.elts, value.elts, strict=False):
            yield from _pairs(one, other)
