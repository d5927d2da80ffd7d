"""Where a repository's apps are: what builds an image, or what runs a service, and the source that goes into it."""

from __future__ import annotations

from apparch.catalogue.model import Text
from apparch.kinds.commands import are_commands
from apparch.kinds.images import Build, builds, composed, dockerfiles, lone_dockerfiles, set_aside
from apparch.kinds.model import App, Evidence
from apparch.kinds.services import services
from apparch.kinds.sources import entries_first, homes, is_workspace, own_sources
from apparch.repository import Place, Repository
from apparch.repository.roles import role

_SOURCE = Text(ko="그 이미지에 들어가는 소스다", en="is source of it")


def apps(repository: Repository) -> list[App]:
    """The apps, by directory: by their images, else by services, else by images that are made for something else."""
    found = own_sources(repository)
    if not found:
        lone = lone_dockerfiles(repository) or composed(repository)
        return _by_images(repository, lone, []) or _by_examples(repository)
    images = dockerfiles(repository)
    if are_commands(repository, [each.evidence.place.path for each in images]):
        return [each for each in services(repository) if not _is_extra(each)]
    return (
        _by_images(repository, images, found)
        or _by_images(repository, builds(repository), found)
        or services(repository)
        or _by_images(repository, set_aside(repository), found)
    )


def _is_extra(app: App) -> bool:
    """Whether all that tells a service lies beside what a command is made of."""
    return all(each.place.path.startswith(("misc/", "contrib/", "extras/")) for each in app.evidence)


def _by_images(repository: Repository, images: list[Build], found: list[str]) -> list[App]:
    """Each directory that holds source and what builds an image of it; all of the repository where none does."""
    by_home: dict[str, list[Build]] = {}
    for each in images:
        by_home.setdefault(each.home, []).append(each)
    beside = any(not path.startswith(tuple(f"{each}/" for each in by_home)) for path in found)
    whole = "" in by_home or ("" in homes(repository) and beside and not is_workspace(repository))
    apart = {
        directory: inside
        for directory in sorted(by_home)
        if not whole and (inside := [path for path in found if path.startswith(f"{directory}/")])
    }
    if apart:
        return [
            App(directory, (by_home[directory][0].evidence, Evidence(Place(entries_first(inside)[0]), _SOURCE)))
            for directory, inside in apart.items()
        ]
    shown = [each.evidence for each in images][:2]
    return [App("", (*shown, *(Evidence(Place(path), _SOURCE) for path in entries_first(found)[:1])))] if shown else []


def _by_examples(repository: Repository) -> list[App]:
    """Where a repository is nothing but examples, the apps among them."""
    files = repository.files
    if any(role(path) in ("template", "product") and "/" in path for path in files):
        return []
    images = dockerfiles(repository, among=("example",))
    found = [path for path in files if role(path) == "example"]
    return [each for each in _by_images(repository, images, found) if each.directory]
