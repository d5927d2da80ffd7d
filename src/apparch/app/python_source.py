"""The Python source of an app: its modules with their names, and what a name in them stands for."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

from apparch.app.repo import AppRepo
from apparch.repository import Place, Problem
from apparch.repository.python_file import constants, parse_python

_BESIDE = frozenset({"docker", "scripts", "script", "migrations", "alembic", "bin", "tools", "ci", "hack", "dev"})
"""Top folders whose Python is none of the service where there is no src/."""
_TOOLS = frozenset({"setup.py", "noxfile.py", "tasks.py", "fabfile.py", "dodo.py", "conftest.py", "gunicorn.conf.py"})
_BODIES = ("body", "handlers", "orelse", "finalbody", "cases")
"""The fields of statements that hold statements."""
_BARE = frozenset(
    {
        "ctx",
        "op",
        "ops",
        "id",
        "attr",
        "arg",
        "kind",
        "type_comment",
        "type_ignores",
        "is_async",
        "conversion",
        "simple",
    }
)
"""The fields of nodes in which nothing lies that judges ask for: texts, numbers, and what stands for a sign."""
_BELOW: dict[type[ast.AST], tuple[str, ...]] = {
    each: tuple(field for field in each._fields if field not in _BARE)
    for each in vars(ast).values()
    if isinstance(each, type) and issubclass(each, ast.AST)
} | dict.fromkeys((ast.Constant, ast.Import, ast.ImportFrom, ast.Global, ast.Nonlocal), ())
"""The other fields of each kind of node; names that stand as texts in some of them do no harm."""

N = TypeVar("N", bound=ast.AST)
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Module:
    """One module of the app."""

    path: str
    name: str
    """As it is imported."""
    tree: ast.Module

    def place(self, node: ast.AST) -> Place:
        """Where a node stands."""
        line, column = getattr(node, "lineno", 1), getattr(node, "col_offset", 0)
        end, end_column = getattr(node, "end_lineno", 0) or 0, getattr(node, "end_col_offset", 0) or 0
        return Place(self.path, line, column + 1, end, end_column + 1 if end else 0)

    @property
    def package(self) -> str:
        """The package that its relative imports begin at."""
        return self.name if self.path.endswith("/__init__.py") else self.name.rpartition(".")[0]

    @cached_property
    def constants(self) -> dict[str, ast.Constant]:
        """What its names are bound to once, where that is a plain value."""
        return constants(self.tree)

    def of(self, *types: type[N]) -> list[N]:
        """Every node of these types, in no order that means anything."""
        return [node for each in types for node in self._nodes.get(each, ())]  # type: ignore[misc]

    @cached_property
    def _imports(self) -> list[ast.Import | ast.ImportFrom]:
        """Its imports, which only statements hold, in the order in which `of` has them."""
        found: list[ast.Import | ast.ImportFrom] = []
        waiting: list[ast.AST] = [self.tree]
        while waiting:
            node = waiting.pop()
            if isinstance(node, ast.Import | ast.ImportFrom):
                found.append(node)
            for field in _BODIES:
                waiting += getattr(node, field, ())
        return sorted(found, key=lambda node: isinstance(node, ast.ImportFrom))

    @cached_property
    def _nodes(self) -> dict[type[ast.AST], list[ast.AST]]:
        found: defaultdict[type[ast.AST], list[ast.AST]] = defaultdict(list)
        waiting: list[Any] = [self.tree]
        while waiting:
            node = waiting.pop()
            kind = node.__class__
            found[kind].append(node)
            # This is where a walk's time goes: most nodes are names and values, which hold nothing.
            for field in _BELOW.get(kind, ()):
                value = getattr(node, field)
                if value.__class__ is list:
                    waiting += value
                elif value is not None:
                    waiting.append(value)
        return found

    @cached_property
    def texts(self) -> tuple[tuple[ast.Constant, str], ...]:
        """Every text that is written out, with its node."""
        return tuple((node, node.value) for node in self.of(ast.Constant) if isinstance(node.value, str))

    @cached_property
    def imports(self) -> tuple[tuple[ast.AST, str], ...]:
        """Every import with the full name of what it imports, relative ones resolved."""
        return tuple(_imported(self))

    @cached_property
    def _names(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for node in self._imports:
            if isinstance(node, ast.ImportFrom):
                origin = _origin(self, node)
                found.update({each.asname or each.name: f"{origin}.{each.name}" for each in node.names})
                continue
            for each in node.names:
                top = each.name.partition(".")[0]
                found[each.asname or top] = each.name if each.asname else top
        return found

    def meant(self, expression: ast.AST | None) -> str:
        """The full dotted name of what an expression names, through its imports; empty if it names nothing."""
        steps: list[str] = []
        while isinstance(expression, ast.Attribute):
            steps.append(expression.attr)
            expression = expression.value
        if not isinstance(expression, ast.Name):
            return ""
        return ".".join([self._names.get(expression.id, expression.id), *reversed(steps)])

    def imports_as(self, expression: ast.AST) -> bool:
        """Whether what an expression names was imported: a variable may be called as a package is."""
        while isinstance(expression, ast.Attribute):
            expression = expression.value
        return isinstance(expression, ast.Name) and expression.id in self._names

    def text(self, expression: ast.AST | None) -> str | None:
        """The text that an expression is: a literal, or a constant of the module."""
        if isinstance(expression, ast.Name):
            expression = self.constants.get(expression.id)
        return expression.value if isinstance(expression, ast.Constant) and isinstance(expression.value, str) else None


def functions(module: Module) -> list[Function]:
    """Every function of a module, its methods and those inside of others included."""
    return [*module.of(ast.FunctionDef), *module.of(ast.AsyncFunctionDef)]


def module_of(app: AppRepo, path: str, tree: ast.Module) -> Module:
    """The module that a file is."""
    return Module(path, module_name(app, path), tree)


def module_name(app: AppRepo, path: str) -> str:
    """The dotted name by which a file of the service is imported."""
    within = path[len(app.repository.prefix) :].removeprefix("src/").removesuffix(".py")
    return within.removesuffix("/__init__").replace("/", ".")


def modules(app: AppRepo) -> Iterator[Module]:
    """The modules of the service: those below src/, or without one those of the product that are no tools.

    Each is parsed when it is reached and kept by nobody, which takes its time again in each call: a judge asks by
    `apparch.app.survey` instead.
    """
    for path in source_files(app):
        tree = app.root.read(path, parse_python)
        if not isinstance(tree, Problem):
            yield module_of(app, path, tree)


def packages(app: AppRepo) -> dict[str, str]:
    """The top packages of the app and their folders, relative to the repository's root."""
    known = app.root.memo(packages)
    if app.directory not in known:
        known[app.directory] = _packages(app)
    found: dict[str, str] = known[app.directory]
    return found


def _packages(app: AppRepo) -> dict[str, str]:
    found: dict[str, str] = {}
    for each in source_files(app):
        within = each[len(app.repository.prefix) :].removeprefix("src/")
        top, slash, _ = within.partition("/")
        if slash:
            found.setdefault(top, each[: len(each) - len(within)] + top)
    return found


def source_files(app: AppRepo) -> list[str]:
    """The files of those modules."""
    known = app.root.memo(source_files)
    if app.directory not in known:
        known[app.directory] = _source_files(app)
    found: list[str] = known[app.directory]
    return found


def _source_files(app: AppRepo) -> list[str]:
    cut = len(app.repository.prefix)
    files = [path for path in app.product if path.endswith(".py")] if not app.is_aside("python") else []
    below = [path for path in files if path[cut:].startswith("src/")]
    if below:
        return below
    return [
        path
        for path in files
        if path[cut:].partition("/")[0] not in _BESIDE and path[cut:].rpartition("/")[2] not in _TOOLS
    ]


def _imported(module: Module) -> Iterator[tuple[ast.AST, str]]:
    for node in module._imports:
        origin = f"{_origin(module, node)}." if isinstance(node, ast.ImportFrom) else ""
        yield from ((node, f"{origin}{each.name}") for each in node.names)


def _origin(module: Module, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    steps = module.package.split(".") if module.package else []
    base = steps[: len(steps) - (node.level - 1)]
    return ".".join([*base, *([node.module] if node.module else [])])
