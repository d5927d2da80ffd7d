"""Shell scripts as commands and words, nothing expanded."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apparch.repository.shell import parse_commands


@pytest.mark.parametrize(
    ("text", "commands"),
    [
        ("a b 'c d' \"e f\"", [["a", "b", "c d", "e f"]]),
        ("a && b || c; d | e &", [["a"], ["b"], ["c"], ["d"], ["e"]]),
        ("a \\\n  b # no\n# c\nd", [["a", "b"], ["d"]]),
        ("if ! a; then\n  b\nelse c\nfi", [["a"], ["b"], ["c"]]),
        ("x=$(a b) c", [["a", "b"], ["c"]]),
        ('a "$(b `c`)"', [["c"], ["b", "`c`"], ["a", "$(b `c`)"]]),
        ("a > out 2>&1 < in b", [["a", "b"]]),
        ("cat <<EOF\nno command\nEOF\nb", [["cat"], ["b"]]),
        ("cat <<-'E' <<F\n\tx\n\tE\ny\nF\nb", [["cat"], ["b"]]),
        ("a ${{ github.sha || 'x y' }} b", [["a", "${{ github.sha || 'x y' }}", "b"]]),
        ("A=1 B='2 3' c", [["c"]]),
        ("{ a; }; (b)", [["a"], ["b"]]),
        ("echo a#b '# c'", [["echo", "a#b", "# c"]]),
        ("a $((1 + 2)) ${x:-y}", [["a", "$((1 + 2))", "${x:-y}"]]),
        ("diff <(a) <(b c)", [["a"], ["b", "c"], ["diff"]]),
    ],
)
def test_a_script_is_read_as_commands(text: str, commands: list[list[str]]) -> None:
    """Those inside of a substitution come before the one around them."""
    assert [list(each.words) for each in parse_commands(text) if each.words] == commands


def test_a_command_knows_its_place_and_what_it_is_given() -> None:
    """Offsets in the text, variables, here-documents."""
    text = "true\n  A=1 python3 - <<E && b\nprint(1)\nE\n"
    first, second, third = parse_commands(text)
    assert text[second.begin : second.end] == "A=1 python3 -"
    assert (first.name, second.assignments, second.name) == ("true", (("A", "1"),), "python3")
    assert (third.words, third.heredocs) == (("b",), ("print(1)",))


@given(st.text() | st.text(alphabet="ab $(){}`'\"\\<>|&;#\n=E", max_size=60))
def test_no_text_raises(text: str) -> None:
    """And every command lies in the text."""
    assert all(0 <= each.begin <= each.end for each in parse_commands(text))
