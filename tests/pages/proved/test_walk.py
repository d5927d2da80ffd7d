"""How a walk's session is read, compared and judged."""

from __future__ import annotations

from pathlib import Path

import pytest

from apparch.pages.proved.judges.choice import fault
from apparch.pages.proved.judges.walk import SESSION, Step, matches, read_steps
from apparch.pages.written.blocks import Block
from apparch.pages.written.snippets import read_snippet

ROOT = Path(__file__).resolve().parents[3]

TEXT = """$ git init
--8<-- [start:shown]
app$ python -m app
one
two
deploy$ true
--8<-- [end:shown]
app$ git add .
"""


def test_a_session_is_its_commands_with_place_output_and_whether_a_reader_sees_them() -> None:
    """What stands outside every section is run and not shown."""
    assert read_steps(TEXT) == [
        Step(1, "", "git init", (), hidden=True),
        Step(3, "app", "python -m app", ("one", "two"), hidden=False),
        Step(6, "deploy", "true", (), hidden=False),
        Step(8, "app", "git add .", (), hidden=True),
    ]


@pytest.mark.parametrize(
    ("shown", "printed", "same"),
    [
        ([], [], True),
        ([], ["a"], False),
        (["a"], [], False),
        (["a"], ["a"], True),
        (["a"], ["a", "b"], False),
        (["a (…) c"], ["a (b) c"], True),
        (["a (…) c"], ["a b c"], False),
        (["a.c"], ["abc"], False),
        (["…", "z"], ["a", "b", "z"], True),
        (["…", "z"], ["z"], False),
        (["…"], [], False),
        (["a", "…"], ["a", "b"], True),
        (["… passed in …"], ["99 passed in 1.2s"], True),
    ],
)
def test_an_ellipsis_stands_for_what_differs_from_run_to_run(shown: list[str], printed: list[str], same: bool) -> None:
    """Within a line for any text, alone on a line for one line or more; everything else is literal."""
    assert matches(shown, printed) == same


def repository(root: Path, session: str) -> Path:
    """A root with both repositories, as small as a walk allows, and one walk."""
    overlay = root / "snippets/deploy/k8s/overlays/production/kustomization.yaml"
    example = root / "snippets/app/config/.env.example"
    for file, text in {
        overlay: "images:\n  - newTag: v1.0.0\n",
        example: "KEY=\n",
        root / "snippets/walks/w" / SESSION: session,
        root / "snippets/walks/w/1.diff": "--- a/new\n+++ b/new\n@@ -0,0 +1 @@\n+text\n",
    }.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    return root


def verdict(root: Path, language: str, include: str) -> str | None:
    """What the judge says of a block that includes a file of the walk."""
    snippet = read_snippet(root, f'--8<-- "snippets/walks/w/{include}"')
    return fault(Block("page.md", 1, "en", language, snippet), root)


SESSION_TEXT = """$ git -C app apply ../walk/1.diff
--8<-- [start:one]
app$ cat new
{shown}
--8<-- [end:one]
--8<-- [start:two]
app$ git describe --tags
v1.0.0
--8<-- [end:two]
"""


def test_a_walk_that_ends_as_shown_is_good(tmp_path: Path) -> None:
    """Its diff is applied, its commands print what stands below them, the release that runs is a tag."""
    root = repository(tmp_path, SESSION_TEXT.format(shown="text"))
    found = [verdict(root, "diff", "1.diff")]
    found += [verdict(root, "console", f"{SESSION}:{section}") for section in ("one", "two")]
    assert found == [None, None, None]


def test_another_output_is_named_with_its_line_from_there_on(tmp_path: Path) -> None:
    """A step that fails takes along those that come after it."""
    root = repository(tmp_path, SESSION_TEXT.format(shown="other"))
    found = [verdict(root, "console", f"{SESSION}:{section}") for section in ("one", "two")]
    place = f"snippets/walks/w/{SESSION}:3: cat new: it prints\ntext"
    assert [str(each).strip() for each in found] == [f"docs/page.md:1: {place}"] * 2


def test_a_hidden_command_that_fails_is_named(tmp_path: Path) -> None:
    """A diff that no longer applies ends the walk."""
    root = repository(tmp_path, SESSION_TEXT.format(shown="text"))
    (root / "snippets/app/new").write_text("here already\n")
    found = str(verdict(root, "console", f"{SESSION}:one"))
    assert f"snippets/walks/w/{SESSION}:1: git -C app apply ../walk/1.diff: exit code 1" in found


def test_a_diff_that_no_step_applies_is_refused(tmp_path: Path) -> None:
    """What a reader sees as the change must be the change."""
    root = repository(tmp_path, SESSION_TEXT.format(shown="text").partition("\n")[2])
    assert "session.console never applies it" in str(verdict(root, "diff", "1.diff"))


def test_each_diff_of_the_reference_walks_is_applied_once() -> None:
    """What a page shows as a change is carried out in its session, and not twice."""
    diffs = sorted((ROOT / "snippets/walks").glob("*/*.diff"))
    assert len(diffs) >= 4
    for diff in diffs:
        session = (diff.parent / SESSION).read_text("utf-8")
        assert session.count(f"apply ../walk/{diff.name}") == 1, diff
