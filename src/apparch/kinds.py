"""Which kind of repository one is, an App repo, a Deploy repo, both or neither, and by which evidence."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Literal

from apparch.app.dockerfiles import is_aside, is_dockerfile, makes_app
from apparch.app.languages import LANGUAGES, OTHER_SOURCES
from apparch.catalogue.model import Text
from apparch.repository import Place, Problem, Repository
from apparch.repository.given import repository_path
from apparch.repository.kustomize.layer import FILE_NAMES
from apparch.repository.roles import role
from apparch.repository.yaml_file import parse_yaml

Kind = Literal["app", "deploy"]

_HOMES = (
    "docker",
    "build",
    "build/package",
    "deploy",
    "deployment",
    ".docker",
    "container",
    "images",
    "package",
    "packaging",
)
"""Folders in which a Dockerfile is that of the folder above."""
_SOURCES = (
    *(ending for each in LANGUAGES for ending in each.endings),
    *sorted(OTHER_SOURCES),
)
_ENVIRONMENTS = frozenset({"overlays", "environments", "envs", "clusters"})
_STAGES = re.compile(r"values[-._](prod|production|staging|stage|live|dev|development|test|qa|uat)\w*[.]ya?ml")
_HELMFILES = frozenset({"helmfile.yaml", "helmfile.yml", "helmfile.yaml.gotmpl"})
_STEERS = re.compile(r"^kind:\s*(Application|ApplicationSet|HelmRelease|GitRepository|OCIRepository)\s*$", re.MULTILINE)
_OBJECT = re.compile(r"^kind:\s*\w+\s*$", re.MULTILINE)
_RUNS = re.compile(
    r"^kind:\s*(Deployment|StatefulSet|DaemonSet|CronJob|Job|Ingress|Service|SealedSecret)\s*$", re.MULTILINE
)
_IMAGE_STEP = re.compile(
    r"docker/build-push-action|docker(\s+buildx)?\s+build\b|buildah\s+b|podman\s+build|ko-build/|\bko (build|publish)\b"
    r"|jib:|jib\b.*build|pack build|spring-boot:build-image|bootBuildImage"
)
_FILE_OPTION = re.compile(r"\s(?:-f|--file)[ =](\S+)")
_FILES_OUT = re.compile(r"\s(?:-o|--output)[ =](?!\S*type=(?:image|registry|docker|oci))\S+")
"""A build that leaves files in a folder, and no image."""
_SHARE = 10
"""Of so many files one at least holds objects where manifests are what a repository is for."""
_ENTRIES = frozenset({"Procfile", "project.toml", ".ko.yaml", "fly.toml", "app.json"})


@dataclass(frozen=True)
class Part:
    """One app's source, or one set of manifests: a repository should hold only one."""

    kind: Kind
    directory: str
    """Relative to the repository; empty where the part is all of it."""
    evidence: tuple[Place, ...]
    """What it was told by."""
    without: tuple[str, ...] = ()
    """Directories in it that belong to another part."""


@dataclass(frozen=True)
class Kinds:
    """The parts of a repository."""

    parts: tuple[Part, ...]
    neither: Text | None = None
    """Where there is no part: what the repository seems to be instead."""

    def of(self, kind: Kind) -> list[Part]:
        """The parts of one kind."""
        return [each for each in self.parts if each.kind == kind]


def kinds_of(
    repository: Repository, forced: Kind | None = None, app_dirs: Iterable[str] = (), deploy_dirs: Iterable[str] = ()
) -> Kinds:
    """The parts of a repository, by its files; `forced` and the directories, where given, are believed."""
    apps, deploys = [_inner(each) for each in app_dirs], [_inner(each) for each in deploy_dirs]
    home = (repository.somewhere("README.md"),)
    if forced == "app" and not apps:
        apps = [""]
    if forced == "deploy" and not deploys:
        deploys = [""]
    if apps or deploys:
        return Kinds(
            tuple(Part("app", each, home, _below(each, [*apps, *deploys])) for each in apps)
            + tuple(Part("deploy", each, home, _below(each, [*apps, *deploys])) for each in deploys)
        )
    found_apps, found_deploy = dict(_apps(repository)), _deploy(repository)
    if found_deploy and not found_deploy.strong:
        beside_apps = any(_is_within(each, found_apps) for each in found_deploy.folders) or not found_deploy.folders
        if beside_apps if found_apps else _is_package(repository):
            found_deploy = None
    if found_deploy and not found_apps:
        found_deploy = replace(found_deploy, directory="")
    parts: list[Part] = []
    directories = [*found_apps, *([found_deploy.directory] if found_deploy and found_deploy.directory else [])]
    others = found_deploy.folders if found_deploy and not found_deploy.directory else ()
    for directory, evidence in sorted(found_apps.items()):
        parts.append(Part("app", directory, evidence, (*_below(directory, directories), *others)))
    if found_deploy:
        apart = tuple(each for each in _top(repository) if found_apps and each not in found_deploy.folders)
        inside = _below(found_deploy.directory, found_apps)
        without = (*inside, *(apart if not found_deploy.directory else ()))
        parts.append(Part("deploy", found_deploy.directory, found_deploy.evidence, tuple(dict.fromkeys(without))))
    return Kinds(tuple(parts), None if parts else _other(repository))


def _inner(directory: str) -> str:
    return repository_path(directory).strip("/")


def _is_within(folder: str, directories: Iterable[str]) -> bool:
    """Whether a folder is one of the directories, lies in one, or holds one."""
    return any(
        not each or f"{folder}/".startswith(f"{each}/") or f"{each}/".startswith(f"{folder}/") for each in directories
    )


def _below(directory: str, all_directories: Iterable[str]) -> tuple[str, ...]:
    """Those of the directories that lie in this one."""
    prefix = f"{directory}/" if directory else ""
    return tuple(each for each in all_directories if each != directory and each.startswith(prefix))


def _top(repository: Repository) -> list[str]:
    return sorted({path.partition("/")[0] for path in repository.files if "/" in path})


def _apps(repository: Repository) -> Iterator[tuple[str, tuple[Place, ...]]]:
    """Each directory that is an app, with what shows it: what builds an image, and source that goes into it."""
    sources = [path for path in repository.files if _is_source(path)]
    if not sources:
        return
    builds: dict[str, list[str]] = {}
    for path in repository.files:
        if is_dockerfile(path) and not is_aside(path.rpartition("/")[2]) and makes_app(repository, path):
            builds.setdefault(_home_of(path.rpartition("/")[0].strip(".")), []).append(path)
    for each in repository.skipped:  # a link that leads to where the Dockerfile is kept
        if each.place.path == "Dockerfile" and "symbolic link" in each.message:
            builds.setdefault("", []).append(each.place.path)
    whole = "" in builds or (builds and _is_manifest_at(repository, "") and not _is_workspace(repository))
    if not whole:
        for directory, paths in builds.items():
            inside = [each for each in sources if each.startswith(f"{directory}/")]
            if inside:
                yield directory, (Place(paths[0]), Place(inside[0]))
        if any(each.startswith(f"{directory}/") for directory in builds for each in sources):
            return
    evidence = [Place(paths[0]) for paths in builds.values()][:1] or list(_other_builds(repository))
    if evidence:
        yield "", (*evidence, Place(sources[0]))


def _home_of(directory: str) -> str:
    if directory == "scripts" or directory.startswith("scripts/"):
        return ""
    for home in _HOMES:
        if directory == home or directory.endswith(f"/{home}"):
            return directory.removesuffix(home).strip("/")
    parent, _, last = directory.rpartition("/")
    return _home_of(parent) if parent.rpartition("/")[2] in _HOMES and last else directory


def _is_source(path: str) -> bool:
    return role(path) == "product" and path.endswith(_SOURCES)


def _is_manifest_at(repository: Repository, directory: str) -> bool:
    prefix = f"{directory}/" if directory else ""
    return any(
        PurePosixPath(path).match(pattern)
        for path in repository.files
        if path.rpartition("/")[0] == prefix.rstrip("/")
        for language in LANGUAGES
        for pattern in language.manifests
    )


def _is_package(repository: Repository) -> bool:
    """Whether the repository as a whole is a package with source, beside which loose manifests only show something."""
    own = (path for path in repository.files if _is_source(path) and not path.startswith(("scripts/", "tools/")))
    return _is_manifest_at(repository, "") and any(own)


def _is_workspace(repository: Repository) -> bool:
    """Whether the manifest at the root only holds several packages together."""
    for path, mark in (
        ("package.json", '"workspaces"'),
        ("Cargo.toml", "[workspace]"),
        ("pyproject.toml", "[tool.uv.workspace]"),
        ("pom.xml", "<modules>"),
    ):
        text = repository.text(path) if repository.has(path) else ""
        if isinstance(text, str) and mark in text:
            return True
    return any(
        repository.has(each) for each in ("pnpm-workspace.yaml", "go.work", "lerna.json", "nx.json", "turbo.json")
    )


def _other_builds(repository: Repository) -> Iterator[Place]:
    for path in repository.files:
        if path in _ENTRIES:
            yield Place(path)
        if path.startswith(".github/workflows/"):
            text = repository.text(path)
            for at, line in enumerate("" if isinstance(text, Problem) else text.splitlines()):
                file = _FILE_OPTION.search(line)
                is_told = not line.lstrip().startswith("#") and _IMAGE_STEP.search(line)
                if is_told and not (file and is_aside(file[1])) and not _FILES_OUT.search(line):
                    yield Place(path, at + 1)
                    break


@dataclass(frozen=True)
class _Manifests:
    directory: str
    evidence: tuple[Place, ...]
    folders: tuple[str, ...]
    """The top folders that hold manifests, where they share none."""
    strong: bool
    """Whether environments are told apart: an app's own repository may hold manifests without being a Deploy repo."""


def _deploy(repository: Repository) -> _Manifests | None:
    has_charts = any(path.rpartition("/")[2] == "Chart.yaml" for path in repository.files)
    steering = list(_steered_by_charts(repository)) if has_charts else []
    others: list[Place] = []
    stages: list[Place] = []
    for path in repository.files:
        if not path.endswith((".yaml", ".yml", ".gotmpl")) or role(path) not in ("product", "development"):
            continue
        name, folders = path.rpartition("/")[2], path.split("/")[:-1]
        if name in FILE_NAMES:
            (steering if _ENVIRONMENTS.intersection(folders) else others).append(Place(path))
        elif name in _HELMFILES or (has_charts and _is_value_file(repository, path)):
            steering.append(Place(path))
        elif name == "Chart.yaml":
            others.append(Place(path))
        elif _STAGES.fullmatch(name):
            stages.append(Place(path))
        elif not repository.in_chart(path):
            text = repository.text(path)
            if isinstance(text, Problem) or "kind:" not in text or not _OBJECT.search(text):
                continue
            if _STEERS.search(text) and _is_object(repository, path):
                steering.append(Place(path))
            elif _RUNS.search(text) and _is_object(repository, path):
                others.append(Place(path))
    if len(stages) > 1:
        steering += stages
    found = [*steering, *others]
    if not found or (not steering and not _are_what_it_is_for(repository, others)):
        return None
    marks = steering if steering else found
    tops = _folders(repository, marks)
    alone = len(tops) == 1 and all("/" in each.path for each in marks)
    directory = tops[0] if alone and tops[0] not in ("k8s", "overlays", "base", "environments", "clusters") else ""
    return _Manifests(directory, tuple(marks[:3]), tops, bool(steering))


def _steered_by_charts(repository: Repository) -> Iterator[Place]:
    """The templates of charts that make Applications: an app of apps may be a chart."""
    for path in repository.files:
        folder, _, last = path.rpartition("/")
        is_template = (
            last.endswith((".yaml", ".yml")) and "templates" in folder.split("/") and repository.in_chart(path)
        )
        if is_template and role(f"{folder.partition('templates')[0]}{last}") in ("product", "development"):
            text = repository.text(path)
            if isinstance(text, str) and "argoproj.io/" in text and _STEERS.search(text):
                yield Place(path)


def _are_what_it_is_for(repository: Repository, others: list[Place]) -> bool:
    """Whether objects that nothing steers are more than charts, and no few beside files of another purpose."""
    objects = [each for each in others if not each.path.endswith("Chart.yaml")]
    return bool(objects) and len(others) * _SHARE >= sum(role(path) == "product" for path in repository.files)


def _is_value_file(repository: Repository, path: str) -> bool:
    """Whether a file beside charts gives the values of an environment, by its folder."""
    return bool(_ENVIRONMENTS.intersection(path.split("/")[:-1])) and not repository.in_chart(path)


def _folders(repository: Repository, marks: Iterable[Place]) -> tuple[str, ...]:
    """The top folders of some files; `_shared` is the standard's own place for what environments share."""
    tops = {each.path.partition("/")[0] for each in marks if "/" in each.path}
    return tuple(sorted(tops | ({"_shared"} & set(_top(repository)) if "k8s" in tops else set())))


def _is_object(repository: Repository, path: str) -> bool:
    text = repository.text(path)
    if isinstance(text, str) and "{{" in text:
        return True  # a template of an object, which is no YAML yet
    documents = repository.parsed(path, parse_yaml)
    return not isinstance(documents, Problem) and any(
        node.at("apiVersion").text and node.at("kind").text for node in documents
    )


def _other(repository: Repository) -> Text:
    """What a repository is that is neither."""
    names = {path.rpartition("/")[2] for path in repository.files}
    if "Chart.yaml" in names:
        return Text(
            ko="차트만 있고 어느 환경인지 말하는 것이 없다: 차트를 모은 레포다",
            en="it holds charts and nothing that names an environment: a repository of charts",
        )
    if names & {"copier.yml", "copier.yaml", "cookiecutter.json"}:
        return Text(ko="다른 레포를 만드는 템플릿이다", en="it is a template that other repositories are made from")
    if any(_is_source(path) for path in repository.files):
        return Text(
            ko="소스는 있지만 이미지를 만드는 것이 없다: 라이브러리나 명령줄 도구다",
            en="it has source and nothing that builds an image: a library or a command-line tool",
        )
    if any(role(path) == "docs" for path in repository.files):
        return Text(ko="문서만 있다", en="it holds documents only")
    return Text(ko="앱의 소스도 매니페스트도 없다", en="it has neither an app's source nor manifests")
