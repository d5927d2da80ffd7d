"""Git's index: which files a working tree tracks and with which mode, read from its bytes without running git."""

from __future__ import annotations

import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path

REGULAR, EXECUTABLE, LINK, SUBMODULE = 0o100644, 0o100755, 0o120000, 0o160000
FOLDER = 0o040000
"""A folder that a sparse checkout leaves out."""
LARGEST = 200_000_000
"""The largest index that is read, in bytes."""
_MODES = frozenset({REGULAR, 0o100664, EXECUTABLE, LINK, SUBMODULE, FOLDER})
_STAT, _EXTENDED, _NAME = 40, 0x4000, 0x0FFF


@dataclass(frozen=True)
class Checkout:
    """The working tree of git that a folder lies in."""

    top: Path
    """Its topmost folder."""
    common: Path
    """Its git directory, the one that all its worktrees share."""
    tracked: dict[str, int] | None
    """The mode of every tracked path below `top`; None where the index cannot be read."""


def find_checkout(folder: Path) -> Checkout | None:
    """The checkout that a folder is or lies in; None where no folder above it has a readable `.git`."""
    begin = Path(os.path.abspath(folder))
    for top in (begin, *begin.parents):
        directory = _git_directory(top)
        if directory is not None:
            shared = _bytes(directory / "commondir", 4096)
            common = directory / os.fsdecode(shared.strip()) if shared else directory
            data = _bytes(directory / "index", LARGEST)
            return Checkout(top, common, parse_index(data) if data is not None else None)
    return None


def parse_index(data: bytes) -> dict[str, int] | None:
    """The mode of every path of an index of version 2, 3 or 4; None for one that is malformed or split in two."""
    for hashed, size in ((hashlib.sha1, 20), (hashlib.sha256, 32)):
        body, sum_ = data[:-size], data[-size:]
        unsigned = not any(sum_)
        if len(body) < 12 or not (unsigned or hashed(body, usedforsecurity=False).digest() == sum_):
            continue
        try:
            return _entries(body, size)
        except (ValueError, IndexError):
            if not unsigned:
                return None
    return None


def _git_directory(top: Path) -> Path | None:
    here = top / ".git"
    try:
        mode = os.lstat(here).st_mode
    except OSError:
        return None
    if stat.S_ISDIR(mode):
        return here if _exists(here / "HEAD") else None
    told = _bytes(here, 4096) if stat.S_ISREG(mode) else None
    if told is None or not told.startswith(b"gitdir: "):
        return None
    directory = top / os.fsdecode(told.removeprefix(b"gitdir: ").strip(b"\r\n"))
    return directory if _exists(directory / "HEAD") else None


def _exists(path: Path) -> bool:
    try:
        os.lstat(path)
    except (OSError, ValueError):
        return False
    return True


def _bytes(path: Path, limit: int) -> bytes | None:
    try:
        return read_bounded(path, limit)
    except (OSError, ValueError):
        return None


def read_bounded(path: str | os.PathLike[str], limit: int) -> bytes | None:
    """The bytes of a regular file; None if there are more than `limit`. A link in its place is an OSError."""
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    try:
        known = os.fstat(descriptor)
        if not stat.S_ISREG(known.st_mode):
            raise OSError(0, "not a regular file")
        # A buffer of the limit's size for each file would take longer than reading does.
        data = os.read(descriptor, min(known.st_size, limit) + 1)
        while 0 < len(data) <= limit and (more := os.read(descriptor, limit + 1 - len(data))):
            data += more
    finally:
        os.close(descriptor)
    return data if len(data) <= limit else None


def _entries(body: bytes, hashed: int) -> dict[str, int]:
    version = int.from_bytes(body[4:8], "big")
    if body[:4] != b"DIRC" or version not in (2, 3, 4):
        raise ValueError
    found: dict[str, int] = {}
    at, name = 12, b""
    flags_at = _STAT + hashed
    for _ in range(int.from_bytes(body[8:12], "big")):
        mode = int.from_bytes(body[at + 24 : at + 28], "big")
        flags = int.from_bytes(body[at + flags_at : at + flags_at + 2], "big")
        begin = at + flags_at + (4 if flags & _EXTENDED and version > 2 else 2)
        kept = 0
        if version == 4:
            dropped, begin = _varint(body, begin)
            kept = len(name) - dropped
        end = body.index(b"\0", begin)
        name = name[:kept] + body[begin:end]
        if mode not in _MODES or kept < 0 or not name or len(name) != (flags & _NAME) < _NAME:
            raise ValueError
        if mode != FOLDER:
            found[os.fsdecode(name)] = mode
        # Up to version 3 an entry fills a multiple of eight bytes, at least one of them NUL behind the name.
        at = end + 1 if version == 4 else at + (end - at + 8) // 8 * 8
    _extensions(body, at)
    return found


def _extensions(body: bytes, at: int) -> None:
    while at < len(body):
        name, size = body[at : at + 4], int.from_bytes(body[at + 4 : at + 8], "big")
        if name == b"link":  # the rest of the entries is in another file
            raise ValueError
        at += 8 + size


def _varint(body: bytes, at: int) -> tuple[int, int]:
    value = body[at] & 0x7F
    while body[at] & 0x80:
        at += 1
        value = (value + 1 << 7) | (body[at] & 0x7F)
    return value, at + 1
