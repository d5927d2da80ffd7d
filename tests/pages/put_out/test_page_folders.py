"""Which files the site is built from."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.pages.small import APP, a_page, a_site, write_snippet

from apparch.pages.drawn.source_pages import source_pages
from apparch.pages.errors import PageError
from apparch.pages.put_out.page_folders import write_pages
from apparch.pages.written.site import Site

TEXT = '# 문서\n\n```python\n--8<-- "snippets/a.py:one"\n```'
SOURCE = "# --8<-- [start:one]\nx = 1 < 2\n# --8<-- [end:one]\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository with a snippet and an asset."""
    write_snippet(tmp_path, "snippets/a.py", SOURCE)
    write_snippet(tmp_path, "docs/assets/logo.svg", "<svg/>")
    write_snippet(tmp_path, "docs/ledger.yaml", "not_yet: {}\n")
    return tmp_path


def site(root: Path, text: str = TEXT, **meta: object) -> Site:
    """One page that shows the snippet."""
    return a_site(root, a_page(text, APP, "ko", **meta), a_page("", APP, "en"), rules=())


def files(folder: Path) -> list[str]:
    """Every file below a folder."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_pages_sources_and_assets_are_written(root: Path) -> None:
    """Each language's folder holds its pages, each shown snippet in full and each asset, and no data file."""
    write_pages(site(root), root / "build")

    own = ["arch/k8s_app_architecture.md", "assets/logo.svg", "source/a.py/index.html"]
    assert [f"{language}/{name}" for language in ("en", "ko") for name in own] == files(root / "build")


def test_front_matter_is_kept(root: Path) -> None:
    """A page's front matter stands before its published text."""
    write_pages(site(root, title="문서"), root / "build")

    assert (root / f"build/ko/{APP}.md").read_text("utf-8").startswith('---\ntitle: "문서"\n---\n\n# 문서\n')


def test_what_did_not_change_is_left_alone(root: Path) -> None:
    """Only pages that changed are written, so that a live reload builds no more than it must."""
    write_pages(site(root), root / "build")
    before = {path: (root / "build" / path).stat().st_mtime_ns for path in files(root / "build")}
    write_pages(site(root, TEXT + "\n\n더"), root / "build")
    after = {path: (root / "build" / path).stat().st_mtime_ns for path in files(root / "build")}

    assert [f"ko/{APP}.md"] == [path for path in before if before[path] != after[path]]


def test_what_is_gone_is_removed(root: Path) -> None:
    """A page or source that the site no longer has leaves no file and no folder."""
    write_pages(site(root), root / "build")
    write_pages(site(root, "# 문서"), root / "build")

    assert [] == [file for file in files(root / "build") if "source" in file]
    assert not (root / "build/ko/source").exists()


def test_a_page_that_cannot_be_published_writes_nothing(root: Path) -> None:
    """A mistake on one page leaves the folder as it was."""
    with pytest.raises(PageError, match="ABC001"):
        write_pages(site(root, "ABC001"), root / "build")

    assert [] == files(root / "build")


def test_a_source_page_shows_its_file_line_by_line(root: Path) -> None:
    """Each line has the anchor that captions lead to; code is escaped; markers are shown as they are."""
    [(path, html)] = source_pages(site(root))

    assert "source/a.py/index.html" == path
    assert [
        '<li id="L1"><code># --8&lt;-- [start:one]</code></li>',
        '<li id="L2"><code>x = 1 &lt; 2</code></li>',
        '<li id="L3"><code># --8&lt;-- [end:one]</code></li>',
    ] == [line for line in html.split("\n") if line.startswith("<li id")]


def test_a_source_page_finds_its_style(root: Path) -> None:
    """A source page leads to the site's assets from wherever it stands."""
    [(_, html)] = source_pages(site(root))

    assert '<link rel="stylesheet" href="../../assets/source.css">' in html


def test_what_the_findings_name_has_a_source_page(root: Path) -> None:
    """A snippet that only the findings name is shown in full too; one that does not exist is not."""
    write_snippet(root, "snippets/b.py", "y\n")
    findings = {"findings": [{"snippets": ["snippets/b.py", "snippets/none.py"]}]}
    found = a_site(root, a_page("# 문서"), rules=(), findings=findings)

    assert ["source/b.py/index.html"] == [path for path, _ in source_pages(found)]
