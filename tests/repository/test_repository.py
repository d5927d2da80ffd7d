"""The view of a repository: bounded, read-only, and whatever lies in it, a value or a problem and never an error."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from apparch.repository import Bounds, Node, Place, Problem, Repository
from apparch.repository.dockerfile import parse_dockerfile
from apparch.repository.dotenv import parse_dotenv
from apparch.repository.json_file import parse_json
from apparch.repository.patterns import fits
from apparch.repository.python_file import parse_python
from apparch.repository.toml_file import parse_toml
from apparch.repository.yaml_file import parse_yaml


def only(found: tuple[Node, ...] | Problem) -> Node:
    """The one document of a file."""
    assert not isinstance(found, Problem), found
    (node,) = found
    return node


def test_a_node_knows_its_line_and_column() -> None:
    """Of keys and of values, through lists and flow style."""
    node = only(parse_yaml("a:\n  - b: 1\n    c: {d: x}\n", "f.yaml"))
    assert node.at("a", 0, "b").place == Place("f.yaml", 2, 8)
    assert node.at("a", 0).key("c") == Place("f.yaml", 3, 5)
    assert node.at("a", 0, "c", "d").place == Place("f.yaml", 3, 12)


def test_what_is_absent_has_the_place_of_what_is_there() -> None:
    """So that a message can say where something is missing."""
    node = only(parse_yaml("a:\n  b: 1\n", "f.yaml"))
    missing = node.at("a", "x", "y", 0)
    assert (missing.present, missing.value, missing.place) == (False, None, Place("f.yaml", 2, 3))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("on", "on"), ("yes", "yes"), ("true", True), ("~", None), ("1_000", 1000), ("0x1f", 31), ("012", 10),
        ("09", 9.0), ("1.5", 1.5), ("1e3", 1000.0), ("'8080'", "8080"), ("!!str 1", "1"), ("1:30", "1:30"),
        ("2024-01-01", "2024-01-01"),
    ],
)  # fmt: skip
def test_scalars_are_read_as_kubernetes_reads_them(text: str, value: object) -> None:
    """A country code is no bool, a date is a text, a leading zero is octal."""
    assert only(parse_yaml(f"a: {text}\n", "f")).at("a").value == value


YAML_PROBLEMS = {
    "a key twice": ("a: 1\nb: 2\na: 3\n", "the key a stands twice", 3),
    "a malformed line": ("a: 1\n b: : 2\n", "not readable as YAML", 2),
    "a tab": ("a:\n\t- b\n", "not readable as YAML", 2),
    "an object of Python": ("a: !!python/object/apply:os.system [x]\n", "is not understood", 1),
    "an unknown tag": ("a: !secret x\n", "is not understood", 1),
    "an unknown alias": ("a: *b\n", "stands for nothing", 1),
    "an alias of itself": ("a: &b [*b]\n", "stands for nothing", 1),
    "deep brackets": ("[" * 100_000, "nested deeper", 1),
    "deep lines": ("".join(f"{' ' * n}a:\n" for n in range(500)), "nested deeper", 61),
    "an alias bomb": (
        "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
        + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 30)),
        "once its aliases are replaced",
        6,
    ),
    "a merge bomb": (
        "a0: &a0 {k0: x}\n"
        + "".join(f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 9)}], k{n}: x}}\n" for n in range(1, 30)),
        "once its aliases are replaced",
        7,
    ),
    "a mapping as key": ("{a: 1}: 2\n", "must be a plain value", 1),
    "a NUL": ("a: \0\n", "not readable as YAML", 1),
}


@pytest.mark.parametrize("name", YAML_PROBLEMS)
def test_hostile_yaml_is_a_problem_with_its_line(name: str) -> None:
    """Found within the bounds, before it grows."""
    text, message, line = YAML_PROBLEMS[name]
    problem = parse_yaml(text, "f.yaml")
    assert isinstance(problem, Problem)
    assert message in problem.message
    assert problem.place.path == "f.yaml"
    if "bomb" not in name:
        assert problem.place.line == line


def test_anchors_and_merges_are_read_as_pyyaml_reads_them() -> None:
    """A key of its own wins over a merged one, an earlier merge over a later."""
    text = "x: &x {a: 1, b: 2}\ny: &y {b: 3, c: 4}\nz:\n  <<: [*x, *y]\n  a: 0\n"
    assert only(parse_yaml(text, "f")).plain == yaml.safe_load(text)


texts = st.text(alphabet=st.characters(codec="utf-8"), max_size=20)
names = st.text(alphabet="abcXYZ09", min_size=1)
json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | texts,
    lambda below: st.lists(below, max_size=4) | st.dictionaries(names, below, max_size=4),
    max_leaves=20,
)


@given(json_values)
def test_what_json_writes_is_read_back(value: Any) -> None:
    """Every JSON text, with every escape."""
    for text in (json.dumps(value), json.dumps(value, ensure_ascii=False, indent=2)):
        node = parse_json(text, "f.json")
        assert isinstance(node, Node)
        assert node.plain == value


words = st.text(alphabet="abcXYZ :#-'\"\n\\{}[]&*!|>%@`äé한", max_size=20)


@given(st.dictionaries(st.text(alphabet="abcXYZ", min_size=1), words | st.lists(words) | st.booleans(), min_size=1))
def test_what_pyyaml_writes_is_read_back(value: Any) -> None:
    """Every plain value, however PyYAML quotes it."""
    text = yaml.safe_dump(value, allow_unicode=True)
    assert only(parse_yaml(text, "f")).plain == yaml.safe_load(text)


@pytest.mark.parametrize(
    "text", ["", "{", "[1,]", '{"a":1,"a":2}', "[" * 10_000, "1" * 10_000, '"\n"', "{'a': 1}", "nul", '{"a" 1}', "1 2"]
)
def test_malformed_json_is_a_problem(text: str) -> None:
    """With a line, whatever is wrong."""
    problem = parse_json(text, "f.json")
    assert isinstance(problem, Problem)
    assert problem.place.line >= 1


@pytest.mark.parametrize(
    "text", ["-" * 100_000 + "1", "a" + ".a" * 100_000, "(" * 100_000, "def", "\0", "not " * 50_000]
)
def test_hostile_python_is_a_problem(text: str) -> None:
    """Nesting that exhausts the parser is reported like a syntax error."""
    assert isinstance(parse_python(text, "f.py"), Problem)


@given(st.text() | st.text(alphabet="abC=:-[]{}&*!|>'\"%@`#\n\t \\<,?~0", max_size=80))
@example("a: !!int x")
@example("? \n")
@example("RUN <<EOF\n")
@example("\\\n")
@example("RUN \\")
@example("!!timestamp x")
@example("a: !!float []")
def test_no_text_raises(text: str) -> None:
    """Fuzzed texts through every parser: a value or a problem."""
    for parse in (parse_yaml, parse_json, parse_dockerfile, parse_dotenv, parse_python):
        assert parse(text, "f") is not None


def test_a_dotenv_keeps_comments_and_lines() -> None:
    """A comment belongs to the key below it; a line that is neither is a problem."""
    found = parse_dotenv("# one\n# two\nA=1\n\nB='x y'\n", "f")
    assert not isinstance(found, Problem)
    assert [(each.name, each.value, each.comment, each.place.line) for each in found] == [
        ("A", "1", "one two", 3),
        ("B", "x y", "", 5),
    ]
    assert isinstance(parse_dotenv("A=1\nnot a line\n", "f"), Problem)
    assert isinstance(parse_dotenv("A=1\nA=2\n", "f"), Problem)


def test_a_symbolic_link_is_never_followed(tmp_path: Path) -> None:
    """Neither to a file outside, nor to a folder, nor to itself."""
    (tmp_path / "secret").write_text("outside")
    root = tmp_path / "repo"
    root.mkdir()
    (root / "link.yaml").symlink_to(tmp_path / "secret")
    (root / "folder").symlink_to("/etc")
    (root / "loop").symlink_to(root)
    (root / "real").write_text("inside")
    repository = Repository(root)
    assert repository.files == ("real",)
    assert [each.place.path for each in repository.skipped] == ["folder", "link.yaml", "loop"]
    problem = repository.text("link.yaml")
    assert isinstance(problem, Problem)
    assert "symbolic link" in problem.message


@pytest.mark.parametrize("path", ["../secret", "/etc/passwd", "a/../../secret", "", "."])
def test_a_path_that_leads_outside_is_no_file(path: str, tmp_path: Path) -> None:
    """Only files that the listing has can be read."""
    (tmp_path / "secret").write_text("outside")
    (tmp_path / "repo").mkdir()
    assert isinstance(Repository(tmp_path / "repo").text(path), Problem)


def test_size_count_and_depth_are_bounded(tmp_path: Path) -> None:
    """What is over a bound is a problem; the rest is still read."""
    (tmp_path / "big").write_bytes(b"x" * 101)
    (tmp_path / "fits").write_bytes(b"x" * 100)
    (tmp_path / "second").write_bytes(b"x" * 100)
    deep = tmp_path / "a" / "b" / "c"
    deep.mkdir(parents=True)
    (deep / "d").touch()
    repository = Repository(tmp_path, Bounds(file=100, total=150, files=10, depth=2))
    assert "larger than 100 bytes" in str(repository.text("big"))
    assert repository.text("fits") == "x" * 100
    assert "together" in str(repository.text("second"))
    assert "a/b/c/d" not in repository.files
    assert len(Repository(tmp_path, Bounds(files=2)).files) == 2


def test_a_lock_file_may_be_larger_than_others(tmp_path: Path) -> None:
    """It grows with what is locked, and has a bound of its own."""
    for name, size in (("uv.lock", 101), ("web-package-lock.json", 101), ("clock", 101), ("go.sum", 201)):
        (tmp_path / name).write_bytes(b"x" * size)
    repository = Repository(tmp_path, Bounds(file=100, lock=200))
    unread = [path for path in repository.files if isinstance(repository.text(path), Problem)]
    assert unread == ["clock", "go.sum"]


def test_bytes_that_are_no_text_are_a_problem_in_their_line(tmp_path: Path) -> None:
    """A binary file does not end the run."""
    (tmp_path / "f").write_bytes(b"one\ntwo\xff\n")
    problem = Repository(tmp_path).text("f")
    assert problem == Problem(Place("f", 2), "not UTF-8 text")


@pytest.mark.parametrize(
    ("pattern", "path", "meant"),
    [
        ("k8s/*/prod*", "k8s/overlays/production", True),
        ("k8s/*/prod*", "k8s/overlays/production/patches", False),
        ("apps/*", "apps", False),
        ("apps/**", "apps/a/b", True),
        ("**/production", "a/b/production", True),
        ("**/production", "production", True),
        ("a/**/b", "a/b", True),
        ("a/**/b", "a/c/d", False),
        ("apps/?", "apps/ab", False),
    ],
)
def test_a_star_stays_within_one_step_of_a_path(pattern: str, path: str, meant: bool) -> None:
    """Two of them stand for any number of steps."""
    assert fits(pattern, path) == meant


def test_a_repository_may_lie_in_memory_or_in_a_larger_one() -> None:
    """Its paths are its own, its places those of the whole."""
    whole = Repository.of({"a/b.yaml": "x: 1\n", "c.yaml": "y: 2\n"})
    part = whole.below("a")
    assert (whole.files, part.files) == (("a/b.yaml", "c.yaml"), ("b.yaml",))
    assert only(part.parsed("b.yaml", parse_yaml)).at("x").place == Place("a/b.yaml", 1, 4)
    assert part.somewhere("b.yaml") == Place("a/b.yaml")
    assert isinstance(part.text("c.yaml"), Problem)


def test_two_parsers_of_one_name_do_not_share_what_they_make() -> None:
    """What is kept is kept by the parser itself."""

    def maker(value: int) -> Callable[[str, str], int | Problem]:
        def parse(text: str, path: str) -> int | Problem:
            return value

        return parse

    repository = Repository.of({"f": ""})
    assert [repository.parsed("f", maker(value)) for value in (1, 2)] == [1, 2]


def test_malformed_toml_is_a_problem_with_its_line() -> None:
    """And hostile TOML is one too."""
    assert parse_toml("a = 1\nb = \n", "f") == Problem(Place("f", 2), "not readable as TOML: Invalid value")
    assert isinstance(parse_toml("a = " + "[" * 100_000, "f"), Problem)


def test_a_pipe_is_no_file(tmp_path: Path) -> None:
    """Reading one would wait for ever."""
    os.mkfifo(tmp_path / "pipe.yaml")
    assert Repository(tmp_path).files == ()
