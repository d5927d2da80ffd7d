"""Since when a file is as it is: read from the objects of a Git repository, without running git."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dulwich.objects import Commit
    from dulwich.repo import Repo

MOST = 200_000
"""How many commits are looked at."""


def since(folder: Path, path: str, content: bytes) -> datetime.date | None:
    """The day of the last commit that changed a file of this content; None where the history does not tell.

    It does not where dulwich is not installed, where the folder is not the top of a checkout, where the checkout is
    too shallow to hold that commit, and where the file is not as HEAD has it: then nobody has committed it yet.
    """
    try:
        from dulwich.repo import Repo
    except ImportError:
        return None
    try:
        with Repo(str(folder)) as repository:
            return _changed(repository, path, content)
    except Exception:  # the objects are a stranger's, and whatever is wrong with them, they do not tell
        return None


def _changed(repository: Repo, path: str, content: bytes) -> datetime.date | None:
    """Follow the parents that have the same file, as `git log` does; where none has it, the file was changed."""
    from dulwich.objects import Blob, Commit

    shallow = repository.get_shallow()
    commit = repository[repository.head()]
    if not isinstance(commit, Commit):
        return None
    wanted = _blob(repository, commit, path)
    if wanted is None or wanted != Blob.from_string(content).id:
        return None
    for _ in range(MOST):
        if commit.id in shallow:
            return None
        parents = [parent for each in commit.parents if isinstance(parent := repository[each], Commit)]
        same = next((each for each in parents if _blob(repository, each, path) == wanted), None)
        if same is None:
            zone = datetime.timezone(datetime.timedelta(seconds=commit.commit_timezone))
            return datetime.datetime.fromtimestamp(commit.commit_time, zone).date()
        commit = same
    return None


def _blob(repository: Repo, commit: Commit, path: str) -> bytes | None:
    from dulwich.object_store import tree_lookup_path

    try:
        return tree_lookup_path(repository.__getitem__, commit.tree, path.encode())[1]
    except KeyError:
        return None
