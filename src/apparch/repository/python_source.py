"""The Python of a repository: names resolved through imports and assignments, constants through modules, never run."""

from __future__ import annotations

import ast
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from apparch.repository.places import Place, Problem
from apparch.repository.python_file import parse_python
from apparch.repository.python_scopes import Scope, chain, joined, module_scope, scope_of
from apparch.repository.view import Repository

KEPT: Final = 1_000_000
"""How many characters of source are kept as trees, which take twenty times as much; others are parsed again."""
DEEPEST: Final = 40
"""How far a constant or name is followed."""


class _Unknown:
    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = _Unknown()
"""The value of what no literal tells."""


class Source:
    """All modules of a repository, parsed on demand; one that cannot be parsed is in `problems` once asked for."""

    def __init__(self, repository: Repository, paths: Iterable[str] | None = None) -> None:
        self.repository = repository
        self.paths = tuple(repository.matching("*.py") if paths is None else paths)
        self.problems: dict[str, Problem] = {}
        self._kept: OrderedDict[str, Module] = OrderedDict()
        self._size = 0
        self._bound: dict[str, dict[str, str | None]] = {}
        self._canonical: dict[str, str] = {}
        self._values: dict[str, Any] = {}

    @cached_property
    def names(self) -> dict[str, str]:
        """The path of every module, by its dotted name."""
        return {module_name(self.repository, path): path for path in reversed(self.paths)}

    def __iter__(self) -> Iterator[Module]:
        """Every module that can be parsed."""
        for path in self.paths:
            found = self.module(path)
            if found is not None:
                yield found

    def module(self, path: str) -> Module | None:
        """The module of a file; None if it cannot be read."""
        if path in self._kept:
            self._kept.move_to_end(path)
            return self._kept[path]
        if path in self.problems:
            return None
        text = self.repository.text(path)
        tree = text if isinstance(text, Problem) else parse_python(text, f"{self.repository.prefix}{path}")
        if isinstance(tree, Problem):
            self.problems[path] = tree
            return None
        found = Module(self, path, tree, len(str(text)))
        self._kept[path] = found
        self._size += found.size
        while self._size > KEPT and len(self._kept) > 1:
            self._size -= self._kept.popitem(last=False)[1].size
        return found

    def named(self, dotted: str) -> tuple[str, tuple[str, ...]] | None:
        """The file of the module that a dotted name leads into, and what is left of the name there."""
        steps = dotted.split(".")
        for end in range(len(steps), 0, -1):
            path = self.names.get(".".join(steps[:end]))
            if path is not None:
                return path, tuple(steps[end:])
        return None

    def canonical(self, dotted: str) -> str:
        """What a name stands for at last: through modules of the repository that only pass it on."""
        if dotted not in self._canonical:
            self._canonical[dotted] = self._followed(dotted)
        return self._canonical[dotted]

    def _followed(self, dotted: str) -> str:
        for _ in range(DEEPEST):
            found = self.named(dotted)
            if found is None or not found[1]:
                return dotted
            path, rest = found
            meant = self._bound_in(path).get(rest[0])
            if meant is None or dotted.startswith(f"{meant}.") or dotted == meant:
                return dotted
            dotted = joined([meant, *rest[1:]])
        return dotted

    def _bound_in(self, path: str) -> dict[str, str | None]:
        """What the names at the top of a module stand for; kept when its tree is not."""
        if path not in self._bound:
            module = self.module(path)
            self._bound[path] = {} if module is None else module.scope.bound
        return self._bound[path]

    def constant(self, dotted: str, depth: int) -> Any:
        """The value of a name at the top of a module of the repository; UNKNOWN if no literal tells."""
        if dotted not in self._values:
            self._values[dotted] = UNKNOWN  # what leads back to itself has no value
            found = self.named(dotted)
            module = self.module(found[0]) if found and found[1] else None
            literal = module.scope.literals.get(".".join(found[1])) if module and found else None
            if module is not None and literal is not None:
                self._values[dotted] = _value(module, literal, module.scope, depth)
        return self._values[dotted]


class Module:
    """One file of Python."""

    def __init__(self, source: Source, path: str, tree: ast.Module, size: int) -> None:
        self.source, self.path, self.tree, self.size = source, path, tree, size
        self.name = module_name(source.repository, path)
        """Its dotted name, as others import it."""

    @cached_property
    def scope(self) -> Scope:
        """What the names at its top stand for."""
        package = self.path.endswith("__init__.py")
        return module_scope(self.tree, self.name, self.name if package else self.name.rpartition(".")[0])

    def place(self, node: ast.AST) -> Place:
        """The range of a part of it."""
        line, column = getattr(node, "lineno", 1), getattr(node, "col_offset", 0)
        end, behind = getattr(node, "end_lineno", 0) or 0, getattr(node, "end_col_offset", 0) or 0
        if not end:
            return Place(f"{self.source.repository.prefix}{self.path}", line, column + 1)
        return Place(f"{self.source.repository.prefix}{self.path}", line, column + 1, end, behind + 1)

    def walk(self) -> Iterator[tuple[ast.AST, Scope]]:
        """Every node in the order of the file, with the scope that its names are looked up in."""
        stack: list[tuple[ast.AST, Scope]] = [(self.tree, self.scope)]
        while stack:
            node, scope = stack.pop()
            yield node, scope
            inner = scope_of(node, scope)
            stack.extend((child, inner) for child in reversed(list(ast.iter_child_nodes(node))))

    def dotted(self, expression: ast.expr | None, scope: Scope | None = None) -> str:
        """What an expression names, such as `os.environ.get` behind whatever names it here; empty if it names nothing.

        The result of a call is told by brackets: `httpx.Client().get` is a method of what `httpx.Client` makes.
        """
        steps = chain(expression)
        if not steps:
            return ""
        meant = (scope or self.scope).looked_up(steps[0])
        return self.source.canonical(joined([meant, *steps[1:]])) if meant else ""

    def calls(self, *wanted: str) -> Iterator[Call]:
        """Every call, or those of some names; `x.` at the end of one means all below it."""
        for node, scope in self.walk():
            if isinstance(node, ast.Call):
                name = self.dotted(node.func, scope)
                if not wanted or any(name == each or (each.endswith(".") and name.startswith(each)) for each in wanted):
                    yield Call(name, node, self, scope)

    def uses(self, *wanted: str) -> Iterator[tuple[str, ast.expr, Scope]]:
        """Every name that is read, as far as its dots go, or those of some names; what is called is among them."""
        inner: set[int] = set()
        for node, scope in self.walk():
            if isinstance(node, ast.Attribute):
                inner.add(id(node.value))
            if isinstance(node, ast.Attribute | ast.Name) and id(node) not in inner:
                name = self.dotted(node, scope)
                if name and (not wanted or name in wanted):
                    yield name, node, scope

    def value(self, expression: ast.expr | None, scope: Scope | None = None) -> Any:
        """The text, number, bool, None, list, tuple or mapping that an expression is; UNKNOWN if no literal tells."""
        return _value(self, expression, scope or self.scope, 0)


@dataclass(frozen=True)
class Call:
    """One call: what is called, by its dotted name (empty if that is not known), and its arguments."""

    name: str
    node: ast.Call
    module: Module
    scope: Scope

    @property
    def place(self) -> Place:
        """Its range."""
        return self.module.place(self.node)

    @property
    def method(self) -> str:
        """The last step of what is called, known even where the rest is not."""
        function = self.node.func
        return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")

    def argument(self, position: int | None, keyword: str = "") -> ast.expr | None:
        """The argument at a position or with a name; None where it is not given so."""
        named = next((each.value for each in self.node.keywords if keyword and each.arg == keyword), None)
        if named is not None or position is None or position >= len(self.node.args):
            return named
        before = self.node.args[: position + 1]
        return None if any(isinstance(each, ast.Starred) for each in before) else before[-1]

    def value(self, position: int | None, keyword: str = "") -> Any:
        """The value of an argument; UNKNOWN where it is not given or no literal tells."""
        return self.module.value(self.argument(position, keyword), self.scope)

    @property
    def spread(self) -> bool:
        """Whether some arguments come out of `*` or `**`, so that what is not seen may still be given."""
        starred = any(isinstance(each, ast.Starred) for each in self.node.args)
        return starred or any(each.arg is None for each in self.node.keywords)


def python_source(repository: Repository) -> Source:
    """The Python of a repository, the same each time."""
    known = repository.memo(python_source)
    if "" not in known:
        known[""] = Source(repository)
    source: Source = known[""]
    return source


def module_name(repository: Repository, path: str) -> str:
    """The dotted name by which a file is imported: from the topmost folder above it that is a package."""
    steps = path.removesuffix(".py").split("/")
    begin = len(steps) - 1
    while begin > 0 and repository.has("/".join([*steps[:begin], "__init__.py"])):
        begin -= 1
    if begin == len(steps) - 1 and len(steps) > 1:  # in no package: a namespace below the folder of the sources
        begin = next((at + 1 for at, step in enumerate(steps[:-1]) if step in ("src", "lib", "python")), 0)
    steps = steps[begin:]
    return ".".join(steps[:-1] if steps[-1] == "__init__" and len(steps) > 1 else steps)


def _value(module: Module, expression: ast.expr | None, scope: Scope, depth: int) -> Any:
    result: Any = UNKNOWN
    if depth > DEEPEST:
        return result
    match expression:
        case ast.Constant(value=value):
            result = value
        case ast.Name() | ast.Attribute():
            result = _constant(module, expression, scope, depth)
        case ast.Tuple(elts=parts) | ast.List(elts=parts) | ast.Set(elts=parts):
            values = [_value(module, each, scope, depth + 1) for each in parts]
            result = UNKNOWN if any(each is UNKNOWN for each in values) else values
            result = tuple(result) if isinstance(expression, ast.Tuple) and result is not UNKNOWN else result
        case ast.Dict(keys=keys, values=parts):
            pairs = [(_value(module, key, scope, depth + 1), _value(module, each, scope, depth + 1))
                     for key, each in zip(keys, parts, strict=True)]  # fmt: skip
            if all(isinstance(key, str | int | float | bool | None) and value is not UNKNOWN for key, value in pairs):
                result = dict(pairs)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            value = _value(module, operand, scope, depth + 1)
            result = -value if isinstance(value, int | float) else UNKNOWN
        case ast.BinOp(left=left, op=operator, right=right):
            first, second = (_value(module, each, scope, depth + 1) for each in (left, right))
            result = _computed(operator, first, second)
        case ast.JoinedStr(values=parts):
            texts = [_value(module, each, scope, depth + 1) for each in parts]
            result = UNKNOWN if any(each is UNKNOWN for each in texts) else "".join(str(each) for each in texts)
        case ast.FormattedValue(value=inner, conversion=-1, format_spec=None):
            result = _value(module, inner, scope, depth + 1)
    return result


def _constant(module: Module, expression: ast.expr, scope: Scope, depth: int) -> Any:
    steps = chain(expression)
    if len(steps) == 1 and scope.literal(steps[0]) is not None:
        return _value(module, scope.literal(steps[0]), scope, depth + 1)
    dotted = module.dotted(expression, scope)
    return module.source.constant(dotted, depth + 1) if dotted else UNKNOWN


def _computed(operator: ast.operator, first: Any, second: Any) -> Any:
    numbers = all(isinstance(each, int | float) and abs(each) < 1 << 64 for each in (first, second))
    result: Any = UNKNOWN
    match operator:
        case ast.Add() if numbers or (isinstance(first, str) and isinstance(second, str)):
            result = first + second
        case ast.Add() if isinstance(first, list) and isinstance(second, list):
            result = first + second
        case ast.Add() if isinstance(first, tuple) and isinstance(second, tuple):
            result = first + second
        case ast.Mult() if numbers:
            result = first * second
        case ast.Sub() if numbers:
            result = first - second
        case ast.Div() if numbers and second:
            result = first / second
    return result
