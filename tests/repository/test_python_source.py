"""Python names and constants, resolved through imports and assignments without running anything."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apparch.repository import Place, Repository
from apparch.repository.python_source import UNKNOWN, Source, module_name, python_source


def source(**files: str) -> Source:
    """Modules of a package `app` below src, by their names."""
    given = {f"src/app/{name}.py": text for name, text in files.items()}
    return python_source(Repository.of({"src/app/__init__.py": "", "src/app/sub/__init__.py": "", **given}))


def calls(found: Source, path: str = "src/app/main.py") -> list[str]:
    """The names that a module calls."""
    module = found.module(path)
    assert module is not None
    return [each.name for each in module.calls()]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("import os\nos.environ.get('A')", "os.environ.get"),
        ("import os.path as p\np.join()", "os.path.join"),
        ("from os import environ as e\ne.get('A')", "os.environ.get"),
        ("import os\ng = os.environ.get\ng('A')", "os.environ.get"),
        ("import os\ndef f():\n    env = os.environ\n    env.get('A')", "os.environ.get"),
        ("def f():\n    from os import getenv\n    getenv('A')", "os.getenv"),
        ("from os import environ\ndef f(environ):\n    environ.get('A')", ""),
        ("import httpx\nhttpx.Client(a=1).get()", "httpx.Client().get"),
        ("import httpx\nc = httpx.Client()\nc.get()", "httpx.Client().get"),
        ("from httpx import Client\nc = Client()\nc.get()", "httpx.Client().get"),
        ("from .other import env\nenv.get('A')", "os.environ.get"),
        ("from app.sub import env\nenv.get('A')", "os.environ.get"),
        ("import app.other\napp.other.env.get('A')", "os.environ.get"),
        (
            "try:\n    import tomllib\nexcept ImportError:\n    import tomli as tomllib\ntomllib.loads()",
            "tomllib.loads",
        ),
        ("print()", "print"),
        ("def f(): ...\nf()", "app.main.f"),
        ("x = 1\nx = 2\nx.y()", ""),
        ("{}.get()", ""),
        ("import os\ndef f():\n    global os\n    os.getenv()", "os.getenv"),
    ],
)
def test_a_call_is_told_by_what_is_called(text: str, name: str) -> None:
    """Through aliases, other modules, local imports; a parameter hides what is outside."""
    others = {"other": "from os import environ as env\n", "sub/__init__": "from ..other import env\n"}
    assert name in calls(source(main=text, **others))


VALUES = {
    "main": "from .constants import A, Limits\nfrom app import constants as c\nB = A + '/b'\nx = 1\nx = 2\n",
    "constants": "A = 'a'\nclass Limits:\n    N = 3 * 60\n    M: int = 2\nloop = loop\nfar = near\nnear = far\n",
}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", 1), ("'a' 'b'", "ab"), ("A", "a"), ("B", "a/b"), ("c.A", "a"), ("Limits.N", 180), ("c.Limits.M", 2),
        ("[A, (1, -2)]", ["a", (1, -2)]), ("{A: 1}", {"a": 1}), ("f'{A}-{1}'", "a-1"), ("x", UNKNOWN), ("y", UNKNOWN),
        ("open('x')", UNKNOWN), ("c.loop", UNKNOWN), ("c.far", UNKNOWN), ("1 + 'a'", UNKNOWN), ("'a' * 9", UNKNOWN),
        ("None", None), ("not A", UNKNOWN), ("1 + " * 200 + "1", UNKNOWN),
    ],
)  # fmt: skip
def test_a_value_is_told_as_far_as_literals_go(text: str, value: object) -> None:
    """Through constants of this module, of others and of classes; loops end."""
    found = source(**{**VALUES, "main": f"{VALUES['main']}z({text})\n"})
    module = found.module("src/app/main.py")
    assert module is not None
    *_, call = module.calls("z")
    assert call.value(0) == value


def test_a_call_tells_its_arguments_and_place() -> None:
    """By position or name; what is spread may hold anything."""
    module = source(
        main="import os\n\nclass A:\n    def f(self):\n        x = os.getenv('K', default=D, **k)\n"
    ).module("src/app/main.py")
    assert module is not None
    (call,) = module.calls("os.")
    assert (call.method, call.value(0, "key"), call.value(1, "default"), call.spread) == ("getenv", "K", UNKNOWN, True)
    place = call.place
    assert (place, place.end_line, place.end_column) == (Place("src/app/main.py", 5, 13), 5, 43)
    assert call.scope.within == ("A", "f")


def test_names_that_are_read_are_told_once() -> None:
    """As far as their dots go."""
    module = source(main="import os\nos.environ['A']\nprint(os.sep)\n").module("src/app/main.py")
    assert module is not None
    assert [name for name, _, _ in module.uses()] == ["os.environ", "print", "os.sep"]


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("src/app/a.py", "app.a"), ("src/app/__init__.py", "app"), ("src/app/sub/b.py", "app.sub.b"),
        ("src/one.py", "one"), ("two.py", "two"), ("src/space/three.py", "space.three"), ("x/y/four.py", "x.y.four"),
    ],
)  # fmt: skip
def test_a_module_is_named_as_it_is_imported(path: str, name: str) -> None:
    """From the topmost package; without packages, from the folder of the sources."""
    repository = Repository.of({"src/app/__init__.py": "", "src/app/sub/__init__.py": "", path: ""})
    assert module_name(repository, path) == name


def test_a_module_that_cannot_be_parsed_is_a_problem() -> None:
    """And others are still read."""
    found = source(main="def", other="import os\nos.getenv()")
    assert [each.path for each in found] == ["src/app/__init__.py", "src/app/other.py", "src/app/sub/__init__.py"]
    assert list(found.problems) == ["src/app/main.py"]


@given(st.text(alphabet="abimportf from.()[]=:,*\n 'x1+", max_size=80) | st.text(max_size=40))
def test_no_module_raises(text: str) -> None:
    """Every question asked of generated modules."""
    for module in source(main=text):
        assert list(module.uses()) is not None
        for call in module.calls():
            assert call.value(0) is not None or call.argument(0) is not None
