"""The template's repository: the same commits each time, every version's files, nobody's configuration."""

from __future__ import annotations

import os
import shutil
from itertools import pairwise
from pathlib import Path

import pytest

from apparch.template import SOURCE, TemplateError, home
from apparch.template.repository import HISTORY, built, fetched, git, standing_in
from apparch.template.versions import read_versions

NEXT = """versions:
  - version: 9.0.0
    date: 2030-01-01
    changes: [{id: z, level: may, kind: app, rules: [], files: [docker/plan.py], what: {ko: 라, en: z}}]
"""


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repository of the template that this package carries."""
    return built(home(), tmp_path_factory.mktemp("template"))


def test_the_newest_tag_holds_the_folder(bare: Path, tmp_path: Path) -> None:
    """Byte for byte and with its modes, hidden files included, history and the list of versions left out."""
    git("--work-tree", str(tmp_path), "checkout", read_versions().newest.tag, "--", ".", at=bare)
    assert state(tmp_path) == {
        path: each for path, each in state(home()).items() if not path.startswith(("history/", "versions.yaml"))
    }


def state(folder: Path) -> dict[str, tuple[bytes, bool]]:
    """Each file's content, and whether it can be executed."""
    files = (each for each in folder.rglob("*") if each.is_file() and "__pycache__" not in each.parts)
    return {each.relative_to(folder).as_posix(): (each.read_bytes(), os.access(each, os.X_OK)) for each in files}


def test_what_a_version_changed_is_what_it_says(bare: Path) -> None:
    """The files that differ between two tags are those that the changes of the later one name."""
    versions = read_versions().all
    for new, old in pairwise(versions):
        paths = git("diff", "--name-only", old.tag, new.tag, "--", "app", "deploy", at=bare).split()
        differ = {(kind, rest.removesuffix(".jinja")) for kind, _, rest in (path.partition("/") for path in paths)}
        kinds = {"both": ("app", "deploy")}
        named = [
            (kind, file) for each in new.changes for kind in kinds.get(each.kind, (each.kind,)) for file in each.files
        ]
        assert sorted(named) == sorted(differ)


def test_a_tag_stays_the_same_when_a_version_is_added(bare: Path, tmp_path: Path) -> None:
    """However often and wherever it is built, so that a record of a commit means the same for ever."""
    folder = shutil.copytree(home(), tmp_path / "folder")
    newest = read_versions().newest.version
    (folder / "versions.yaml").write_text((folder / "versions.yaml").read_text().replace("versions:\n", NEXT, 1))
    plan = folder / "app/docker/plan.py"
    before = plan.read_text()
    plan.write_text(f"# Of the next version.\n{before}")
    (folder / HISTORY / f"{newest}.diff").write_text(
        "--- a/app/docker/plan.py\n+++ b/app/docker/plan.py\n@@ -1,2 +1,1 @@\n"
        f"-# Of the next version.\n {before.splitlines()[0]}\n"
    )
    tags = git("show-ref", "--tags", at=built(folder, tmp_path)).splitlines()
    assert tags.pop().endswith("refs/tags/v9.0.0")
    assert tags == git("show-ref", "--tags", at=bare).splitlines()


def test_nobodys_configuration_is_obeyed(bare: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the user's, nor that of a hook in which it runs."""
    (tmp_path / ".gitconfig").write_text(
        "[core]\n\tautocrlf = true\n[commit]\n\tgpgSign = true\n[init]\n\tdefaultObjectFormat = sha256\n"
    )
    for name, value in (("HOME", str(tmp_path)), ("GIT_DIR", "/nowhere"), ("GIT_AUTHOR_NAME", "somebody")):
        monkeypatch.setenv(name, value)
    assert git("show-ref", at=built(home(), tmp_path)) == git("show-ref", at=bare)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, r"history/3\.0\.0\.diff is missing: what turns the version after it into 3\.0\.0"),
        (
            "--- a/copier.yml\n+++ b/copier.yml\n@@ -1 +1 @@\n-x\n+y\n",
            r"3\.0\.0\.diff does not fit the version after it",
        ),
    ],
)
def test_a_history_that_does_not_fit_is_told(tmp_path: Path, text: str | None, message: str) -> None:
    """With the file that has to be made anew."""
    folder = shutil.copytree(home(), tmp_path / "folder")
    diff = folder / HISTORY / "3.0.0.diff"
    diff.unlink()
    if text is not None:
        diff.write_text(text)
    with pytest.raises(TemplateError, match=message):
        built(folder, tmp_path)


def test_the_source_is_taken_from_this_machine_and_nothing_stays(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Copier's own git takes the local repository; afterwards the environment is what it was."""
    from plumbum import local

    monkeypatch.setenv("GIT_AUTHOR_NAME", "somebody")
    before = dict(os.environ), dict(local.env)
    with standing_in(bare):
        assert local["git"]("ls-remote", "--tags", SOURCE) == git("ls-remote", "--tags", str(bare))
        assert "GIT_AUTHOR_NAME" not in {*os.environ, *local.env}
    assert (dict(os.environ), dict(local.env)) == before


@pytest.mark.parametrize("url", ["--upload-pack=touch x", "ext::sh -c true", "/nowhere"])
def test_what_is_no_repository_is_told(url: str, tmp_path: Path) -> None:
    """An option or a command is never taken for one."""
    with pytest.raises(TemplateError, match=r"is no address of a Git repository|git clone: "):
        fetched(url, tmp_path)


def test_a_git_that_would_fetch_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It knows no settings from the environment, by which the template of this machine is taken."""
    (tmp_path / "git").write_text("#!/bin/sh\necho git version 2.30.2\n")
    (tmp_path / "git").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(TemplateError, match=r"^git 2\.32 or later is needed; this is git version 2\.30\.2$"):
        built(home(), tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path / "nowhere"))
    with pytest.raises(TemplateError, match=r"^git is not installed, and a template is a Git repository$"):
        built(home(), tmp_path)
