"""The setting that names the repository, and the addresses made from it."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.pages.small import write_snippet

from apparch.pages.errors import PageError
from apparch.pages.written.origin import Origin, read_origin

ROOT = Path(__file__).parents[3]
ORIGIN = Origin("https://git.example/team/docs")


@pytest.fixture(autouse=True)
def no_override(monkeypatch: pytest.MonkeyPatch) -> None:
    """The setting of somebody's own copy is left out."""
    monkeypatch.delenv("APPARCH_REPO_URL", raising=False)


def test_no_repository_is_invented() -> None:
    """Where nobody has named the repository, none is named."""
    assert read_origin(ROOT) is None


@pytest.mark.parametrize(
    "value", ["https://git.example/team/docs", "https://git.example/team/docs.git", "https://git.example/team/docs/"]
)
def test_the_environment_names_it(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    """A copied clone address and a page's address name the same repository."""
    monkeypatch.setenv("APPARCH_REPO_URL", value)

    assert ORIGIN == read_origin(ROOT)


@pytest.mark.parametrize("value", ['!ENV [APPARCH_REPO_URL, "https://git.example/team/docs"]', ORIGIN.url])
def test_the_configuration_names_it(tmp_path: Path, value: str) -> None:
    """What stands in mkdocs.yml counts where the environment says nothing."""
    write_snippet(tmp_path, "mkdocs.yml", f"repo_url: {value}\n")

    assert ORIGIN == read_origin(tmp_path)


@pytest.mark.parametrize("value", ["git@git.example:team/docs.git", "team/docs", "https://token@git.example/team/docs"])
def test_what_no_browser_opens_is_refused(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    """An address of git alone, or one with a credential, is refused with the form that is wanted."""
    monkeypatch.setenv("APPARCH_REPO_URL", value)

    with pytest.raises(PageError, match=r"^APPARCH_REPO_URL: .* write it as https://HOST/OWNER/NAME$"):
        read_origin(ROOT)


def test_addresses_of_files() -> None:
    """A file is shown, a line of it is pointed at, and it is edited, at the server's own addresses."""
    assert [
        "https://git.example/team/docs/blob/main/tests/a%20b.py",
        "https://git.example/team/docs/blob/main/tests/a.py#L7",
        "https://git.example/team/docs/edit/main/docs/index.md",
        "https://git.example/team/docs/issues/new?title=docs%2Findex.md",
    ] == [
        ORIGIN.file("tests/a b.py"),
        ORIGIN.file("tests/a.py", 7),
        ORIGIN.edit("docs/index.md"),
        ORIGIN.report("docs/index.md"),
    ]
