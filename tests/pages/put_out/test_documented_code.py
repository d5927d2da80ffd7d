"""Which code is read for the pages that document some."""

from __future__ import annotations

from pathlib import Path

from tests.pages.small import a_page, write_snippet

from apparch.pages.put_out.documented_code import documented_code


def test_what_pages_document_is_taken_out_of_its_packages(tmp_path: Path) -> None:
    """A module with the packages around it, a package with all below it, and nothing that no page names."""
    for name in ("src/a/__init__.py", "src/a/b/__init__.py", "src/a/b/c.py", "src/a/b/d.py", "src/a/e.py"):
        write_snippet(tmp_path, name, "")
    write_snippet(tmp_path, "snippets/app/src/f/g/h.py", "X = 1\n")
    page = a_page("# A\n\n::: a.b.c\n    options: {}\n\n::: f\n", "reference/a", "en")

    found = documented_code([page], tmp_path)

    assert {"a/__init__.py", "a/b/__init__.py", "a/b/c.py", "f/g/h.py"} == {*found}
    assert b"X = 1\n" == found["f/g/h.py"]
