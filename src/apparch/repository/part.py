"""A part of a repository that belongs together: one app's files, or one set of manifests."""

from __future__ import annotations

from functools import cached_property

from apparch.repository.places import Place
from apparch.repository.view import Repository


class RepositoryPart:
    """The files below `directory`, without those of other parts; workflows lie at the repository's root."""

    def __init__(
        self, root: Repository, directory: str = "", without: tuple[str, ...] = (), within: tuple[str, ...] = ()
    ) -> None:
        self.root = root
        """The whole repository."""
        self.directory = directory
        self.without = without
        """Folders and files that belong to another part."""
        self.within = within
        """The folders and files that are the part, where it is not all of its directory."""
        self.repository = root.below(directory)

    @cached_property
    def files(self) -> tuple[str, ...]:
        """Its files, relative to the repository's root, without those of other parts."""
        prefix, others = self.repository.prefix, tuple(f"{each}/" for each in self.without)
        paths = (f"{prefix}{path}" for path in self.repository.files)
        own = tuple(path for path in paths if not path.startswith(others) and path not in self.without)
        if not self.within:
            return own
        folders = tuple(f"{each}/" for each in self.within)
        return tuple(path for path in own if path.startswith(folders) or path in self.within)

    @property
    def whole(self) -> bool:
        """Whether it is all of the repository, so that what stands at the root is its own."""
        return not (self.directory or self.without or self.within)

    def place(self, path: str, line: int = 1, column: int = 1) -> Place:
        """A place in one of its files, relative to its own directory."""
        return Place(f"{self.repository.prefix}{path}", line, column)
