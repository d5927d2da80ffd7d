"""A repository with all its parts, for the rules that App and Deploy repos both keep."""

from __future__ import annotations

from dataclasses import dataclass

from apparch.app.repo import AppRepo
from apparch.deploy.repo import DeployRepo
from apparch.kinds import Kinds
from apparch.repository import Repository


@dataclass(frozen=True)
class Whole:
    """One repository and its parts."""

    repository: Repository
    kinds: Kinds
    apps: tuple[AppRepo, ...]
    deploys: tuple[DeployRepo, ...]


def whole(repository: Repository, kinds: Kinds) -> Whole:
    """Open the parts of a repository."""
    return Whole(
        repository,
        kinds,
        tuple(AppRepo(repository, each.directory, each.without, each.deployment) for each in kinds.of("app")),
        tuple(DeployRepo(repository, each.directory, each.without, each.within) for each in kinds.of("deploy")),
    )
