"""The files that git would commit, compared with git itself on generated trees."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apparch.repository import Entry, Repository
from apparch.repository.ignore import gitignore
from apparch.repository.index import EXECUTABLE, LINK, SUBMODULE, find_checkout, parse_index

ENVIRONMENT = {
    **os.environ,
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
    **{f"GIT_{who}_{what}": "test@example.com" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
}


def git(root: Path, *arguments: str, given: str | None = None) -> str:
    """What git prints, without the settings of this machine."""
    command = ["git", "-c", "protocol.file.allow=always", *arguments]
    done = subprocess.run(command, cwd=root, env=ENVIRONMENT, capture_output=True, text=True, input=given, check=False)
    assert done.returncode in (0, 1), done.stderr
    return done.stdout


def write(root: Path, files: dict[str, str]) -> None:
    """Files with their folders."""
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")


def committed(root: Path) -> list[str]:
    """What `git add --all` would leave in the index."""
    return sorted(path for path in git(root, "ls-files", "-z", "-co", "--exclude-standard").split("\0") if path)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A working tree with tracked, ignored, untracked and gone files."""
    write(
        tmp_path,
        {
            ".gitignore": "*.log\n/out/\n!keep.log\n.env\n", "a/.gitignore": "b.txt\n", "a/b.txt": "", "a/c.txt": "",
            "x.log": "", "keep.log": "", "out/y": "", ".env": "", "run.sh": "", "é한 x.md": "", "gone": "",
            "a/.env": "", "out/tracked": "",
        },
    )  # fmt: skip
    (tmp_path / "run.sh").chmod(0o755)
    (tmp_path / "link").symlink_to("/etc/passwd")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "--all")
    git(tmp_path, "add", "--force", ".env", "out/tracked")
    (tmp_path / "gone").unlink()
    write(tmp_path, {"new.py": "", "new.log": "", "out/z": "", ".git/info/exclude": "excluded\n", "excluded": ""})
    return tmp_path


def test_files_are_those_that_git_would_commit(tree: Path) -> None:
    """Tracked ones that are there, untracked ones that nothing ignores."""
    wanted = [path for path in committed(tree) if path not in ("gone", "link")]
    assert list(Repository(tree).files) == wanted
    assert {".env", "out/tracked", "new.py", "keep.log"} <= set(wanted)


@pytest.mark.parametrize("version", ["2", "3", "4"])
def test_every_version_of_the_index_is_read(tree: Path, version: str) -> None:
    """With the flags that make version 3, and the shared beginnings of version 4."""
    if version == "3":
        git(tree, "add", "--intent-to-add", "new.py")
    git(tree, "update-index", "--index-version", version)
    data = (tree / ".git" / "index").read_bytes()
    assert data[7] == int(version)
    listed = [line.split(None, 3) for line in git(tree, "-c", "core.quotePath=false", "ls-files", "-s").splitlines()]
    assert parse_index(data) == {path: int(mode, 8) for mode, _, _, path in listed}


def test_an_index_of_sha256_is_read(tmp_path: Path) -> None:
    """Its entries are longer."""
    write(tmp_path, {"a": "", "b/c": ""})
    git(tmp_path, "init", "-q", "--object-format=sha256")
    git(tmp_path, "add", "--all")
    assert list(parse_index((tmp_path / ".git" / "index").read_bytes()) or ()) == ["a", "b/c"]


def test_a_split_index_is_not_half_read(tree: Path) -> None:
    """Ignore rules decide instead."""
    git(tree, "update-index", "--split-index")
    assert parse_index((tree / ".git" / "index").read_bytes()) is None
    assert ".env" not in Repository(tree).files
    assert "keep.log" in Repository(tree).files


def test_modes_are_told(tree: Path) -> None:
    """Of executables, links and submodules; a link or submodule is no file."""
    write(tree, {"sub/inner": ""})
    git(tree / "sub", "init", "-q")
    git(tree / "sub", "add", "--all")
    git(tree / "sub", "commit", "-q", "-m", "inner")
    git(tree, "add", "sub")
    repository = Repository(tree)
    assert repository.entry("run.sh") == Entry("run.sh", EXECUTABLE)
    assert repository.entry("link") == Entry("link", LINK)
    assert repository.entry("sub") == Entry("sub", SUBMODULE)
    assert repository.entry("new.py") == Entry("new.py", tracked=False)
    assert not {"link", "sub", "sub/inner"} & set(repository.files)


def test_a_worktree_has_an_index_of_its_own(tree: Path) -> None:
    """Its `.git` is a file that tells where."""
    git(tree, "commit", "-q", "-m", "first")
    git(tree, "worktree", "add", "-q", str(tree.parent / "beside"), "-b", "beside")
    beside = tree.parent / "beside"
    write(beside, {"x.log": "", "excluded": "", "only-here": ""})
    checkout = find_checkout(beside)
    assert checkout is not None
    assert checkout.tracked is not None
    assert list(Repository(beside).files) == [path for path in committed(beside) if path != "link"]


def test_a_folder_of_a_checkout_follows_the_rules_above_it(tree: Path) -> None:
    """The root that is asked for need not be git's."""
    write(tree, {"a/new.log": "", "a/excluded": "", "a/deep/b.txt": ""})
    assert list(Repository(tree / "a").files) == [".gitignore", "c.txt"]


def test_an_ignored_folder_can_be_read_on_its_own(tree: Path) -> None:
    """Whoever names it wants it judged."""
    git(tree, "rm", "-q", "--cached", "out/tracked")
    assert list(Repository(tree / "out").files) == ["tracked", "y", "z"]


def test_another_repository_inside_is_left_out(tree: Path) -> None:
    """Git would commit nothing of it."""
    write(tree, {"nested/file": ""})
    git(tree / "nested", "init", "-q")
    assert "nested/file" not in Repository(tree).files


def test_without_git_ignore_rules_decide(tmp_path: Path) -> None:
    """As for an unpacked archive."""
    write(tmp_path, {".gitignore": "build/\n", "build/x": "", "a": ""})
    assert Repository(tmp_path).files == (".gitignore", "a")


@given(st.binary(max_size=200), st.integers(0, 400))
@settings(max_examples=60)
def test_a_damaged_index_is_no_error(noise: bytes, at: int) -> None:
    """Whatever its bytes are."""
    whole = bytearray(b"DIRC\0\0\0\2\0\0\0\2" + noise + bytes(20))
    assert parse_index(bytes(whole)) is None or isinstance(parse_index(bytes(whole)), dict)
    parse_index(b"DIRC\0\0\0\4" + noise[at % 200 :] + bytes(32))


steps = st.sampled_from(["a", "b", "ab", "a.c", "b.c"])
wild = st.sampled_from(["a", "b", "*", "**", "a*", "*.c", "?", "[ab]", "[!a]", "[^b].c", "a**c", r"\a", "[a", "a\\ "])
pattern = st.builds(
    lambda no, begin, parts, end: no + begin + "/".join(parts) + end,
    st.sampled_from(["", "", "!"]), st.sampled_from(["", "", "/"]),
    st.lists(wild, min_size=1, max_size=3), st.sampled_from(["", "", "/", " ", "\t", "\r"]),
)  # fmt: skip
paths = st.lists(steps, min_size=1, max_size=4).map("/".join)


@given(
    st.lists(st.tuples(st.sampled_from(["", "a/", "a/b/"]), st.lists(pattern, max_size=4)), max_size=3), st.sets(paths)
)
@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_what_is_ignored_is_what_git_ignores(
    tmp_path_factory: pytest.TempPathFactory, rules: list[tuple[str, list[str]]], wanted: set[str]
) -> None:
    """Nested files, negation, folders, classes, escapes; asked of paths that need not exist."""
    files = {f"{folder}.gitignore": "\n".join(lines) + "\n" for folder, lines in rules}
    root = tmp_path_factory.mktemp("tree")
    git(root, "init", "-q")
    write(root, files)
    asked = "\n".join(sorted(wanted))
    said = git(root, "check-ignore", "--stdin", "--no-index", given=asked) if asked else ""
    ignore = gitignore(Repository.of(files))
    assert [
        path for path in sorted(wanted) if ignore.excluded(path, directory=(root / path).is_dir())
    ] == said.splitlines()
