"""Which kind of repository one is, an App repo, a Deploy repo, both or neither, and by which evidence.

| an app's evidence | a deployment's evidence | the repository is |
|---|---|---|
| builds an image, or runs a service | steers environments, or deploys workloads, or holds a chart | both |
| builds an image, or runs a service | none, or a Compose file alone | an App repo |
| none | steers environments, or is made of manifests, charts or Compose files | a Deploy repo |
| none | loose manifests beside a package | neither |
| none | charts that are published for others | neither |
"""

from __future__ import annotations

from collections.abc import Iterable

from apparch.catalogue.model import Text
from apparch.kinds.apps import apps
from apparch.kinds.deployments import deployment
from apparch.kinds.model import App, Deployment, Evidence, Kind, Kinds, Part
from apparch.kinds.neither import are_for_others, neither
from apparch.kinds.sources import is_package, own_sources
from apparch.repository import Repository
from apparch.repository.given import repository_path

__all__ = ["Evidence", "Kind", "Kinds", "Part", "kinds_of"]

_SHOWN = 3
"""So much evidence of a part is kept."""
_FEW = 3
"""So many files of source beside charts are there to test or to publish them."""
_LAID_OUT = frozenset({"k8s", "overlays", "base", "environments", "clusters", "_shared"})
"""Folders of a Deploy repo that lie at its root: one that is called so is no Deploy repo of its own."""


def kinds_of(
    repository: Repository, forced: Kind | None = None, app_dirs: Iterable[str] = (), deploy_dirs: Iterable[str] = ()
) -> Kinds:
    """The parts of a repository, by its files; `forced` and the directories, where given, are believed."""
    given = _given(repository, forced, app_dirs, deploy_dirs)
    if given:
        return Kinds(given)
    found = apps(repository)
    deploys = deployment(repository, [each.directory for each in found])
    if deploys and not found and not _is_deploy_repo(repository, deploys):
        deploys = None
    parts = (*_app_parts(found, deploys), *_deploy_parts(found, deploys))
    return Kinds(parts, None if parts else neither(repository))


def _is_deploy_repo(repository: Repository, deploys: Deployment) -> bool:
    """Whether a repository without an app is there to deploy, and not to show or to put out what others deploy."""
    if deploys.strong:
        return True
    if deploys.charts:
        return not are_for_others(repository) and len(own_sources(repository)) <= _FEW
    return deploys.main and not is_package(repository)


def _given(
    repository: Repository, forced: Kind | None, app_dirs: Iterable[str], deploy_dirs: Iterable[str]
) -> tuple[Part, ...]:
    kinds: dict[Kind, list[str]] = {"app": [_inner(each) for each in app_dirs]}
    kinds["deploy"] = [_inner(each) for each in deploy_dirs]
    if forced and not kinds[forced]:
        kinds[forced] = [""]
    home = Evidence(repository.somewhere("README.md"), Text(ko="종류를 받았다", en="the kind was given"))
    directories = [*kinds["app"], *kinds["deploy"]]
    return tuple(Part(kind, each, (home,), _below(each, directories)) for kind, own in kinds.items() for each in own)


def _inner(directory: str) -> str:
    return repository_path(directory).strip("/")


def _below(directory: str, all_directories: Iterable[str]) -> tuple[str, ...]:
    """Those of the directories that lie in this one."""
    prefix = f"{directory}/" if directory else ""
    return tuple(each for each in all_directories if each != directory and each.startswith(prefix))


def _app_parts(found: list[App], deploys: Deployment | None) -> tuple[Part, ...]:
    directories = [each.directory for each in found]
    deployed = deploys.folders if deploys else ()
    parts: list[Part] = []
    for each in found:
        own = _below(each.directory, deployed)
        without = (*_below(each.directory, directories), *own)
        loose = own if deploys and not deploys.told_apart else ()
        parts.append(Part("app", each.directory, each.evidence[:_SHOWN], without, deployment=loose))
    return tuple(parts)


def _deploy_parts(found: list[App], deploys: Deployment | None) -> tuple[Part, ...]:
    if not deploys:
        return ()
    evidence = deploys.evidence[:_SHOWN]
    if not found:
        return (Part("deploy", "", evidence),)
    directories = [each.directory for each in found]
    directory = deploys.folders[0] if len(deploys.folders) == 1 else ""
    if directory and directory not in _LAID_OUT and not directory.endswith((".yaml", ".yml")):
        return (Part("deploy", directory, evidence, _below(directory, directories)),)
    return (Part("deploy", "", evidence, _below("", directories), deploys.folders),)
