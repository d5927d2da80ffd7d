"""A chart as a directory states it: what it is called, its values, its templates, the charts below it."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass

from apparch.repository.helm.frame import ChartError
from apparch.repository.helm.functions_data import merged, truth, without_nulls
from apparch.repository.helm.parser import TemplateError, parse
from apparch.repository.helm.traced import Map, Source, runtime
from apparch.repository.helm.tree import Template
from apparch.repository.nodes import Node
from apparch.repository.places import Place, Problem
from apparch.repository.view import Repository
from apparch.repository.yaml_file import parse_yaml, parse_yaml_1_1

FILE_NAME = "Chart.yaml"
DEPTH = 5
"""How deep charts may lie in each other."""
TEMPLATES = 500
"""How many templates a chart and those below it may have."""
_ENDINGS = (".yaml", ".yml", ".tpl", ".json", ".txt")


@dataclass(frozen=True)
class Chart:
    """A chart, and those below it."""

    directory: str
    name: str
    """By which the chart above it names its values."""
    metadata: Node
    values: Map
    paths: tuple[str, ...]
    """Its templates' files."""
    below: tuple[Chart, ...] = ()
    conditions: tuple[str, ...] = ()
    """Where the chart above says whether it takes part: paths of its values, the first that is there decides."""
    tags: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    """The charts that it depends on and that are not in the repository."""

    @property
    def is_library(self) -> bool:
        """Whether its templates are only there for others to include."""
        return self.metadata.at("type").text == "library"


def read_chart(repository: Repository, directory: str) -> Chart:
    """A chart of the repository.

    Raises:
        ChartError: a file of it cannot be read.
    """
    return _chart(repository, directory, Node({}, Place(directory)), ())


def _chart(repository: Repository, directory: str, entry: Node, above: tuple[str, ...]) -> Chart:
    file = posixpath.normpath(f"{directory}/{FILE_NAME}")
    metadata = _one(repository, file, required=True)
    if len(above) >= DEPTH or directory in above:
        raise ChartError(Place(file), "charts lie in each other too deep")
    prefix = "" if directory in (".", "") else f"{directory}/"
    own = [path for path in repository.files if path.startswith(f"{prefix}templates/") and path.endswith(_ENDINGS)]
    if len(own) > TEMPLATES:
        raise ChartError(Place(file), f"the chart has more than {TEMPLATES} templates")
    listed = _dependencies(repository, directory, metadata)
    below, missing = [], []
    found = dict(_inside(repository, prefix))
    for each in listed:
        name, home = each.at("name").text or "", each.at("repository").text or ""
        where = found.pop(name, None)
        if where is None and home.startswith("file://"):
            local = posixpath.normpath(posixpath.join(directory, home.removeprefix("file://")))
            where = local if repository.has(f"{local}/{FILE_NAME}") else None
        if where is None:
            missing.append(name)
        else:
            below.append(_chart(repository, where, each, (*above, directory)))
    below += [_chart(repository, where, Node({}, Place(where)), (*above, directory)) for where in found.values()]
    values = _one(repository, f"{prefix}values.yaml", required=False)
    made = runtime(values)
    return Chart(
        directory,
        entry.at("alias").text or metadata.at("name").text or posixpath.basename(directory),
        metadata,
        without_nulls(made) if isinstance(made, Map) else Map(),
        tuple(own),
        tuple(below),
        tuple(each.strip() for each in (entry.at("condition").text or "").split(",") if each.strip()),
        tuple(each.text or "" for each in entry.at("tags").elements()),
        tuple(missing),
    )


def _one(repository: Repository, path: str, *, required: bool) -> Node:
    if not required and not repository.has(path):
        return Node({}, Place(path))
    found = repository.parsed(path, parse_yaml_1_1 if path.endswith("values.yaml") else parse_yaml)
    if isinstance(found, Problem):
        raise ChartError(found.place, found.message)
    return found[0] if found else Node({}, Place(path))


def _dependencies(repository: Repository, directory: str, metadata: Node) -> list[Node]:
    path = posixpath.normpath(f"{directory}/requirements.yaml")
    if metadata.at("dependencies").present or not repository.has(path):
        return metadata.at("dependencies").elements()
    return _one(repository, path, required=False).at("dependencies").elements()


def _inside(repository: Repository, prefix: str) -> Iterator[tuple[str, str]]:
    """The charts of the directory `charts`, by the name of their folder."""
    for path in repository.files:
        rest = path.removeprefix(f"{prefix}charts/")
        if rest != path and rest.count("/") == 1 and rest.endswith(f"/{FILE_NAME}"):
            yield rest.partition("/")[0], posixpath.dirname(path)


def templates(repository: Repository, chart: Chart, name: str = "") -> Iterator[tuple[Chart, Template]]:
    """Every template and definition, those of the charts below first, so that the chart's own win.

    Raises:
        ChartError: one of them cannot be read.
    """
    named = name or chart.metadata.at("name").text or chart.name
    for each in chart.below:
        yield from templates(repository, each, f"{named}/charts/{each.name}")
    size = 0 if chart.directory in (".", "") else len(chart.directory) + 1
    for path in chart.paths:
        text = repository.text(path)
        if isinstance(text, Problem):
            raise ChartError(text.place, text.message)
        title = f"{named}/{path[size:]}"
        known: dict[tuple[str, str], list[Template]] = repository.memo(parse)  # type: ignore[assignment]
        try:
            if (path, title) not in known:
                known[path, title] = parse(text, path, title)
        except TemplateError as error:
            raise ChartError(Source(path, text).place(error.offset), f"not readable as a template: {error}") from None
        for template in known[path, title]:
            yield chart, template


def taking_part(chart: Chart, values: Map) -> Chart:
    """The chart with those below it that its values do not switch off."""
    kept = []
    tags = values.get("tags")
    for each in chart.below:
        said = next((found for path in each.conditions if isinstance(found := _at(values, path), bool)), None)
        tagged = [tags[tag] for tag in each.tags if isinstance(tags, Map) and tag in tags]
        if said if said is not None else (not tagged or any(map(truth, tagged))):
            kept.append(each)
    return Chart(**{**vars(chart), "below": tuple(kept)})


def _at(values: Map, path: str) -> object:
    found: object = values
    for step in path.split("."):
        found = found.get(step) if isinstance(found, Map) else None
    return found


def coalesced(chart: Chart, given: Map) -> Map:
    """The values that the chart's templates see: its own, what is given on top, and those of the charts below."""
    made = merged(chart.values, given, nulls=True)
    shared = made.get("global")
    for each in chart.below:
        own = made.get(each.name)
        own = own if isinstance(own, Map) else Map()
        if isinstance(shared, Map):
            inner = own.get("global")
            own = own.copied()
            own["global"] = merged(inner, shared) if isinstance(inner, Map) else shared
        made[each.name] = coalesced(each, own)
    return made
