"""Which charts of a repository are installed, and with which values."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from apparch.deploy.helm_commands import HelmCommand, helm_commands
from apparch.deploy.stages import Stage, stage
from apparch.repository.helm.build import Release
from apparch.repository.kustomize.objects import kind, name, namespace
from apparch.repository.nodes import Node
from apparch.repository.places import Place, Problem
from apparch.repository.roles import role
from apparch.repository.view import Repository
from apparch.repository.yaml_file import parse_yaml, parse_yaml_1_1

MOST = 100
"""How many installs of a repository's charts are rendered."""
CHARTS = 200
"""How many of its charts are looked at."""
_FOLDERS = frozenset({"env", "envs", "environment", "environments", "values", "overlays", "config", "configs"})
_HELMFILES = frozenset({"helmfile.yaml", "helmfile.yml"})


@dataclass(frozen=True)
class Install:
    """A chart with the values that one environment gives it."""

    chart: str
    """Its directory."""
    values: tuple[Node, ...]
    """On top of its own, the last winning."""
    release: Release
    stage: Stage | None
    said: Place
    """Where it is said: an Application, a file of values, the chart itself."""
    complete: bool = True
    """Whether all its values are in the repository."""


def chart_directories(repository: Repository, files: Iterable[str]) -> tuple[str, ...]:
    """The directories of charts that stand for themselves: no chart below another, no library, no test's."""
    found = [posixpath.dirname(path) for path in files if path.rpartition("/")[2] == "Chart.yaml"][:CHARTS]
    return tuple(
        each
        for each in found
        if not any(each.startswith(f"{other}/charts/" if other else "charts/") for other in found if other != each)
        and role(f"{each}/Chart.yaml") not in ("test", "docs", "example", "vendored", "ci")
        and not _is_library(repository, each)
    )


def _is_library(repository: Repository, directory: str) -> bool:
    found = repository.parsed(_below(directory, "Chart.yaml"), parse_yaml)
    return not isinstance(found, Problem) and bool(found) and found[0].at("type").text == "library"


def installs(repository: Repository, charts: tuple[str, ...], objects: Iterable[Node]) -> tuple[Install, ...]:
    """Every install that objects, helmfiles and files of values tell of; a chart that none names by its own values."""
    commands = [each for each in helm_commands(repository) if each.directory(charts) is not None] if charts else []
    found = [
        *_by_objects(repository, charts, objects),
        *_by_helmfiles(repository, charts),
        *_by_commands(repository, charts, commands),
    ]
    mentioned = {node.place.path for each in found for node in each.values}
    for chart in charts:
        for each in _by_names(repository, chart):
            if each.said.path not in mentioned:
                found.append(each)
        if not any(each.chart == chart for each in found) and not _is_below_other(repository, chart, charts):
            own = _named(repository, chart)
            found.append(Install(chart, (), Release(own), stage(chart), Place(_below(chart, "Chart.yaml"))))
    single = _set_by_commands(charts, commands)
    return tuple(replace(each, values=(*each.values, *single.get(each.chart, ()))) for each in found[:MOST])


def _by_commands(repository: Repository, charts: tuple[str, ...], commands: list[HelmCommand]) -> Iterator[Install]:
    """What commands install with files of values that are there; others only tell of single values."""
    for each in commands:
        chart = each.directory(charts) or ""
        paths = [_found(repository, chart, each, written) for written in each.files]
        values = [found for path in paths if path and (found := _values(repository, path)) is not None]
        if not values or len(values) < len(each.files):
            continue
        named = next((way for path in reversed(paths) if path and (way := stage(path))), None)
        space = each.namespace if each.namespace and "$" not in each.namespace else None
        title = each.release if "$" not in each.release else _named(repository, chart)
        yield Install(chart, tuple(values), Release(title, space), named, each.place)


def _found(repository: Repository, chart: str, command: HelmCommand, written: str) -> str | None:
    """A file of values, as named from the repository, from the command's folder or from above the chart."""
    for home in ("", posixpath.dirname(command.place.path), chart, posixpath.dirname(chart)):
        path = _below(home, written)
        if repository.has(path):
            return path
    return None


def _set_by_commands(charts: tuple[str, ...], commands: list[HelmCommand]) -> dict[str, list[Node]]:
    """The values that commands set one by one, for whatever installs the chart."""
    made: dict[str, list[Node]] = {}
    for each in commands:
        for path, value in each.single:
            said = Node({"name": Node(path, each.place), "value": Node(value, each.place)}, each.place)
            if "[" not in path:
                made.setdefault(each.directory(charts) or "", []).append(_set(said))
    return made


def _is_below_other(repository: Repository, chart: str, charts: tuple[str, ...]) -> bool:
    """Whether a chart of the repository lists it as a dependency, so that it is installed with that one."""
    for other in charts:
        found = repository.parsed(_below(other, "Chart.yaml"), parse_yaml)
        for entry in () if isinstance(found, Problem) or not found else found[0].at("dependencies").elements():
            home = entry.at("repository").text or ""
            local = posixpath.normpath(posixpath.join(other, home.removeprefix("file://")))
            if home.startswith("file://") and local == (chart or "."):
                return True
    return False


def _below(directory: str, name: str) -> str:
    return posixpath.normpath(posixpath.join(directory, name))


def _named(repository: Repository, chart: str) -> str:
    found = repository.parsed(_below(chart, "Chart.yaml"), parse_yaml)
    title = found[0].at("name").text if not isinstance(found, Problem) and found else None
    return title or posixpath.basename(chart) or "app"


def _by_names(repository: Repository, chart: str) -> Iterator[Install]:
    """The files of values in a chart's directory that are named by an environment."""
    prefix = f"{chart}/" if chart else ""
    for path in repository.files:
        if not path.startswith(prefix) or not path.endswith((".yaml", ".yml")):
            continue
        folders, _, last = path[len(prefix) :].rpartition("/")
        title = last.rpartition(".")[0]
        in_folder = bool(folders) and folders.split("/")[0] in _FOLDERS and folders.count("/") < 2
        if ("values" not in title and not in_folder) or (folders and not in_folder):
            continue
        named = stage(f"{folders}/{title}" if folders else title)
        if named is None or _is_secret(title):
            continue
        values = _values(repository, path)
        if values is not None and not values.at("kind").present:
            yield Install(chart, (values,), Release(_named(repository, chart)), named, Place(path))


def _is_secret(title: str) -> bool:
    return "secret" in title or title.endswith((".enc", ".sops"))


def _values(repository: Repository, path: str) -> Node | None:
    if not repository.has(path):
        return None
    found = repository.parsed(path, parse_yaml_1_1)
    return found[0] if not isinstance(found, Problem) and found and isinstance(found[0].value, dict) else None


def _by_objects(repository: Repository, charts: tuple[str, ...], objects: Iterable[Node]) -> Iterator[Install]:
    """What Argo CD's Applications and Flux' HelmReleases install."""
    for node in objects:
        if kind(node) in ("Application", "ApplicationSet"):
            spec = node.at("spec") if kind(node) == "Application" else node.at("spec", "template", "spec")
            for source in [spec.at("source"), *spec.at("sources").elements()]:
                yield from _application(repository, charts, node, spec, source)
        elif kind(node) == "HelmRelease":
            yield from _helm_release(repository, charts, node)


def _application(
    repository: Repository, charts: tuple[str, ...], node: Node, spec: Node, source: Node
) -> Iterator[Install]:
    chart = _chart(charts, source.at("path").text)
    if chart is None:
        return
    helm = source.at("helm")
    values: list[Node] = []
    complete = True
    for entry in helm.at("valueFiles").elements():
        path = entry.text or ""
        path = path.partition("/")[2] if path.startswith(("$", "/")) else _below(chart, path)
        found = _values(repository, path)
        complete = complete and (found is not None or "{{" not in path)
        values += [found] if found is not None else []
    values += [
        found for found in (_text(helm.at("values")), helm.at("valuesObject")) if found is not None and found.present
    ]
    values += [_set(each) for each in helm.at("parameters").elements() if each.at("name").text]
    title = helm.at("releaseName").text or name(node)
    space = spec.at("destination", "namespace").text
    words = [name(node), *(each.place.path.removeprefix(f"{chart}/") for each in values), space or "", node.place.path]
    named = next((way for each in words if each and (way := stage(each))), None)
    release = Release(
        title if "{{" not in title else _named(repository, chart), None if "{{" in (space or "{{") else space
    )
    yield Install(chart, tuple(values), release, named, node.at("metadata", "name").place, complete)


def _chart(charts: tuple[str, ...], path: str | None) -> str | None:
    """The chart that a path of the repository leads to; None where it leads to none."""
    cleaned = posixpath.normpath(path).lstrip("/") if path else ""
    cleaned = "" if cleaned == "." else cleaned
    return cleaned if path and cleaned in charts else None


def _text(node: Node) -> Node | None:
    """Values that are written as a text within an object, at their lines in its file."""
    found = parse_yaml_1_1(node.text, node.place.path) if node.text else ()
    if isinstance(found, Problem) or not found:
        return None
    shift = node.place.line if node.style in ("|", ">") else node.place.line - 1
    return _shifted(found[0], shift, node.indent)


def _shifted(node: Node, lines: int, columns: int) -> Node:
    value = node.value
    if isinstance(value, dict):
        value = {key: _shifted(each, lines, columns) for key, each in value.items()}
    elif isinstance(value, list):
        value = [_shifted(each, lines, columns) for each in value]
    keys = {key: _moved(place, lines, columns) for key, place in node.keys.items()}
    return replace(node, value=value, place=_moved(node.place, lines, columns), keys=keys)


def _moved(place: Place, lines: int, columns: int) -> Place:
    ends = (place.end_line + lines, place.end_column + columns) if place.end_line else (0, 0)
    return Place(place.path, place.line + lines, place.column + columns, *ends)


def _set(parameter: Node) -> Node:
    """A value that is set by its path, such as `image.tag`."""
    made = parameter.at("value")
    for step in reversed((parameter.at("name").text or "").replace("\\.", "\0").split(".")):
        key = step.replace("\0", ".")
        made = Node({key: made}, made.place, keys={key: made.place})
    return made


def _helm_release(repository: Repository, charts: tuple[str, ...], node: Node) -> Iterator[Install]:
    spec = node.at("spec", "chart", "spec")
    chart = _chart(charts, spec.at("chart").text) if spec.at("sourceRef", "kind").text == "GitRepository" else None
    if chart is None:
        return
    files = [*spec.at("valuesFiles").elements(), *([spec.at("valuesFile")] if spec.at("valuesFile").text else [])]
    paths = [posixpath.normpath(each.text or "") for each in files]
    values = [found for path in paths if (found := _values(repository, path)) is not None]
    if node.at("spec", "values").present:
        values.append(node.at("spec", "values"))
    space = node.at("spec", "targetNamespace").text or namespace(node) or None
    words = [name(node), *(each.place.path for each in values), node.place.path]
    named = next((way for each in words if (way := stage(each))), None)
    title = node.at("spec", "releaseName").text or name(node)
    complete = not node.at("spec", "valuesFrom").elements()
    yield Install(chart, tuple(values), Release(title, space), named, node.at("metadata", "name").place, complete)


def _by_helmfiles(repository: Repository, charts: tuple[str, ...]) -> Iterator[Install]:
    for path in repository.files if charts else ():
        if path.rpartition("/")[2] not in _HELMFILES and "/helmfile.d/" not in f"/{path}":
            continue
        found = repository.parsed(path, parse_yaml) if path.endswith((".yaml", ".yml")) else ()
        documents = () if isinstance(found, Problem) else found
        environments = [key for node in documents for key, _ in node.at("environments").items()]
        for node in documents:
            for entry in node.at("releases").elements():
                yield from _helmfile_release(repository, charts, path, entry, environments)


def _helmfile_release(
    repository: Repository, charts: tuple[str, ...], path: str, entry: Node, environments: list[str]
) -> Iterator[Install]:
    home = posixpath.dirname(path)
    chart = _chart(charts, _below(home, entry.at("chart").text or "//"))
    if chart is None or entry.at("installed").value is False:
        return
    listed = entry.at("values").elements()
    templated = any(".Environment.Name" in (each.text or "") for each in listed)
    for environment in environments if templated else [""]:
        values: list[Node] = []
        complete = True
        for each in listed:
            if isinstance(each.value, dict):
                values.append(each)
                continue
            said = (each.text or "").replace("{{ .Environment.Name }}", environment)
            found = _values(repository, _below(home, said.replace("{{.Environment.Name}}", environment)))
            complete = complete and found is not None
            values += [found] if found is not None else []
        title = entry.at("name").text or _named(repository, chart)
        space = entry.at("namespace").text
        named = stage(environment) if environment else stage(posixpath.dirname(path)) or stage(title)
        release = Release(
            title if "{{" not in title else _named(repository, chart), None if "{{" in (space or "{{") else space
        )
        place = entry.at("name").place
        yield Install(chart, tuple(values), release, named, place, complete)
