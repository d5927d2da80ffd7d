"""What an expression in a claims' file stands for: values read from the product each time, never typed again."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from apparch.catalogue import LANGUAGES, Language
from apparch.catalogue.model import RULE_ID
from apparch.pages.errors import PageError
from apparch.pages.promised.bound.figures import figures
from apparch.pages.promised.bound.product import Product
from apparch.pages.promised.bound.texts import Line, Writing
from apparch.pages.promised.bound.values import (
    Value,
    constants,
    data,
    leaves,
    length,
    numbers,
    option_default,
    quantities,
)
from apparch.pages.written.sections import label
from apparch.pages.written.site import Site

FINDING = re.compile(r"[FNCR]\d\d")
CALL = re.compile(r"(?P<name>[a-z]+)\((?P<argument>.*)\)|(?P<block>rows|items|rules|columns|points)")


@dataclass(frozen=True)
class Facts:
    """Looks values up for claims about one project."""

    site: Site
    product: Product
    writings: dict[str, Writing]

    def of(self, expression: str, writing: Writing, line: Line) -> tuple[Value, ...]:
        """The values that an expression stands for; several where any of them may be meant.

        Raises:
            PageError: it names nothing that there is.
        """
        parts = re.split(r" ([+*-]) ", expression)
        values = self._term(parts[0], writing, line)
        for operator, term in zip(parts[1::2], parts[2::2], strict=True):
            other = self._term(term, writing, line)
            if len(values) != 1 or len(other) != 1:
                raise PageError(f"{expression}: {parts[0]} and {term} are not one value each")
            values = (_calculated(values[0], operator, other[0]),)
        return values

    def words(self, expression: str) -> set[str]:
        """The texts that an expression stands for: what a key holds, or the group of a pattern.

        Raises:
            PageError: it names nothing that there is.
        """
        call = CALL.fullmatch(expression)
        if call and call.group("name") == "found":
            path, _, pattern = (part.strip() for part in call.group("argument").partition(","))
            return set(re.findall(pattern, self.source(path), re.MULTILINE))
        path, _, keys = expression.partition(":")
        return {str(leaf) for leaf in leaves(data(self.product.root, _file(self.product, path)), keys.split("."))}

    def source(self, path: str) -> str:
        """The text of a file, by its path from the root or from that of a reference repository.

        Raises:
            PageError: there is no such file.
        """
        return (self.product.root / _file(self.product, path)).read_text("utf-8")

    def _term(self, term: str, writing: Writing, line: Line) -> tuple[Value, ...]:
        term = term.strip()
        if FINDING.fullmatch(term):
            return self._stated(term)
        if RULE_ID.fullmatch(term):
            return self._demanded(term)
        if re.fullmatch(r"\d+(?:\.\d+)?", term):
            return (Value(Fraction(term), None),)
        call = CALL.fullmatch(term)
        if call:
            return self._called(call.group("name") or call.group("block"), call.group("argument") or "", writing, line)
        if ":" in term:
            path, _, keys = term.partition(":")
            return self._read(path, keys)
        name, _, field = term.partition(".")
        if name in self.product.variables:
            return self._variable(name, field or "default")
        raise PageError(f"{term}: no such fact; CONTRIBUTING.md lists the forms")

    def _stated(self, finding: str) -> tuple[Value, ...]:
        """What a finding measured: its figures stand in docs/findings.yaml once, as data."""
        data = self.site.findings or {}
        entry = next((e for e in [*data.get("findings", []), *data.get("rulings", [])] if e["id"] == finding), None)
        if entry is None:
            raise PageError(f"{finding}: no such finding or ruling")
        return tuple(value for text in entry.get("figures", []) for value in quantities(str(text), _unit(str(text))))

    def behind(self, rule_id: str) -> tuple[Value, ...]:
        """The figures of the findings that led to a rule."""
        entries = (self.site.findings or {}).get("findings", []) + (self.site.findings or {}).get("rulings", [])
        return tuple(
            value for entry in entries if rule_id in entry.get("rules", []) for value in self._stated(entry["id"])
        )

    def _demanded(self, rule_id: str) -> tuple[Value, ...]:
        """The figures of a rule, which its own claims bind."""
        rule = self.site.catalogue.rules.get(rule_id)
        if rule is None:
            raise PageError(f"{rule_id}: no such rule")
        texts = [rule.title, rule.statement, rule.reason, rule.repair]
        return tuple(Value(f.value, f.unit) for text in texts for f in figures(re.sub(r"`", "", text.en), "en"))

    def _called(self, name: str, argument: str, writing: Writing, line: Line) -> tuple[Value, ...]:
        if name in BLOCKS:
            text, _, section = argument.rpartition("#")
            lines = _after(line, section or argument, self.writings[text] if text else writing)
            return (Value(Fraction(_length_of(name, lines)), ""),)
        if name == "files":
            return (Value(Fraction(len(_glob(self.product.root, argument))), ""),)
        if name == "sections":
            page = self.site.by_name[writing.name, LANGUAGES[0]]
            wanted = re.compile(rf"{argument}-\d+")
            return (Value(Fraction(sum(bool(wanted.fullmatch(section.id)) for section in page.sections)), ""),)
        if name == "section":
            return (self._section(argument),)
        path, _, rest = (part.strip() for part in argument.partition(":" if name == "count" else ","))
        if name not in IN_A_FILE:
            raise PageError(f"{name}({argument}): no such fact; CONTRIBUTING.md lists the forms")
        return IN_A_FILE[name](self.product.root, _file(self.product, path), rest)

    def _section(self, title: str) -> Value:
        """The number of the one section of the documents that has this English title."""
        numbers = {
            label(section)
            for (page, language), titles in self.site.section_titles.items()
            for section, name in titles.items()
            if language == "en" and page.startswith("arch/") and name == f"{label(section)} {title}"
        }
        if len(numbers) != 1:
            raise PageError(f"section({title}): {len(numbers)} sections have that title")
        return Value(Fraction(numbers.pop()), "")

    def _variable(self, name: str, field: str) -> tuple[Value, ...]:
        described = self.product.variables[name]
        if field not in described:
            raise PageError(f"{name}: has no {field}")
        unit = "s" if name.endswith("_SECONDS") else None
        return (Value(Fraction(str(described[field])), unit),)

    def _read(self, path: str, keys: str) -> tuple[Value, ...]:
        file = _file(self.product, path)
        if file.endswith(".py"):
            return constants(self.product.root, file, keys)
        found = {str(leaf) for leaf in leaves(data(self.product.root, file), keys.split("."))}
        if not found:
            raise PageError(f"{path}: has no {keys}")
        unit = "s" if keys.lower().endswith("seconds") else "cpu" if keys.endswith("cpu") else None
        values = {value for each in found for value in quantities(each, unit)}
        return tuple(sorted(values, key=str))


def _unit(text: str) -> str | None:
    """A finding counts CPUs in thousandths and time in seconds, never in minutes."""
    return "cpu" if re.fullmatch(r"\d+m", text) else None


def _calculated(one: Value, operator: str, other: Value) -> Value:
    assert not isinstance(one.value, str)
    assert not isinstance(other.value, str)
    made = {"+": one.value + other.value, "-": one.value - other.value, "*": one.value * other.value}[operator]
    return Value(made, one.unit or other.unit)


def _file(product: Product, path: str) -> str:
    """A file by its path from the project's root, or from that of a reference repository named first."""
    for candidate in (path, f"snippets/{path}"):
        if candidate in product.paths and (product.root / candidate).is_file():
            return candidate
    raise PageError(f"{path}: there is no such file")


def _glob(root: Path, pattern: str) -> list[Path]:
    return [path for path in sorted(root.glob(pattern)) if "__pycache__" not in path.parts]


def _mentions(root: Path, file: str, pattern: str) -> tuple[Value, ...]:
    return (Value(Fraction(len(re.findall(pattern, (root / file).read_text("utf-8"), re.MULTILINE))), ""),)


def _found(root: Path, file: str, pattern: str) -> tuple[Value, ...]:
    groups = re.findall(pattern, (root / file).read_text("utf-8"), re.MULTILINE)
    if not groups:
        raise PageError(f"{file}: {pattern} is not there")
    return tuple(value for group in dict.fromkeys(groups) for value in quantities(group))


IN_A_FILE: dict[str, Callable[[Path, str, str], tuple[Value, ...]]] = {
    "count": lambda root, file, keys: (Value(Fraction(length(root, file, keys)), ""),),
    "mentions": _mentions,
    "found": _found,
    "numbers": lambda root, file, _: numbers(root / file),
    "option": lambda root, file, option: option_default(root / file, option),
}


def _after(line: Line, section: str, writing: Writing) -> list[Line]:
    """The lines behind a line; with a section's name, those of that section in the same language."""
    language: Language = next((key for key, lines in writing.lines.items() if line in lines), LANGUAGES[0])
    lines = list(writing.lines[language])
    if section:
        return [each for each in lines if each.section == section]
    return [each for each in lines[lines.index(line) + 1 :] if each.section == line.section]


BLOCKS = {"rows": r"\s*\|", "columns": r"\s*\|", "items": r"\s*(?:-|\d+\.) ", "rules": r"\[\[rules:", "points": r"\*\*"}


def _length_of(kind: str, lines: Sequence[Line]) -> int:
    """How long the first table, list or rules directive of these lines is; how many paragraphs begin in bold."""
    shaped = [bool(re.match(BLOCKS[kind], each.text)) for each in lines]
    if not any(shaped):
        raise PageError(f"{kind}: there is none behind the phrase; name its section, as in {kind}(2-1)")
    if kind == "points":
        return sum(shaped)
    first = shaped.index(True)
    last = next((n for n in range(first, len(lines)) if not shaped[n]), len(lines))
    if kind == "rules":
        return len(RULE_ID.findall(lines[first].text))
    if kind == "columns":
        return lines[first].text.count("|") - 1
    return last - first - (2 if kind == "rows" else 0)
