"""What a repository is made of: its parts, each with the evidence that it was told by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from apparch.catalogue.model import Text
from apparch.repository import Place

Kind = Literal["app", "deploy"]


@dataclass(frozen=True)
class Evidence:
    """A place, and what it shows of the repository."""

    place: Place
    says: Text
    """What stands there, in a few words that follow the place."""


@dataclass(frozen=True)
class App:
    """An app's directory, and what shows that it is one."""

    directory: str
    """Relative to the repository; empty for all of it."""
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True)
class Deployment:
    """What deploys, and where in the repository it is."""

    evidence: tuple[Evidence, ...]
    folders: tuple[str, ...]
    """The folders that hold it, none of them an app's, and the files of folders that hold more than it."""
    strong: bool
    """Whether it steers environments: a tool may show manifests without being deployed by them."""
    told_apart: bool = False
    """Whether it tells environments apart, and is more than manifests and what points at them."""
    main: bool = True
    """Whether it is what the repository is for, and no few files beside others."""
    charts: bool = False
    """Whether it is charts and nothing else."""


@dataclass(frozen=True)
class Part:
    """One app's source, or one set of manifests: a repository should hold only one."""

    kind: Kind
    directory: str
    """Relative to the repository; empty where the part is all of it."""
    evidence: tuple[Evidence, ...]
    """What it was told by, the first of it first."""
    without: tuple[str, ...] = ()
    """Folders and files in it that belong to another part."""
    within: tuple[str, ...] = ()
    """The folders and files that are the part, where it is not all of its directory."""
    deployment: tuple[str, ...] = ()
    """Of `without`, loose manifests: of a deployment that tells environments apart PLT001 says it all."""


@dataclass(frozen=True)
class Kinds:
    """The parts of a repository."""

    parts: tuple[Part, ...]
    neither: Text | None = None
    """Where there is no part: what the repository seems to be instead."""

    def of(self, kind: Kind) -> list[Part]:
        """The parts of one kind."""
        return [each for each in self.parts if each.kind == kind]
