"""Dockerfiles as instructions and stages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apparch.repository import Place, Problem
from apparch.repository.dockerfile import Instruction, directives, parse_dockerfile
from apparch.repository.stages import Stage, effective, environment, expand, needed, sources, stages


def read(text: str) -> tuple[Instruction, ...]:
    """The instructions of a well-formed file."""
    found = parse_dockerfile(text, "f")
    assert not isinstance(found, Problem), found
    return found


def range_(place: Place) -> tuple[int, int, int, int]:
    """A place as four numbers."""
    return place.line, place.column, place.end_line, place.end_column


def test_instructions_are_read_in_order_with_their_ranges() -> None:
    """Comments, continued lines with comments and empty lines among them, any case."""
    text = '# x\nFROM a AS b\nRUN one \\\n  # why\n\n  two\nexpose 80 443/tcp\n  CMD ["a b", \\\n  "c"]\n'
    found = read(text)
    assert [(each.name, range_(each.place)) for each in found] == [
        ("FROM", (2, 1, 2, 12)), ("RUN", (3, 1, 6, 6)), ("EXPOSE", (7, 1, 7, 18)), ("CMD", (8, 3, 9, 7)),
    ]  # fmt: skip
    assert [each.words for each in found[1:]] == [["one", "two"], ["80", "443/tcp"], ["a b", "c"]]
    at = found[1].argument.index("two")
    assert range_(found[1].spot(at, at + 3)) == (6, 3, 6, 6)


@pytest.mark.parametrize(
    ("line", "flags", "rest", "exec_form"),
    [
        ("COPY --from=build --chown=1:1 a b", (("from", "build"), ("chown", "1:1")), "a b", None),
        ('COPY --link ["a b", "c"]', (("link", ""),), '["a b", "c"]', ["a b", "c"]),
        (
            "RUN --mount=type=secret,id=x --network=none a --b",
            (("mount", "type=secret,id=x"), ("network", "none")),
            "a --b",
            None,
        ),
        ("CMD ['a']", (), "['a']", None),
        ('CMD ["a", 1]', (), '["a", 1]', None),
        ("ENTRYPOINT []", (), "[]", []),
        ("FROM --platform=$BUILDPLATFORM a AS b", (("platform", "$BUILDPLATFORM"),), "a AS b", None),
    ],
)
def test_flags_and_both_forms_are_told_apart(
    line: str, flags: tuple[tuple[str, str], ...], rest: str, exec_form: list[str] | None
) -> None:
    """An array that is no JSON is the shell form, as Docker has it."""
    (found,) = read(line)
    assert (found.flags, found.rest, found.exec_form) == (flags, rest, exec_form)


def test_heredocs_belong_to_their_instruction() -> None:
    """Two on one line, tabs taken off, quotes around the end; what looks like one elsewhere is none."""
    text = "FROM a\nCOPY <<one <<-'two' /\nx\none\n\ty\n\ttwo\nRUN <<EOF cat <<< no\nUSER 2\nEOF\nUSER 1\nENV A=<<x\n"
    found = read(text)
    assert [each.name for each in found] == ["FROM", "COPY", "RUN", "USER", "ENV"]
    assert [(each.name, each.text, each.expanded, each.place.line) for each in found[1].heredocs] == [
        ("one", "x\n", True, 3),
        ("two", "y\n", False, 5),
    ]
    assert [each.text for each in found[2].heredocs] == ["USER 2\n"]
    assert isinstance(parse_dockerfile("FROM a\nRUN <<EOF\nx\n", "f"), Problem)


def test_directives_stand_at_the_top() -> None:
    """The escape sign is what they say; the first other line ends them."""
    text = "# syntax=docker/dockerfile:1\n# Escape = `\nFROM a\nRUN dir c:\\ `\n  /b\n"
    assert directives(text) == {"syntax": "docker/dockerfile:1", "escape": "`"}
    assert read(text)[1].words == ["dir", "c:\\", "/b"]
    assert directives("# hello\n# escape=`\n") == {}
    assert [each.name for each in read("\n# escape=`\nFROM a\nRUN a \\\n b\n")] == ["FROM", "RUN"]


def test_what_is_held_back_is_an_instruction() -> None:
    """Of ONBUILD, and the command of a HEALTHCHECK."""
    text = 'FROM a\nONBUILD COPY --from=x a b\nHEALTHCHECK --interval=5s CMD ["a"]\nHEALTHCHECK NONE\n'
    onbuild, check, none = (each.inner for each in read(text)[1:])
    assert onbuild is not None
    assert check is not None
    assert (onbuild.name, onbuild.flag("from"), check.exec_form, none) == ("COPY", "x", ["a"], None)


@pytest.mark.parametrize("text", ["FORM a\n", "FROM a\n!\n", "\\\n", "RUN \\", "FROM a\nCOPY <<E /\n"])
def test_a_malformed_line_is_a_problem_or_nothing(text: str) -> None:
    """With its line, and never an error."""
    found = parse_dockerfile(text, "f")
    assert isinstance(found, Problem) or found[-1].name == "RUN"


STAGES = """\
ARG TAG=3 BASE=python:$TAG
ARG OTHER
FROM --platform=linux/amd64 ${BASE} AS Build
ARG TAG
ENV A=1 B="x y" C=$TAG
USER 5
CMD ["a"]
FROM $OTHER AS tool
FROM build AS runtime
ENV A=2
COPY --from=0 /a /b
COPY --from=tool /a /b
COPY --from=nginx:1 /a /b
RUN --mount=type=bind,from=tool,target=/x a
EXPOSE 80
FROM scratch AS test
FROM runtime
ENTRYPOINT ["e"]
"""


def known() -> tuple[Stage, ...]:
    """The stages of the file above."""
    return stages(read(STAGES))


def test_a_stage_knows_what_it_is_built_from() -> None:
    """Another stage, an image with its arguments put in, or what no default tells."""
    assert [(each.name, each.image, each.base, each.platform) for each in known()] == [
        ("build", "python:3", None, "linux/amd64"), ("tool", None, None, None), ("runtime", None, 0, None),
        ("test", "scratch", None, None), ("", None, 2, None),
    ]  # fmt: skip


def test_what_holds_in_a_stage_comes_through_its_parents() -> None:
    """The user and variables of the base; an ENTRYPOINT takes the base's CMD away."""
    found = known()
    held = {name: effective(found, found[-1], name) for name in ("USER", "EXPOSE", "ENTRYPOINT", "CMD", "VOLUME")}
    assert {name: each and each.rest for name, each in held.items()} == {
        "USER": "5", "EXPOSE": "80", "ENTRYPOINT": '["e"]', "CMD": None, "VOLUME": None,
    }  # fmt: skip
    assert {name: value for name, (value, _) in environment(found, found[-1]).items()} == {
        "A": "2",
        "B": "x y",
        "C": "3",
    }


def test_what_a_stage_takes_is_resolved() -> None:
    """By position, by name, from an image, by a mount; what no stage needs is not built."""
    found = known()
    assert [(place, image) for _, place, image in sources(found, 2)] == [
        (0, None),
        (1, None),
        (None, "nginx:1"),
        (1, None),
    ]
    assert needed(found, 4) == [0, 1, 2, 4]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("$A-${B}", "1-"), ("${C:-x}", "x"), ("${A:+y}", "y"), ("${C:+y}", ""), ("$D", None), ("\\$A", "$A"),
        ("${B-x}", "x"), ("a", "a"),
    ],
)  # fmt: skip
def test_variables_are_put_in(text: str, value: str | None) -> None:
    """With what stands in for one that is not set; one without a value is not known."""
    assert expand(text, {"A": "1", "B": ""}) == value


@given(st.text() | st.text(alphabet="FROM RUNCPY ab\\`\n<E'\"[]$={}-#", max_size=80))
def test_no_text_raises(text: str) -> None:
    """Through every question that can be asked of it."""
    found = parse_dockerfile(f"FROM a\n{text}", "f")
    if not isinstance(found, Problem):
        for each in found:
            assert (each.words, each.flags, each.exec_form, each.inner, each.assignments, each.spot(0, 1)) is not None
        all_stages = stages(found)
        assert needed(all_stages, len(all_stages) - 1)
        assert environment(all_stages, all_stages[-1]) is not None
