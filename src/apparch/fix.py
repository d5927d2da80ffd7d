"""The repairs that are mechanical and safe, made in the files of a repository."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

from apparch.finding import Edit, Finding


def fix(folder: Path, findings: Iterable[Finding]) -> Iterator[str]:
    """Make the repairs that the findings bring; yields one line for each edit that was made, or could not be."""
    edits = dict.fromkeys(edit for finding in findings for edit in finding.repair)
    for edit in edits:
        yield _made(folder, edit)


def applied(text: str | None, edit: Edit) -> str | None:
    """A file's text after an edit; None where the edit does not fit it."""
    if edit.old is None:
        return edit.new if text is None else None
    if text is None or text.count(edit.old) != 1:
        return None
    return text.replace(edit.old, edit.new)


def _made(folder: Path, edit: Edit) -> str:
    try:
        path = _inside(folder, edit.path)
        if edit.moves_to:
            target = _inside(folder, edit.moves_to)
            if target.exists():
                return f"{edit.path}: not moved, {edit.moves_to} is there"
            target.parent.mkdir(parents=True, exist_ok=True)
            path.rename(target)
            return f"{edit.path}: moved to {edit.moves_to}"
        new = applied(path.read_bytes().decode() if path.is_file() else None, edit)
        if new is None:
            return f"{edit.path}: not changed, its text is no longer what was judged"
        path.parent.mkdir(parents=True, exist_ok=True)
        _replace(path, new)
    except (OSError, ValueError) as error:
        return f"{edit.path}: not changed, {error}"
    return f"{edit.path}: {'made' if edit.old is None else 'changed'}"


def _inside(folder: Path, path: str) -> Path:
    """The file, where neither it nor a folder on the way is a link: a link may lead outside the repository."""
    pure = PurePosixPath(path)
    if pure.is_absolute() or ".." in pure.parts:
        raise ValueError("it lies outside the repository")
    at = folder
    for part in pure.parts:
        at = at / part
        if at.is_symlink():
            raise ValueError("it is, or lies below, a symbolic link")
    return at


def _replace(path: Path, text: str) -> None:
    """Whole or not at all, with the mode that it had."""
    mode = stat.S_IMODE(path.stat().st_mode) if path.exists() else 0o644
    beside = path.with_name(f".{path.name}.apparch")
    beside.write_text(text, "utf-8", newline="")
    beside.chmod(mode)
    os.replace(beside, path)
