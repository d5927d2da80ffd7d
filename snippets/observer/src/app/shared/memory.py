"""How much memory the container may use, how much it uses, and what is let go before the kernel kills."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

logger = logging.getLogger(__name__)
CGROUPS = Path("/sys/fs/cgroup")
OWN_CGROUP = Path("/proc/self/cgroup")
V1_UNLIMITED = 2**60  # version 1 writes a huge page-aligned number where version 2 writes "max"


# --8<-- [start:read]
@dataclass(frozen=True)
class Memory:
    """Bytes that cannot be reclaimed, and the bytes allowed: None means no limit (App document 6.4)."""

    working_set: int
    limit: int | None

    @property
    def used(self) -> float:
        """The share of the limit in use, from 0; 0 without a limit."""
        return self.working_set / self.limit if self.limit else 0.0


def read_memory(root: Path = CGROUPS, own: Path = OWN_CGROUP) -> Memory:
    """What the kernel counts for this container, all its processes together; raises OSError or ValueError.

    The limit is the smallest one from the own cgroup up to the root: a parent's limit kills as well.
    """
    top, path, names = _locate(root, own.read_text())
    directory = _inside(top, path)
    current = int((directory / names.current).read_text())
    reclaimable = _stat(directory / "memory.stat", names.inactive_file)
    limits = [limit for level in _upwards(directory, top) if (limit := _limit(level / names.limit)) is not None]
    return Memory(working_set=max(0, current - reclaimable), limit=min(limits, default=None))


# --8<-- [end:read]


# --8<-- [start:guard]
class MemoryGuard:
    """Calls its relief functions when the container nears its limit; never raises (App document 6.4).

    `pressed` stays true while the share in use is at least `threshold`: new work can be refused by it.
    """

    def __init__(self, read: Callable[[], Memory] = read_memory, threshold: float = 0.8) -> None:
        self._read = read
        self._threshold = threshold
        self._relief: list[Callable[[], None]] = []
        self.pressed = False

    def relieve_with(self, relief: Callable[[], None]) -> None:
        """Register something that really frees memory: drops a cache, or stops taking work in."""
        self._relief.append(relief)

    def check(self) -> Memory | None:
        """Read once and relieve if need be; None when the kernel's files cannot be read."""
        try:
            memory = self._read()
        except Exception as error:
            logger.warning("memory cannot be read: %s", error)
            return None
        self.pressed = memory.used >= self._threshold
        if self.pressed:
            logger.warning("memory: %d of %s bytes in use", memory.working_set, memory.limit)
            for relief in self._relief:
                try:
                    relief()
                except Exception:
                    logger.exception("memory relief failed")
        return memory


# --8<-- [end:guard]


# --8<-- [start:cgroup]
@dataclass(frozen=True)
class _Names:
    limit: str
    current: str
    inactive_file: str


V2 = _Names("memory.max", "memory.current", "inactive_file")
V1 = _Names("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")


def _locate(root: Path, membership: str) -> tuple[Path, str, _Names]:
    """The memory hierarchy's top directory, the own path below it, and the version's file names."""
    lines = [line.split(":", 2) for line in membership.splitlines()]
    for _, controllers, path in lines:
        if "memory" in controllers.split(","):
            return root / "memory", path, V1
    for _, controllers, path in lines:
        if controllers == "":
            return root, path, V2
    raise ValueError("no cgroup of this process counts memory")


def _inside(top: Path, path: str) -> Path:
    """The own directory; a container often sees it mounted as the top itself, under its host path's name."""
    directory = top / path.lstrip("/")
    return directory if ".." not in directory.parts and directory.is_dir() else top


def _upwards(directory: Path, top: Path) -> Iterator[Path]:
    yield directory
    while directory != top:
        directory = directory.parent
        yield directory


def _limit(file: Path) -> int | None:
    """One level's limit in bytes; the top of the hierarchy has no such file."""
    try:
        text = file.read_text().strip()
    except FileNotFoundError:
        return None
    return None if text == "max" or int(text) >= V1_UNLIMITED else int(text)


def _stat(file: Path, name: str) -> int:
    for line in file.read_text().splitlines():
        key, _, value = line.partition(" ")
        if key == name:
            return int(value)
    return 0


# --8<-- [end:cgroup]
