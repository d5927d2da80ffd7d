"""Which lines a change touches: read from a diff, or from two states of a repository without running git."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Callable
from pathlib import Path

from apparch.repository import Repository

_HUNK = re.compile(r"@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
_QUOTED = re.compile(r"\\([0-7]{3}|.)")
_SIGNS = {"t": "\t", "n": "\n", "r": "\r", '"': '"', "\\": "\\", "a": "\a", "b": "\b", "f": "\f", "v": "\v"}
INSTALL = "install apparch[diff], or give a diff: git diff BASE > change.diff, then --diff change.diff"


class ChangesError(Exception):
    """What was given is no diff and no state of the repository; the message says how to go on."""


def changed_lines(base: str, folder: Path) -> dict[str, frozenset[int]]:
    """The lines that were added or changed, by file.

    `base` is a file that holds a unified diff, or a revision: then the files of the folder are compared with the
    last state that the revision and HEAD have in common, as a pull request does.

    Raises:
        ChangesError: it is neither.
    """
    file = Path(base)
    if file.is_file():
        return lines_of_diff(file.read_text("utf-8", errors="replace"))
    return _since(base, folder)


def lines_of_diff(text: str) -> dict[str, frozenset[int]]:
    """The added lines of a unified diff, by the new file's path.

    Raises:
        ChangesError: nothing in it looks like a diff, and it is not empty.
    """
    found: dict[str, set[int]] = {}
    path: str | None = None
    number = old_left = new_left = 0
    for line in text.splitlines():
        if old_left > 0 or new_left > 0:
            if line.startswith("+"):
                found.setdefault(path or "", set()).add(number)
            old_left -= line[:1] in ("-", " ", "")
            new_left -= line[:1] in ("+", " ", "")
            number += line[:1] in ("+", " ", "")
        elif line.startswith("+++ "):
            path = _path(line[4:])
        elif match := _HUNK.match(line):
            old_left, new_left, number = int(match[1] or 1), int(match[3] or 1), int(match[2])
    found.pop("", None)
    if text.strip() and not found and not re.search(r"^(diff |--- |\+\+\+ )", text, re.MULTILINE):
        raise ChangesError("it holds no unified diff; make one with git diff BASE")
    return {name: frozenset(lines) for name, lines in found.items()}


def _path(written: str) -> str | None:
    name = written.partition("\t")[0].rstrip()
    quoted = name.startswith('"') and name.endswith('"')
    # Git quotes a name that has a backslash: where nothing is quoted, another tool separates folders by it.
    name = _unquoted(name[1:-1]) if quoted else name.replace("\\", "/")
    return None if name == "/dev/null" else name.removeprefix("b/")


def _unquoted(name: str) -> str:
    """A name as git quotes it: octal bytes of UTF-8, and C's escapes."""
    data = bytearray()
    at = 0
    for match in _QUOTED.finditer(name):
        data += name[at : match.start()].encode()
        data += bytes([int(match[1], 8) & 255]) if match[1].isdigit() else _SIGNS.get(match[1], match[1]).encode()
        at = match.end()
    return (data + name[at:].encode()).decode("utf-8", errors="replace")


def _since(revision: str, folder: Path) -> dict[str, frozenset[int]]:
    try:
        from dulwich.errors import NotGitRepository
        from dulwich.graph import find_merge_base
        from dulwich.object_store import iter_tree_contents
        from dulwich.objects import Commit
        from dulwich.objectspec import parse_commit
        from dulwich.repo import Repo
    except ImportError as error:
        raise ChangesError(f"{revision} is no file, and to read a revision {INSTALL}") from error
    try:
        repository = Repo(str(folder))
        given = parse_commit(repository, revision.encode())
        shared = find_merge_base(repository, [given.id, repository.head()])
        commit = repository[shared[0]] if shared else given
        if not isinstance(commit, Commit):
            raise KeyError(revision)
        entries = iter_tree_contents(repository.object_store, commit.tree)
        known = {os.fsdecode(each.path): each.sha for each in entries if each.path and each.sha}
        return _compared(lambda path: repository[known[path]].as_raw_string() if path in known else b"", folder)
    except (NotGitRepository, KeyError, ValueError, OSError) as error:
        raise ChangesError(f"{revision} is neither a file nor a revision of {folder}; {INSTALL}") from error


def _compared(before: Callable[[str], bytes], folder: Path) -> dict[str, frozenset[int]]:
    found: dict[str, frozenset[int]] = {}
    repository = Repository(folder)
    for path in repository.files:
        new = repository.content(path)
        if isinstance(new, bytes) and (lines := _added(before(path), new)):
            found[path] = lines
    return found


def _added(old: bytes, new: bytes) -> frozenset[int]:
    if old == new:
        return frozenset()
    one, two = (text.decode("utf-8", errors="replace").splitlines() for text in (old, new))
    # The matcher looks for the longest block that is equal, and without this would find another one than people do.
    head = next(
        (at for at, pair in enumerate(zip(one, two, strict=False)) if pair[0] != pair[1]), min(len(one), len(two))
    )
    ends = zip(reversed(one[head:]), reversed(two[head:]), strict=False)
    tail = next((at for at, pair in enumerate(ends) if pair[0] != pair[1]), min(len(one), len(two)) - head)
    matcher = difflib.SequenceMatcher(None, one[head : len(one) - tail], two[head : len(two) - tail], autojunk=False)
    return frozenset(
        head + number
        for tag, _, _, start, end in matcher.get_opcodes()
        if tag in ("insert", "replace")
        for number in range(start + 1, end + 1)
    )
