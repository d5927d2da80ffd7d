"""Scopes of Python: what each name in a module, a function or a class stands for, as far as it is bound once."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


@dataclass(frozen=True, eq=False)
class Scope:
    """The names that are bound in one place, and the scope around it."""

    bound: dict[str, str | None]
    """What each name stands for, as a dotted name; None where that is not known."""
    literals: dict[str, ast.expr]
    """The expressions of names that are bound once; those of classes under `Class.name`."""
    around: Scope | None = None
    package: str = ""
    within: tuple[str, ...] = ()
    """The functions and classes around, the outermost first."""

    def looked_up(self, name: str) -> str | None:
        """What a name stands for here; a name that nothing binds is one of Python's own."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.bound:
                return scope.bound[name]
            scope = scope.around
        return name

    def literal(self, name: str) -> ast.expr | None:
        """The expression that the nearest scope which binds a name binds it to, if only one."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.bound:
                return scope.literals.get(name)
            scope = scope.around
        return None


def chain(expression: ast.expr | None) -> list[str]:
    """The steps of `a.b.c`, those of a call's result with brackets; empty for anything else."""
    steps: list[str] = []
    called = ""
    while True:
        match expression:
            case ast.Attribute(value=inner, attr=name):
                steps.append(name + called)
                expression, called = inner, ""
            case ast.Call(func=inner) if not called:
                expression, called = inner, "()"
            case ast.Name(id=name):
                return [*reversed([*steps, name + called])] if not called else [name, *_called(steps)]
            case _:
                return []


def _called(steps: list[str]) -> list[str]:
    """The steps behind a name that is called itself; the brackets belong to what the name stands for."""
    return ["()", *reversed(steps)]


def joined(steps: list[str]) -> str:
    """Steps as one dotted name."""
    return ".".join(steps).replace(".()", "()")


def module_scope(tree: ast.Module, name: str, package: str) -> Scope:
    """The scope at the top of a module."""
    scope = Scope({}, {}, None, package)
    binder = _Binder(scope, name)
    binder.read(tree.body)
    for statement in tree.body:
        if isinstance(statement, ast.ClassDef):
            inner = _Binder(Scope({}, {}, scope, package), "")
            inner.read(statement.body)
            scope.literals.update({f"{statement.name}.{key}": each for key, each in inner.scope.literals.items()})
    return scope


def scope_of(node: ast.AST, around: Scope) -> Scope:
    """The scope of what lies in a node: a new one for functions, lambdas and classes."""
    if isinstance(node, ast.ClassDef):
        return Scope({}, {}, around, around.package, (*around.within, node.name))
    if not isinstance(node, _FUNCTIONS):
        return around
    name = getattr(node, "name", "<lambda>")
    scope = Scope({}, {}, around, around.package, (*around.within, name))
    arguments = node.args
    for each in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg):
        if each is not None:
            scope.bound[each.arg] = None
    if isinstance(node.body, list):
        _Binder(scope, "").read(node.body)
    return scope


@dataclass
class _Binder:
    scope: Scope
    module: str
    """The module's own name where its top is read, else empty."""
    _times: dict[str, int] = field(default_factory=dict)

    def read(self, body: list[ast.stmt]) -> None:
        outer: set[str] = set()
        for node in _own_nodes(body):
            match node:
                case ast.Import() | ast.ImportFrom():
                    self._import(node)
                case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                    self._bind(name, f"{self.module}.{name}" if self.module else None)
                case ast.Assign(targets=[ast.Name(id=name)], value=value):
                    self._assign(name, value)
                case ast.AnnAssign(target=ast.Name(id=name), value=value) if value is not None:
                    self._assign(name, value)
                case ast.Name(id=name, ctx=ast.Store()):
                    self._times[name] = self._times.get(name, 0) + 1
                    self.scope.bound.setdefault(name, None)
                case ast.Global(names=given) | ast.Nonlocal(names=given):
                    outer |= set(given)
        for name, times in self._times.items():
            if times > 1:
                self.scope.literals.pop(name, None)
                self.scope.bound[name] = None
        for name in outer:
            self.scope.bound.pop(name, None)
            self.scope.literals.pop(name, None)

    def _import(self, node: ast.Import | ast.ImportFrom) -> None:
        base = self._base(node.module or "", node.level) if isinstance(node, ast.ImportFrom) else ""
        for each in node.names:
            whole = f"{base}.{each.name}" if base else each.name
            name = each.asname or (each.name if isinstance(node, ast.ImportFrom) else each.name.partition(".")[0])
            self._bind(name, whole if each.asname or isinstance(node, ast.ImportFrom) else name, again=True)

    def _base(self, module: str, level: int) -> str:
        if not level:
            return module
        steps = self.scope.package.split(".")
        kept = steps[: len(steps) - level + 1]
        return ".".join([*(each for each in kept if each), *([module] if module else [])])

    def _bind(self, name: str, dotted: str | None, *, again: bool = False) -> None:
        if again and self.scope.bound.get(name) is not None:
            return  # the first of several imports, as in a try
        self.scope.bound[name] = dotted

    def _assign(self, name: str, value: ast.expr) -> None:
        steps = chain(value)
        if steps and steps[0] != name:
            meant = self.scope.looked_up(steps[0])
            self.scope.bound[name] = joined([meant, *steps[1:]]) if meant else None
        else:
            self.scope.bound[name] = f"{self.module}.{name}" if self.module else None
        self.scope.literals[name] = value


def _own_nodes(body: list[ast.stmt]) -> Iterator[ast.AST]:
    """The nodes of a body in order, without those inside of functions, lambdas, classes and comprehensions."""
    stack: list[ast.AST] = list(reversed(body))
    closed = (*_FUNCTIONS, ast.ClassDef, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
    while stack:
        node = stack.pop()
        yield node
        if not isinstance(node, closed):
            stack.extend(reversed(list(ast.iter_child_nodes(node))))
