"""Ignore files as judges ask them: whether a path stays out, and by which line."""

from __future__ import annotations

import pytest
from docker.utils.build import PatternMatcher
from hypothesis import given
from hypothesis import strategies as st

from apparch.repository import Place, Repository
from apparch.repository.ignore import dockerignore, gitignore


@pytest.mark.parametrize(
    ("lines", "path", "out"),
    [
        ("*", "a/b", True),
        ("*\n!src\n", "src/x/y", False),
        ("*\n!src/**\n", "src/x/y", False),
        ("*.md", "a/b.md", False),
        ("**/*.md", "a/b.md", True),
        ("**/*.md", "b.md", True),
        ("/a", "a/b", True),
        ("a/", "a", True),
        ("a\n!a/b\n", "a/b/c", False),
        ("!a\na\n", "a", True),
        ("# a\n", "# a", False),
        ("  a  ", "a", True),
        ("a/../b", "b", True),
        ("a?c", "abc", True),
        ("[a-c].x", "b.x", True),
        ("[!a].x", "b.x", False),
        ("[^a].x", "b.x", True),
        ("**.log", "a/b.log", False),
        ("**.log", "b.log", False),
        ("**", "a/b", True),
        (".", "a", False),
        ("a/**/b", "a/b", True),
        ("a**", "ab/c", True),
        ("!", "a", False),
    ],
)
def test_a_builder_leaves_out_what_its_reference_says(lines: str, path: str, out: bool) -> None:
    """The last line that speaks of a path or a folder above it decides; patterns begin at the context's root."""
    ignore = dockerignore(Repository.of({".dockerignore": lines}))
    assert ignore is not None
    assert ignore.excluded(path) == out


step = st.sampled_from(["a", "b", "a*", "*", "?", "*.c", "[ab]"])
line = st.builds(
    lambda no, steps: no + "/".join(steps), st.sampled_from(["", "!"]), st.lists(step, min_size=1, max_size=3)
)
path = st.lists(st.sampled_from(["a", "b", "ab", "x.c"]), min_size=1, max_size=4).map("/".join)


@given(st.lists(line, max_size=4), path)
def test_a_builder_is_read_as_docker_s_library_reads_it(lines: list[str], path: str) -> None:
    """Of patterns without `**`, in which that library leaves folders out."""
    ignore = dockerignore(Repository.of({".dockerignore": "\n".join(lines)}))
    assert ignore is not None
    assert ignore.excluded(path) == PatternMatcher(lines).matches(path)


def test_the_line_that_decides_is_told() -> None:
    """With its place, for builders and git."""
    repository = Repository.of({".dockerignore": "*\n!src\n", "a/.gitignore": "\n*.log\n!x.log\n"})
    ignore = dockerignore(repository)
    assert ignore is not None
    line = ignore.decided("src/a")
    assert line is not None
    assert (line.pattern, line.negated, line.place) == ("src", True, Place(".dockerignore", 2))
    decided = gitignore(repository).decided("a/b/y.log")
    assert decided is not None
    assert (decided.pattern, decided.place) == ("*.log", Place("a/.gitignore", 2))
    assert gitignore(repository).decided("b.log") is None


def test_an_ignore_file_of_the_dockerfile_goes_first() -> None:
    """And a context without any leaves nothing out."""
    repository = Repository.of({"docker/Dockerfile.dockerignore": "a\n", ".dockerignore": "b\n"})
    ignore = dockerignore(repository, "docker/Dockerfile")
    assert ignore is not None
    assert [ignore.excluded(path) for path in ("a", "b")] == [True, False]
    assert dockerignore(Repository.of({})) is None


@given(st.text())
def test_no_line_raises(text: str) -> None:
    """Whatever a pattern is."""
    repository = Repository.of({".gitignore": text, ".dockerignore": text})
    ignore = dockerignore(repository)
    assert ignore is not None
    assert {ignore.excluded("a/b"), gitignore(repository).excluded("a/b")} <= {True, False}
