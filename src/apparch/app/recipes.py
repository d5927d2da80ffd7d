"""The commands that CI other than GitHub's, Makefiles and scripts run for an app, with the images that they push."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Literal

from apparch.app import jenkins
from apparch.app.destinations import destinations
from apparch.app.meanings import meanings
from apparch.app.repo import AppRepo
from apparch.repository import Node, Place, Problem
from apparch.repository.json_file import parse_json
from apparch.repository.path_names import name
from apparch.repository.places import spot
from apparch.repository.programs import Program, program
from apparch.repository.roles import role
from apparch.repository.shell import parse_commands
from apparch.repository.yaml_file import parse_yaml

By = Literal["ci", "make", "package", "script"]
Spotted = Callable[[int, int], Place]
"""Where a part of a text stands in its file."""
_CI = re.compile(
    r"[.]gitlab-ci[.]ya?ml|[.]gitlab/(?:ci/)?[^/]+[.]ya?ml|[.]travis[.]ya?ml|[.]circleci/config[.]ya?ml|[.]cirrus[.]ya?ml"
    r"|[.]?azure-pipelines?[\w.-]*[.]ya?ml|[.]azure-pipelines/[\w./-]+[.]ya?ml|[.]?drone[.]ya?ml"
    r"|[.]woodpecker(?:/[^/]+)?[.]ya?ml|bitbucket-pipelines[.]ya?ml|cloudbuild[\w.-]*[.]ya?ml|buildspec[\w.-]*[.]ya?ml"
    r"|[.]?appveyor[.]ya?ml|[.]buildkite/[\w.-]+[.]ya?ml|[.]semaphore/[\w.-]+[.]ya?ml|codefresh[.]ya?ml"
)
"""The settings of CI in YAML, by the names that each gives them."""
_GORELEASER = re.compile(r"[.]?goreleaser[\w.-]*[.]ya?ml")
_JENKINSFILE = re.compile(r"(?:.*/)?(?:Jenkinsfile(?:[._-][\w.-]+)?|[\w-]+[.]Jenkinsfile|[Jj]enkins/[\w-]+[.]groovy)")
_MAKEFILES = frozenset({"Makefile", "makefile", "GNUmakefile"})
_TASKS = frozenset({"Taskfile.yml", "Taskfile.yaml"})
_KEYS = frozenset(
    str.split(
        "script before_script after_script commands command run bash sh cmd cmds pwsh powershell install before_install"
        " after_success before_deploy after_deploy deploy build pre_build post_build build_script deploy_script"
    )
)
"""Under what CI of all kinds writes commands."""
_VALUES = frozenset({"variables", "env", "environment", "substitutions"})
_ASSIGNED = re.compile(
    r"^[ \t]*(?:export[ \t]+)?(?P<name>[A-Za-z_]\w*)[ \t]*(?::|[?]|::)?=[ \t]*(?P<value>[^\n#]*?)[ \t]*(?:#[^\n]*)?$",
    re.MULTILINE,
)
_VARIABLE = re.compile(r"\$(?:\{(?:env[.])?(\w+)(?::?-([^}]*))?\}|\((?:env[.])?(\w+)\)|(\w+))")
_RECIPE = re.compile(r"^\t[@+-]*(?P<line>(?:[^\n]*\\\n)*[^\n]+)", re.MULTILINE)
_TARGET = re.compile(r"^(?P<name>[\w./%-]++)[^\n:=]*+::?(?!=)", re.MULTILINE)
_BUILDERS = {"docker": "docker", "kubectl": "kubectl", "gcloud": "gcloud", "helm": "helm", "gke-deploy": "gke-deploy"}
"""What the images of Cloud Build run whose arguments a step gives."""
_PLUGINS = re.compile(
    r"(?:.*/)?(?:plugins/(?P<to>docker|ecr|gcr|gar|acr|kaniko)|plugin-(?:docker-buildx|kaniko))(?::.*)?"
)
"""The images with which Drone and Woodpecker build and push."""
_DEPLOYING = re.compile(
    r"(?P<helm>HelmDeploy@\d+|helm/[\w-]*upgrade[\w-]*|atlassian/(?:\w+-)*helm-run:?.*)"
    r"|KubernetesManifest@\d+|Kubernetes@\d+|kubernetes/create-or-update-resource|aws-eks/(?:update-container-image|create-.*)"
    r"|atlassian/(?:\w+-)*kubectl-run:?.*"
)
"""Tasks of Azure, orbs of CircleCI and pipes of Bitbucket that apply something to a cluster."""
_HOSTS = {"ecr": "amazonaws.com", "gcr": "gcr.io", "gar": "pkg.dev", "acr": "azurecr.io"}


@dataclass(frozen=True)
class Recipe:
    """One command."""

    run: Program
    place: Place
    by: By
    values: Mapping[str, str] = field(hash=False)
    """What its file says that variables stand for."""
    target: str = ""
    """The target of the Makefile that it belongs to."""


@dataclass(frozen=True)
class Sent:
    """One image that is pushed."""

    name: str
    """With registry and tag as far as its file tells them; what it does not tell stands as it is written."""
    place: Place
    by: By
    target: str = ""


def recipes(app: AppRepo) -> tuple[Recipe, ...]:
    """Every command of them that can be read, in the order of the files."""
    known = app.root.memo(recipes)
    if app.directory not in known:
        known[app.directory] = tuple(_recipes(app))
    found: tuple[Recipe, ...] = known[app.directory]
    return found


def sent(app: AppRepo) -> tuple[Sent, ...]:
    """Every image that they push."""
    known = app.root.memo(sent)
    if app.directory not in known:
        known[app.directory] = tuple(_sent(app))
    found: tuple[Sent, ...] = known[app.directory]
    return found


def expanded(word: str, values: Mapping[str, str]) -> str:
    """A word with what a file says of its variables put in."""

    def value(match: re.Match[str]) -> str:
        return values.get(match[1] or match[3] or match[4]) or match[2] or match[0]

    for _ in range(4):
        word = _VARIABLE.sub(value, word)[:1000]
    return word


def _sent(app: AppRepo) -> Iterator[Sent]:
    for each in recipes(app):
        if "push" in meanings(each.run, app.root):
            for word in destinations(each.run):
                yield Sent(expanded(word, each.values), each.place, each.by, each.target)
    for path in app.root.files:
        if _JENKINSFILE.fullmatch(path) and _is_ours(app, path):
            text = app.glance(path)
            values = jenkins.assigned(text)
            for begin, end, image in jenkins.pushed_images(text):
                yield Sent(expanded(image, values), spot(path, text, begin, end), "ci")
        elif _CI.fullmatch(path) or _GORELEASER.fullmatch(path):
            yield from _by_settings(app, path)


def _is_ours(app: AppRepo, path: str) -> bool:
    return path.startswith(app.repository.prefix) or path.count("/") < 2


def _recipes(app: AppRepo) -> Iterator[Recipe]:
    own = frozenset(app.files)
    for path in app.root.files:
        if _CI.fullmatch(path):
            yield from _of_yaml(app, path)
        elif _JENKINSFILE.fullmatch(path) and _is_ours(app, path):
            text = app.glance(path)
            values = jenkins.assigned(text)
            for begin, lines in jenkins.shell_lines(text):
                yield from _of_shell(lines, partial(_moved, path, text, begin), "ci", values)
        elif path in own and role(path) in ("product", "development"):
            yield from _of_a_person(app, path)


def _of_a_person(app: AppRepo, path: str) -> Iterator[Recipe]:
    last = name(path)
    if last == "package.json":
        node = app.root.parsed(path, parse_json)
        for _, each in () if isinstance(node, Problem) else node.at("scripts").items():
            if each.text:
                yield from _of_shell(each.text, each.spot, "package", {})
        return
    if last in _TASKS:
        yield from _of_yaml(app, path, "make")
        return
    is_make = last in _MAKEFILES or last.endswith(".mk")
    if not is_make and not last.endswith((".sh", ".bash")):
        return
    text = app.glance(path)
    values = {match["name"]: match["value"].strip("\"'") for match in _ASSIGNED.finditer(text)}
    if not is_make:
        yield from _of_shell(text, partial(_moved, path, text, 0), "script", values)
        return
    targets = [(each.start(), each["name"]) for each in _TARGET.finditer(text)]
    for match in _RECIPE.finditer(text):
        above = bisect_left(targets, (match.start(),))
        at = partial(_moved, path, text, match.start("line"))
        yield from _of_shell(match["line"], at, "make", values, targets[above - 1][1] if above else "")


def _moved(path: str, text: str, by: int, begin: int, end: int) -> Place:
    return spot(path, text, by + begin, by + end)


def _of_shell(text: str, spotted: Spotted, by: By, values: Mapping[str, str], target: str = "") -> Iterator[Recipe]:
    own = dict(values)
    for each in parse_commands(text):
        if not each.words or each.words[0] == "export":
            own.update(each.assignments)
        if each.words:
            words = [expanded(each.words[0], own), *each.words[1:]]
            yield Recipe(program(words), spotted(each.begin, each.end), by, own, target)


def _of_yaml(app: AppRepo, path: str, by: By = "ci") -> Iterator[Recipe]:
    documents = app.root.parsed(path, parse_yaml)
    for document in () if isinstance(documents, Problem) else documents:
        values = dict(_told_values(document))
        for node in document.walk():
            for key, value in node.items():
                lines = value.elements() or [value] if key in _KEYS else []
                for each in lines:
                    if each.text:
                        yield from _of_shell(each.text, each.spot, by, values)
                if (told := _DEPLOYING.fullmatch(key)) or (
                    key in ("task", "pipe") and (told := _DEPLOYING.fullmatch(value.text or ""))
                ):
                    run = Program("helm", ("upgrade",)) if told["helm"] else Program("kubectl", ("apply",))
                    yield Recipe(run, node.key(key), "ci", values)
            yield from _of_a_builder(node, values)


def _of_a_builder(step: Node, values: Mapping[str, str]) -> Iterator[Recipe]:
    """A step of Cloud Build, whose image is the program and whose `args` are its arguments."""
    image = (step.at("name").text or "").partition(":")[0].rpartition("/")[2]
    arguments = [str(each) for each in step.at("args").elements()] or (step.at("args").text or "").split()
    entry = step.at("entrypoint").text or ""
    if not arguments:
        return
    if entry in ("bash", "sh", "/bin/bash", "/bin/sh"):
        yield from _of_shell(arguments[-1], lambda begin, end: step.at("args").place, "ci", values)
    elif image in _BUILDERS or image == "executor" or entry in _BUILDERS:
        run = Program(entry or image, tuple(arguments))
        yield Recipe(run, step.at("args").place, "ci", values)


def _told_values(document: Node) -> Iterator[tuple[str, str]]:
    """What a file of CI says of its variables, wherever it says it."""
    for node in document.walk():
        for key, value in node.items():
            if key in _VALUES:
                for each, given in value.items():
                    yield each, str(given.at("value") if given.at("value").present else given)
                for item in value.elements():
                    named = item.at("name").text
                    if named and item.at("value").present:
                        yield named, str(item.at("value"))
                    elif item.text and (match := _ASSIGNED.fullmatch(item.text)):
                        yield match["name"], match["value"].strip("\"'")


def _by_settings(app: AppRepo, path: str) -> Iterator[Sent]:
    """The images that CI is told to push by settings, without a command."""
    documents = app.root.parsed(path, parse_yaml)
    for document in () if isinstance(documents, Problem) else documents:
        values = dict(_told_values(document))
        if _GORELEASER.fullmatch(path):
            for each in document.at("dockers").elements():
                for image in each.at("image_templates").elements():
                    yield Sent(image.text or "", image.place, "ci")
        if name(path).startswith("cloudbuild"):
            for each in document.at("images").elements():
                yield Sent(expanded(each.text or "", values), each.place, "ci")
        for node in document.walk():
            plugin = _PLUGINS.fullmatch(node.at("image").text or "")
            repo = node.at("settings", "repo")
            if plugin and repo.text:
                host = node.at("settings", "registry").text or _HOSTS.get(plugin["to"] or "", "")
                named = repo.text if not host or repo.text.startswith(host) else f"{host}/{repo.text}"
                yield Sent(expanded(named, values), repo.place, "ci")
