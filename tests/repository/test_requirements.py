"""Requirement files of pip."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from packaging.requirements import InvalidRequirement
from packaging.requirements import Requirement as Reference
from packaging.utils import canonicalize_name

from apparch.repository import Place
from apparch.repository.requirements import Requirement, Requirements, parse_requirement, parse_requirements

FILE = """\
# comment
--index-url=https://example.com/simple
-r base.txt
-cother/constraints.txt
Django_Rest[a, b] >=1.0,<2 ; python_version < "3.13"  # why
app==1.2 \\
    --hash=sha256:aa \\
    --hash=sha256:bb
-e ./local
name @ https://example.com/x.whl#sha256=ab
git+https://example.com/y@0123456789012345678901234567890123456789#egg=y
!!
"""


def read() -> Requirements:
    """The file above."""
    found = parse_requirements(FILE, "in/r.txt")
    assert isinstance(found, Requirements)
    return found


def test_requirements_are_read_line_by_line() -> None:
    """Extras, markers, hashes over several lines, addresses, editable ones; a malformed line costs only itself."""
    found = read()
    place = Place("in/r.txt", 5)
    assert found.requirements[:2] == (
        Requirement("django-rest", ">=1.0,<2", place, ("a", "b"), 'python_version < "3.13"'),
        Requirement("app", "==1.2", Place("in/r.txt", 6), hashes=("sha256:aa", "sha256:bb")),
    )
    assert [(each.name, each.pinned, each.local, each.editable) for each in found.requirements] == [
        ("django-rest", False, False, False), ("app", True, False, False), ("", False, True, True),
        ("name", True, False, False), ("y", True, False, False),
    ]  # fmt: skip
    assert found.requirements[1].place.end_line == 8
    assert [each.place.line for each in found.problems] == [12]


def test_options_are_told_apart() -> None:
    """Whether a blank stands between the short ones and their value or not."""
    told = [(each.name, each.value) for each in read().options]
    assert told == [("--index-url", "https://example.com/simple"), ("-r", "base.txt"), ("-c", "other/constraints.txt")]


versions = st.from_regex(r"[0-9]{1,2}(\.[0-9]){0,2}", fullmatch=True)
clauses = st.lists(st.tuples(st.sampled_from(["==", ">=", "<", "~=", "!="]), versions).map("".join), max_size=3)


@given(
    st.from_regex(r"[A-Za-z]([A-Za-z0-9_.-]{0,7}[A-Za-z0-9])?", fullmatch=True),
    st.lists(st.sampled_from(["x", "y-z"]), max_size=2),
    clauses,
)
def test_a_requirement_is_read_as_packaging_reads_it(name: str, extras: list[str], clauses: list[str]) -> None:
    """Beside the library that pip itself uses."""
    line = f"{name}{'[' + ', '.join(extras) + ']' if extras else ''} {', '.join(clauses)}"
    found = parse_requirement(line, Place("f"))
    try:
        reference = Reference(line)
    except InvalidRequirement:
        return
    assert isinstance(found, Requirement)
    assert found.name == canonicalize_name(reference.name)
    assert (set(found.extras), set(found.specifier.split(",")) - {""}) == (
        reference.extras, {str(each) for each in reference.specifier}
    )  # fmt: skip
