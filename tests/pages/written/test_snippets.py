"""How an include becomes text, and which section markers are refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from markdown import Markdown
from pymdownx.snippets import SnippetExtension
from tests.pages.small import write_snippet

from apparch.pages.errors import PageError
from apparch.pages.written.shown import all_blocks
from apparch.pages.written.site import load_site
from apparch.pages.written.snippets import find_sections, read_snippet

ROOT = Path(__file__).parents[3]
FILE = "snippets/a.py"

SOURCE = """\
import os

# --8<-- [start:one]
def one() -> int:
    return 1
# --8<-- [end:one]


class Two:
    # --8<-- [start:inner]
    def two(self) -> int:
        return 2

    # --8<-- [end:inner]
"""

# Each row: the include, the first and last line in the file, the text.
READ: dict[str, tuple[str, int, int, str]] = {
    "section": (f'--8<-- "{FILE}:one"', 4, 5, "def one() -> int:\n    return 1"),
    "indented section": (f'--8<-- "{FILE}:inner"', 11, 13, "def two(self) -> int:\n    return 2"),
    "spaces around": (f'  --8<-- "{FILE}:one"  ', 4, 5, "def one() -> int:\n    return 1"),
    "whole file": (
        f'--8<-- "{FILE}"',
        1,
        14,
        "import os\n\ndef one() -> int:\n    return 1\n\n\nclass Two:\n    def two(self) -> int:\n        return 2",
    ),
}


@pytest.mark.parametrize(("include", "first", "last", "text"), READ.values(), ids=READ)
def test_an_include_is_read(tmp_path: Path, include: str, first: int, last: int, text: str) -> None:
    """An include gives its lines without markers and common indent, and knows where they stand."""
    write_snippet(tmp_path, FILE, SOURCE)

    snippet = read_snippet(tmp_path, include)

    assert (FILE, first, last, text) == (snippet.path, snippet.first, snippet.last, snippet.text)


# Each row: the include, then what its message must name.
REFUSED: dict[str, tuple[str, str]] = {
    "typed code": ("print(1)", "'print(1)' is no include"),
    "range of lines": (f'--8<-- "{FILE}:1:3"', "is no include"),
    "range without start": (f'--8<-- "{FILE}::3"', "is no include"),
    "text behind the include": (f'--8<-- "{FILE}" # one', "is no include"),
    "no quotes": (f"--8<-- {FILE}", "is no include"),
    "shorter scissors": (f'-8<- "{FILE}"', "is no include"),
    "missing file": ('--8<-- "snippets/b.py"', "snippets/b.py: no such snippet file"),
    "folder": ('--8<-- "snippets"', "only files under snippets/"),
    "other folder": ('--8<-- "src/a.py"', "src/a.py: only files under snippets/"),
    "way out": ('--8<-- "snippets/../a.py"', "only files under snippets/"),
    "missing section": (f'--8<-- "{FILE}:three"', f"{FILE}: no section [three]; it has one, inner"),
}


@pytest.mark.parametrize(("include", "message"), REFUSED.values(), ids=REFUSED)
def test_a_wrong_include_is_refused(tmp_path: Path, include: str, message: str) -> None:
    """What is no include, or names nothing that exists, is refused in one line that says so."""
    write_snippet(tmp_path, FILE, SOURCE)

    with pytest.raises(PageError) as refused:
        read_snippet(tmp_path, include)

    assert message in str(refused.value)


# Each row: a snippet file, then the whole message about it.
MARKERS: dict[str, tuple[str, str]] = {
    "never closed": ("# --8<-- [start:a]\nx", "a.py:1: section [a] is never closed; add --8<-- [end:a]"),
    "empty": ("# --8<-- [start:a]\n# --8<-- [end:a]", "a.py:2: section [a] is empty"),
    "only blank lines": ("# --8<-- [start:a]\n\n  \n# --8<-- [end:a]", "a.py:4: section [a] is empty"),
    "twice": (
        "# --8<-- [start:a]\nx\n# --8<-- [end:a]\n# --8<-- [start:a]\ny\n# --8<-- [end:a]",
        "a.py:4: section [a] stands twice",
    ),
    "opened twice": ("# --8<-- [start:a]\n# --8<-- [start:a]\nx\n# --8<-- [end:a]", "a.py:2: section [a] stands twice"),
    "end without start": ("x\n# --8<-- [end:a]", "a.py:2: [end:a] without its start"),
    "end of another name": ("# --8<-- [start:a]\nx\n# --8<-- [end:b]", "a.py:3: [end:b] without its start"),
    "Korean name": ("# --8<-- [start:가]\nx\n# --8<-- [end:가]", "a.py:1: section name '가'; use a-z, 0-9 and dashes"),
    "space in the name": ("# --8<-- [start: a]", "a.py:1: section name ' a'; use a-z, 0-9 and dashes"),
    "no brackets": (
        "x\n# --8<-- start:a",
        "a.py:2: a malformed section marker; write --8<-- [start:name] or [end:name]",
    ),
}


@pytest.mark.parametrize(("source", "message"), MARKERS.values(), ids=MARKERS)
def test_a_wrong_marker_is_refused(source: str, message: str) -> None:
    """A marker that the site's own extension would let pass in silence is refused with file and line."""
    with pytest.raises(PageError) as refused:
        find_sections(source.split("\n"), "a.py")

    assert message == str(refused.value)


def test_every_marker_of_every_snippet_is_right() -> None:
    """None is empty, doubled or never closed, in files not shown as well; a diff holds those of other files."""
    wrong = []
    for file in sorted((ROOT / "snippets").rglob("*")):
        if (
            file.is_file()
            and file.suffix != ".diff"
            and not {"__pycache__", ".hypothesis", ".ruff_cache", ".git"} & set(file.parts)
        ):
            lines = file.read_text("utf-8", errors="replace").split("\n")
            try:
                find_sections(lines, file.relative_to(ROOT).as_posix())
            except PageError as error:
                wrong.append(str(error))

    assert [] == wrong


def test_every_include_of_the_pages_reads_as_the_site_would_read_it() -> None:
    """The text of every block is what pymdownx.snippets, the extension that readers know, puts in its place."""
    extension = SnippetExtension(base_path=[str(ROOT)], check_paths=True, dedent_subsections=True)
    preprocessor = Markdown(extensions=[extension]).preprocessors["snippet"]
    different = []
    blocks = all_blocks(load_site(ROOT))
    for block in blocks:
        section = f":{block.snippet.section}" if block.snippet.section else ""
        lines = preprocessor.run([f'--8<-- "{block.snippet.path}{section}"'])
        if block.text != "\n".join(lines).strip("\n"):
            different.append(f"{block.page}:{block.line} {block.origin}")

    assert len(blocks) > 250
    assert [] == different
