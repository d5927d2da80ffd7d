"""What builds an image in a repository: Dockerfiles, steps of workflows, Compose files and what packs without one."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from apparch.app.dockerfiles import DOCKERFILE, final, is_aside, is_dockerfile, makes_app
from apparch.catalogue.model import Text
from apparch.kinds.model import Evidence
from apparch.kinds.sources import glance, is_manifest
from apparch.repository import Place, Problem, Repository
from apparch.repository.dockerfile import parse_dockerfile
from apparch.repository.path_names import name
from apparch.repository.roles import role
from apparch.repository.stages import effective, stages
from apparch.repository.yaml_file import parse_yaml

_HOMES = (
    *("docker", "build", "build/package", "deploy", "deployment", ".docker", "container", "containers"),
    *("images", "package", "packaging", "dockerfiles", "dockerfile", "docker-files", "deployments", "ops", "infra"),
)
"""Folders in which a Dockerfile is that of the folder above."""
_IMAGE_STEP = re.compile(
    r"(docker|depot)/(build-push|bake)-action|docker(\s+(buildx|image))?\s+(build|bake)\b|buildah\s+b|podman\s+build"
    r"|ko-build/|\bko (build|publish|apply|resolve)\b|\bjib:|jib\b.*build|pack build|spring-boot:build-image"
    r"|bootBuildImage|buildah-build|kaniko|nixpacks build|dockerhub-token:|[Pp]ublish-[Dd]ocker|docker-build-push"
)
_FILE_OPTION = re.compile(r"\s(?:-f|--file)[ =](\S+)")
_FILES_OUT = re.compile(r"\s(?:-o|--output)[ =](?!\S*type=(?:image|registry|docker|oci))\S+")
"""A build that leaves files in a folder, and no image."""
_CI = re.compile(r"[.]github/workflows/[^/]+[.]ya?ml|[.]gitlab-ci[.]yml|Jenkinsfile|[.]circleci/config[.]yml")
_COMPOSE = re.compile(r"(docker-|podman-)?compose([-_.][\w.-]+)?[.]ya?ml")
_PACKED = {
    "project.toml": re.compile(r"^\[(_|build|io[.]buildpacks)", re.MULTILINE),
    ".ko.yaml": re.compile(r""),
    "fly.toml": re.compile(r""),
    "skaffold.yaml": re.compile(r"^[ \t]+artifacts:", re.MULTILINE),
    "cloudbuild.yaml": _IMAGE_STEP,
    "heroku.yml": re.compile(r"^build:", re.MULTILINE),
    "captain-definition": re.compile(r""),
    "app.json": re.compile(r"\"(buildpacks|formation|stack)\"\s*:"),
}
"""What tells a builder of images that this is an app, by the name of the file at the root and what it holds."""
_LOCAL = re.compile(r"(^|[-_.])local([-_.]|$)", re.IGNORECASE)
_TEXT = Text(ko="이미지를 만든다", en="builds an image")


@dataclass(frozen=True)
class Build:
    """Something that builds an image, and the directory whose image it is."""

    home: str
    evidence: Evidence


@dataclass(frozen=True)
class ComposeFile:
    """A Compose file."""

    path: str
    says: Text
    contexts: Mapping[str, str]
    """The folders that it builds images of, by service."""
    services: int
    """How many it runs."""


def dockerfiles(repository: Repository, among: Iterable[str] = ("product",)) -> list[Build]:
    """The Dockerfiles of the product; with `among`, of files of other roles."""
    if tuple(among) == ("product",):
        named = (path for path in repository.files if is_dockerfile(path) and not is_aside(name(path)))
    else:
        named = (path for path in repository.files if DOCKERFILE.fullmatch(name(path)) and role(path) in among)
    found = [_build(repository, path) for path in named if makes_app(repository, path)]
    for each in repository.skipped:  # a link that leads to where the Dockerfile is kept
        if each.place.path == "Dockerfile" and "symbolic link" in each.message:
            found.append(Build("", Evidence(each.place, _TEXT)))
    return [] if _is_action(repository, found) else found


def builds(repository: Repository) -> list[Build]:
    """What builds an image without a Dockerfile of the product: a workflow, a Compose file, a builder of its own."""
    return [*_by_steps(repository), *(build for each in compose_files(repository) for build in _of_compose(each))]


def lone_dockerfiles(repository: Repository) -> list[Build]:
    """Where there is no source, the Dockerfile at the root that takes in files, starts something, or has a manifest."""
    return [
        each
        for each in dockerfiles(repository)
        if "/" not in (path := each.evidence.place.path)
        and (_takes_in(repository, path) or _started(repository, path) or any(map(is_manifest, _top(repository))))
    ]


def set_aside(repository: Repository) -> list[Build]:
    """Dockerfiles that are by their name for one's own machine and start the app all the same."""
    return [
        _build(repository, path)
        for path in repository.files
        if is_dockerfile(path)
        and _LOCAL.search(name(path))
        and makes_app(repository, path)
        and _started(repository, path)
    ]


def composed(repository: Repository) -> list[Build]:
    """Where there is no source, what Compose files build that build half of what they run, or more."""
    mostly = [each for each in compose_files(repository) if len(each.contexts) * 2 >= each.services]
    return [build for each in mostly for build in _of_compose(each)]


def compose_files(repository: Repository) -> Iterator[ComposeFile]:
    """Each Compose file of the product that runs something."""
    for path in repository.files:
        if not _COMPOSE.fullmatch(name(path)) or role(path) != "product":
            continue
        documents = repository.parsed(path, parse_yaml)
        if isinstance(documents, Problem) or not documents:
            continue
        services = list(documents[0].at("services").items())
        if not services:
            continue
        built: dict[str, str] = {}
        for key, service in services:
            build = service.at("build")
            context = build.text or build.at("context").text
            file = build.at("dockerfile").text or ""
            if build.present and context is not None and not is_aside(file) and "://" not in context:
                built[str(key)] = context
        names = ", ".join(str(key) for key, _ in services[:3])
        yield ComposeFile(path, Text(ko=f"{names}을(를) 띄운다", en=f"runs {names}"), built, len(services))


def _build(repository: Repository, path: str) -> Build:
    started = _started(repository, path)
    says = Text(ko=f"이미지를 만든다: {started}", en=f"builds an image that runs {started}") if started else _TEXT
    return Build(_home_of(path.rpartition("/")[0].strip(".")), Evidence(Place(path), says))


def _home_of(directory: str) -> str:
    if directory == "scripts" or directory.startswith("scripts/"):
        return ""
    for home in _HOMES:
        if directory == home or directory.endswith(f"/{home}"):
            return directory.removesuffix(home).strip("/")
    parent, _, last = directory.rpartition("/")
    return _home_of(parent) if parent.rpartition("/")[2] in _HOMES and last else directory


def _started(repository: Repository, path: str) -> str:
    """What the image of a Dockerfile starts, in one line; empty where it leaves that to what it is built from."""
    instructions = repository.parsed(path, parse_dockerfile)
    found = () if isinstance(instructions, Problem) else stages(instructions)
    if not found:
        return ""
    started = [effective(found, final(found), each) for each in ("ENTRYPOINT", "CMD")]
    words = [word for each in started if each for word in each.exec_form or each.argument.split()]
    line = " ".join(words)
    return f"`{line[:57]}...`" if len(line) > 60 else f"`{line}`" if line else ""


def _takes_in(repository: Repository, path: str) -> bool:
    instructions = repository.parsed(path, parse_dockerfile)
    found = () if isinstance(instructions, Problem) else stages(instructions)
    copied = (
        word
        for stage in found
        for each in (*stage.all("COPY"), *stage.all("ADD"))
        if not each.flag("from")
        for word in (each.exec_form or each.rest.split())[:-1]
    )
    return any(not word.endswith((".sh", ".txt")) and "://" not in word for word in copied)


def _top(repository: Repository) -> list[str]:
    return [path for path in repository.files if "/" not in path]


def _is_action(repository: Repository, found: list[Build]) -> bool:
    """Whether the one Dockerfile is that of an action of GitHub, which a workflow runs and nobody deploys."""
    if len(found) != 1 or found[0].evidence.place.path != "Dockerfile":
        return False
    texts = (glance(repository, each) for each in ("action.yml", "action.yaml"))
    return any(re.search(r"^[ \t]+using:\s*[\"']?docker\b", text, re.MULTILINE) for text in texts)


def _by_steps(repository: Repository) -> Iterator[Build]:
    for path in repository.files:
        pattern = _PACKED.get(path)
        if pattern and pattern.search(glance(repository, path)):
            yield Build(
                "", Evidence(Place(path), Text(ko="앱의 이미지를 만들게 한다", en="has an image of the app built"))
            )
        if _CI.fullmatch(path):
            for at, line in enumerate(glance(repository, path).splitlines()):
                file = _FILE_OPTION.search(line)
                is_told = not line.lstrip().startswith(("#", "//")) and _IMAGE_STEP.search(line)
                if is_told and not (file and is_aside(file[1])) and not _FILES_OUT.search(line):
                    yield Build("", Evidence(Place(path, at + 1), _TEXT))
                    break


def _of_compose(file: ComposeFile) -> Iterator[Build]:
    for service, context in file.contexts.items():
        directory = posixpath.normpath(posixpath.join(file.path.rpartition("/")[0], context))
        if not directory.startswith(".."):
            home = "" if directory == "." else _home_of(directory)
            says = Text(ko=f"{service}의 이미지를 만든다", en=f"builds the image of {service}")
            yield Build(home, Evidence(Place(file.path), says))
