"""The arrows between the rooms of the package: who may use whom, and the one module that knows each site library."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

SOURCES = Path(__file__).parents[1] / "src"
MODULES = {
    ".".join(file.relative_to(SOURCES).with_suffix("").parts).removesuffix(".__init__"): file.read_text("utf-8")
    for file in sorted(SOURCES.rglob("*.py"))
}
READ = {"catalogue", "repository"}
STATED = {"app", "deploy", *READ}
JUDGED = {"finding", "kinds", "waivers", "divergence", "checks", "contract", *STATED}
ARROWS: dict[str, set[str]] = {
    "catalogue": set(),
    "links": set(),
    "repository": set(),
    "app": {"repository"},
    "deploy": {"repository"},
    "finding": READ,
    "kinds": STATED,
    "waivers": {"finding", *READ},
    "changes": {"repository"},
    "baseline": set(),
    "fix": {"finding"},
    "owner": READ,
    "checks": {"finding", "kinds", *STATED},
    "contract": {"links", "finding", *STATED},
    "divergence": {"waivers", "finding", *READ},
    "template": {"app", "divergence", *READ},
    "report": {"checks", "contract", "finding", *READ},
    "fleet": {"assess", "report", "template", *JUDGED},
    "assess": {"links", "report", "template", *JUDGED},
    "agents": {"links", "assess", "changes", "owner", "report", *JUDGED},
    "cli": {"agents", "links", "assess", "baseline", "changes", "fix", "fleet", "owner", "report", "template", *JUDGED},
    "repo_review": {"links", "assess", "report", *JUDGED},
    "__main__": {"cli"},
    "pages": {"assess", "fleet", "owner", "report", *JUDGED},
}
"""Each room, or module at the root, with what it may use; all of them may know the version."""
PAGES: dict[str, set[str]] = {
    "errors": set(),
    "breaches": set(),
    "proofs": set(),
    "written": {"errors", "breaches", "proofs"},
    "drawn": {"written", "errors", "breaches"},
    "expand": {"drawn", "written", "errors"},
    "proved": {"expand", "written", "errors", "proofs"},
    "promised": {"proved", "drawn", "written", "errors"},
    "put_out": {"expand", "drawn", "written", "errors"},
    "serving": {"proved", "proofs"},
    "__main__": {"put_out", "promised", "proved", "written", "errors", "proofs"},
}
"""The same within pages/."""
KNOW: dict[str, set[str]] = {
    "mkdocs": {"apparch.pages.put_out.mkdocs_plugin"},
    "material": set(),
    "markdown": {
        "apparch.pages.written.fences",
        "apparch.pages.put_out.lean_code",
        "apparch.pages.put_out.line_breaks",
        "apparch.pages.put_out.stacked_tables",
    },
    "pymdownx": {"apparch.pages.written.fences"},
    "sybil": {"apparch.pages.proved.sybil_blocks"},
    "mcp": {"apparch.agents.server"},
    "copier": {"apparch.template.new", "apparch.template.update"},
}
"""The modules that import each library of the site and of its tests; Python-Markdown's by its extensions too."""


@cache
def imported(text: str) -> tuple[str, ...]:
    """Every name that a module imports from a package, wherever in it, for type checkers only or not."""
    found: list[str] = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            found += [each.name for each in node.names]
        elif isinstance(node, ast.ImportFrom):
            found += [f"{'.' * node.level}{node.module or ''}.{each.name}" for each in node.names]
    return tuple(found)


def room(name: str, within: str) -> str:
    """The room that a module is in, or the module's name where it lies in none; empty for the package itself."""
    return name.removeprefix(within).lstrip(".").partition(".")[0]


def forbidden(modules: Mapping[str, str], arrows: Mapping[str, set[str]], within: str) -> list[str]:
    """The imports that no arrow allows, each as `module -> what it imports`."""
    rooms = {room(name, within) for name in modules if name.startswith(f"{within}.")}
    return [
        f"{name} -> {target}"
        for name, text in modules.items()
        if name.startswith(f"{within}.")
        for target in imported(text)
        if target.startswith((f"{within}.", "."))
        and room(target, within) != room(name, within)
        and (room(target, within) in rooms or target.startswith("."))
        and room(target, within) not in arrows.get(room(name, within), set())
    ]


def test_every_import_follows_an_arrow() -> None:
    """Nothing runs upward, and catalogue and repository use nothing of ours."""
    assert forbidden(MODULES, ARROWS, "apparch") == []


def test_every_import_within_pages_follows_an_arrow() -> None:
    """What is written knows nothing of what is drawn from it, and nothing knows what puts it out."""
    assert forbidden(MODULES, PAGES, "apparch.pages") == []


@pytest.mark.parametrize("arrows", [ARROWS, PAGES], ids=["rooms", "pages"])
def test_the_arrows_have_no_cycle(arrows: dict[str, set[str]]) -> None:
    """There is an order in which every room stands after all that it uses."""
    assert set(TopologicalSorter(arrows).static_order()) == set(arrows)


def test_one_module_knows_each_library_of_the_site() -> None:
    """A library that changes is met in one place, and the checker starts without any of them."""
    known = {
        library: {
            name for name, text in MODULES.items() if any(each.split(".")[0] == library for each in imported(text))
        }
        for library in KNOW
    }
    assert known == KNOW


@pytest.mark.parametrize(
    ("module", "text", "arrow"),
    [
        ("apparch.repository.view", "from apparch.catalogue import Rule", "apparch.catalogue.Rule"),
        ("apparch.catalogue.load", "def f():\n    import apparch.repository.view", "apparch.repository.view"),
        ("apparch.deploy.supply", "from apparch import contract", "apparch.contract"),
        ("apparch.contract.port", "from ..checks import img", "..checks.img"),
        ("apparch.cli", "import apparch.pages.expand", "apparch.pages.expand"),
        ("apparch.attic", "from apparch.repository import Place", "apparch.repository.Place"),
    ],
)
def test_an_arrow_that_is_not_drawn_is_noticed(module: str, text: str, arrow: str) -> None:
    """One import against the arrows, in any form, or one from a room that nobody drew."""
    assert forbidden({**MODULES, module: text}, ARROWS, "apparch") == [f"{module} -> {arrow}"]


def test_an_arrow_within_pages_that_is_not_drawn_is_noticed() -> None:
    """A written module that uses a drawn one is named."""
    drawn = {**MODULES, "apparch.pages.written.links": "from apparch.pages.drawn import status"}
    assert forbidden(drawn, PAGES, "apparch.pages") == ["apparch.pages.written.links -> apparch.pages.drawn.status"]
