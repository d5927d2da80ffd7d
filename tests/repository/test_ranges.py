"""Where things begin and end in YAML, JSON and TOML."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apparch.repository import Node, Place, Problem
from apparch.repository.json_file import parse_json
from apparch.repository.toml_file import parse_toml, parse_toml_nodes
from apparch.repository.yaml_file import parse_yaml

YAML = """\
jobs:  # all
  a: {uses: x@1}  # v1
  # why
  # so
  b:
    - "q # no"  # q
    - run: |  # script
        # inside
        echo one
          echo two

  # below
  c: >-
    folded
    text
"""


def ends(place: Place) -> tuple[int, int, int, int]:
    """A place as four numbers."""
    return place.line, place.column, place.end_line, place.end_column


def yaml() -> Node:
    """The document above."""
    found = parse_yaml(YAML, "f")
    assert not isinstance(found, Problem)
    return found[0]


@pytest.mark.parametrize(
    ("path", "range_"),
    [
        (("jobs", "a"), (2, 6, 2, 17)),
        (("jobs", "a", "uses"), (2, 13, 2, 16)),
        (("jobs", "b"), (6, 5, 10, 19)),
        (("jobs", "b", 0), (6, 7, 6, 15)),
        (("jobs", "b", 1, "run"), (7, 12, 10, 19)),
        (("jobs", "c"), (13, 6, 15, 9)),
        ((), (1, 1, 15, 9)),
    ],
)
def test_a_node_of_yaml_knows_its_range(path: tuple[str | int, ...], range_: tuple[int, int, int, int]) -> None:
    """Flow and block, quoted and plain; blank lines and comments behind it are not its own."""
    assert ends(yaml().at(*path).place) == range_
    assert ends(yaml().at("jobs").key("a")) == (2, 3, 2, 4)


@pytest.mark.parametrize(
    ("text", "part", "range_"),
    [
        ("a: |\n  one\n    two\n", "two", (3, 5, 3, 8)),
        ("- a: |-\n\n    one\n", "one", (3, 5, 3, 8)),
        ("- - one two\n", "two", (1, 9, 1, 12)),
        ("a: 'one two'\n", "two", (1, 9, 1, 12)),
        ('a: "x\\ttwo"\n', "two", (1, 4, 1, 12)),
        ("a: >\n  one\n  two\n", "two", (1, 4, 3, 6)),
    ],
)
def test_a_part_of_a_text_has_a_place(text: str, part: str, range_: tuple[int, int, int, int]) -> None:
    """Of the text as it is written; where escapes and folding hide it, the whole is told."""
    found = parse_yaml(text, "f")
    assert not isinstance(found, Problem)
    node = next(each for each in found[0].walk() if each.text and part in each.text)
    at = str(node.text).index(part)
    assert ends(node.spot(at, at + len(part))) == range_


def test_a_value_of_json_knows_its_range() -> None:
    """Keys, texts, numbers, lists."""
    node = parse_json('{"a": [1,\n "x"],\n "b": {"c": true}}', "f")
    assert isinstance(node, Node)
    assert ends(node.place) == (1, 1, 3, 19)
    assert ends(node.at("a").place) == (1, 7, 2, 6)
    assert ends(node.at("a", 1).place) == (2, 2, 2, 5)
    assert ends(node.at("b").key("c")) == (3, 8, 3, 11)
    assert ends(node.at("b", "c").place) == (3, 13, 3, 17)


TOML = """\
top = 1 # x
[project]
name = "app"
deps = [
  "a>=1", # one
  'b',
]
dotted.key = 2024-01-01 07:32:00
inline = {x = 1, "y z" = [true]}
[[tool.items]]
n = '''a
b'''
[[tool.items]]
n = 2
[tool.items.sub]
m = 1.5
"""


@pytest.mark.parametrize(
    ("path", "key", "value"),
    [
        (("top",), (1, 1, 1, 4), (1, 7, 1, 8)),
        (("project", "name"), (3, 1, 3, 5), (3, 8, 3, 13)),
        (("project", "dotted", "key"), (8, 1, 8, 11), (8, 14, 8, 33)),
        (("project", "inline", "y z"), (9, 18, 9, 23), (9, 26, 9, 32)),
        (("tool", "items", 0, "n"), (11, 1, 11, 2), (11, 5, 12, 5)),
        (("tool", "items", 1, "sub", "m"), (16, 1, 16, 2), (16, 5, 16, 8)),
    ],
)
def test_a_value_of_toml_knows_its_range(
    path: tuple[str | int, ...], key: tuple[int, ...], value: tuple[int, ...]
) -> None:
    """Headers, dotted keys, inline tables, lists of tables."""
    node = parse_toml_nodes(TOML, "f")
    assert isinstance(node, Node)
    assert ends(node.at(*path).place) == value
    assert ends(node.at(*path[:-1]).key(str(path[-1]))) == key
    assert ends(node.at("project", "deps", 1).place) == (6, 3, 6, 6)


@pytest.mark.parametrize("path", ["pyproject.toml", "snippets/app/pyproject.toml"])
def test_nodes_of_toml_hold_what_tomllib_reads(path: str) -> None:
    """Every value, none lost on the way to its place."""
    text = Path(path).read_text("utf-8")
    node = parse_toml_nodes(text, "f")
    assert isinstance(node, Node)
    assert node.plain == tomllib.loads(text)


toml_noise = st.text(alphabet="ab=[]{}.,\"'#\n \\1", max_size=60)


@given(toml_noise | st.text())
def test_no_text_raises(text: str) -> None:
    """Whatever is malformed is a problem; both readers of TOML agree on what is."""
    assert isinstance(parse_toml_nodes(text, "f"), Problem) == isinstance(parse_toml(text, "f"), Problem)
