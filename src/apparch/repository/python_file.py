"""Python read as text: its constants and calls, never imported and never run."""

from __future__ import annotations

import ast
import symtable
import warnings

from apparch.repository.places import Place, Problem


def parse_python(text: str, path: str) -> ast.Module | Problem:
    """The syntax tree of a module, or why it has none; hostile nesting is a problem as well."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text, path)
    except SyntaxError as error:
        return Problem(Place(path, error.lineno or 1), f"not readable as Python: {error.msg}")
    except (ValueError, RecursionError, MemoryError) as error:
        return Problem(Place(path), f"not readable as Python: {type(error).__name__}")


def check_python(text: str, path: str) -> Problem | None:
    """Why a text is no module that can be read; cheaper than its tree, of which nothing is kept."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            symtable.symtable(text, path, "exec")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        # It refuses some names as well that a tree does not, such as one that is global and a parameter.
        tree = parse_python(text, path)
        return tree if isinstance(tree, Problem) else None
    return None


def constants(module: ast.Module) -> dict[str, ast.Constant]:
    """The names that a module binds once, at its top, to a plain value."""
    found: dict[str, ast.Constant] = {}
    for statement in module.body:
        match statement:
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant() as value)
                | ast.AnnAssign(target=ast.Name(id=name), value=ast.Constant() as value)
            ):
                found[name] = value
    return found


def string(expression: ast.expr | None, known: dict[str, ast.Constant]) -> str | None:
    """The text that an expression is, if it is a literal or a constant of the module."""
    match expression:
        case ast.Constant(value=str(text)):
            return text
        case ast.Name(id=name) if name in known and isinstance(known[name].value, str):
            return str(known[name].value)
    return None
