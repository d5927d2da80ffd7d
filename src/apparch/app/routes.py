"""The HTTP routes that an app's source registers under a text, and how Python does."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from apparch.app.python_source import Module
from apparch.app.repo import AppRepo
from apparch.app.routes_elsewhere import Route, registered
from apparch.app.survey import answers, of_python

_VERBS = frozenset({"get", "post", "put", "patch", "delete", "route", "api_route", "websocket"})
_ADDED = frozenset({"add_route", "add_api_route", "add_url_rule", "add_get", "add_post", "add_handler"})
_MEANT = frozenset({"starlette.routing.Route", "starlette.routing.Mount", "fastapi.routing.APIRoute"})
_APPS = frozenset({"FastAPI", "Flask", "Starlette", "Quart", "Sanic", "Litestar", "Application"})
_ROUTERS = frozenset({"APIRouter", "Blueprint", "Router", "RouteTableDef"})
_DJANGO = frozenset({"django.urls.path", "django.urls.re_path", "django.conf.urls.url"})
_MADE = frozenset(b"FastAPI Flask Starlette Quart Sanic Litestar Application Blueprint Route Mount".split())
"""What stands in a module that makes one of them."""


def routes(app: AppRepo) -> list[Route]:
    """Every route whose path the source tells."""
    return [*answers(app, _routes), *answers(app, registered)]


@of_python((b'"/', _MADE), (b"'/", _MADE), b"django", escaped=True)
def _routes(module: Module) -> Iterator[Route]:
    made = _made(module)
    for node in module.of(ast.Call):
        if not node.args:
            continue
        text = module.text(node.args[0])
        if text is not None and module.meant(node.func) in _DJANGO and len(node.args) > 1:
            yield Route(f"/{text.strip('^$').lstrip('/')}", module.place(node.args[0]), whole=False)
        if text is None or not text.startswith("/"):
            continue
        match node.func:
            case ast.Attribute(value=on, attr=verb) if (owner := _called(on)) in made and verb in _VERBS | _ADDED:
                kind, prefix = made[owner]
                yield Route(f"{prefix}{text}", module.place(node.args[0]), kind in _APPS)
            case _ if module.meant(node.func) in _MEANT:
                yield Route(text, module.place(node.args[0]), whole=False)


def _made(module: Module) -> dict[str, tuple[str, str]]:
    """The apps and routers that the module makes: what each is, and its prefix."""
    found: dict[str, tuple[str, str]] = {}
    given = [(target, each.value) for each in module.of(ast.Assign) for target in each.targets[:1]]
    given += [(each.target, each.value) for each in module.of(ast.AnnAssign) if each.value is not None]
    for target, value in given:
        kind = module.meant(value.func).rpartition(".")[2] if isinstance(value, ast.Call) else ""
        if isinstance(value, ast.Call) and kind in _APPS | _ROUTERS and (name := _called(target)):
            prefixes = (each.value for each in value.keywords if each.arg in ("prefix", "url_prefix"))
            found[name] = (kind, next((module.text(each) or "?" for each in prefixes), ""))
    for target, value in given:
        if (name := _called(target)) and (other := _called(value)) in found:
            found.setdefault(name, found[other])
    return found


def _called(expression: ast.expr) -> str:
    """What an app is called where it is used: a name, or an attribute of the object at hand."""
    match expression:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=ast.Name(id="self"), attr=name):
            return f"self.{name}"
    return ""
