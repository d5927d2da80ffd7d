"""The rendering of a chart with the values given to it, as `helm template` makes it, as far as a tree tells."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from typing import Any

from apparch.repository.helm.chart import Chart, coalesced, read_chart, taking_part, templates
from apparch.repository.helm.context import Release, context
from apparch.repository.helm.frame import ChartError
from apparch.repository.helm.functions_data import merged
from apparch.repository.helm.machine import Machine
from apparch.repository.helm.output import Made, documents
from apparch.repository.helm.traced import Map, runtime
from apparch.repository.nodes import Node
from apparch.repository.places import Place, Problem
from apparch.repository.view import Repository

TOGETHER = 500_000
"""How many steps all charts of a repository may take."""
OBJECTS = 2_000
"""How many objects a chart may make."""


@dataclass(frozen=True)
class Rendered:
    """What a chart makes of some values."""

    made: tuple[Made, ...] = ()
    problems: tuple[Problem, ...] = ()
    """What stands in the way of one template or another, so that objects may be missing."""
    complete: bool = True
    """Whether every object that the chart may make is here."""


def render(repository: Repository, directory: str, given: tuple[Node, ...], release: Release) -> Rendered:
    """Render a chart with values on top of its own, the last winning; nothing is run or fetched."""
    taken: dict[str, int] = repository.memo(render)
    if taken.get("steps", 0) > TOGETHER:
        place = Place(posixpath.normpath(f"{directory}/Chart.yaml"))
        told = "not rendered: the charts of the repository take more steps than are given to them"
        return Rendered(problems=(Problem(place, told),), complete=False)
    try:
        chart = read_chart(repository, directory)
        values = Map()
        for each in given:
            over = runtime(each)
            values = merged(values, over, nulls=False) if isinstance(over, Map) else values
        chart = _switched(chart, merged(chart.values, values))
        values = coalesced(chart, values)
        machine = Machine(template for _, template in templates(repository, chart))
    except (ChartError, RecursionError) as error:
        place = error.place if isinstance(error, ChartError) else Place(f"{directory}/Chart.yaml")
        return Rendered(problems=(Problem(place, str(error)[:500]),), complete=False)
    found = _carried_out(repository, chart, machine, values, release)
    taken["steps"] = taken.get("steps", 0) + machine.steps
    return found


def _switched(chart: Chart, values: Map) -> Chart:
    kept = taking_part(chart, values)
    below = [_switched(each, merged(each.values, _map(values.get(each.name)))) for each in kept.below]
    return Chart(**{**vars(kept), "below": tuple(below)})


def _map(value: Any) -> Map:
    return value if isinstance(value, Map) else Map()


def _carried_out(repository: Repository, chart: Chart, machine: Machine, values: Map, release: Release) -> Rendered:
    made: list[Made] = []
    problems: list[Problem] = []
    complete = not chart.missing
    for part, title, seen in _parts(chart, values, chart.metadata.at("name").text or chart.name):
        if part.is_library:
            continue
        size = 0 if part.directory in (".", "") else len(part.directory) + 1
        for path in part.paths:
            name = posixpath.basename(path)
            if name.startswith("_") or name == "NOTES.txt":
                continue
            label = f"{title}/{path[size:]}"
            try:
                text = machine.run(label, context(repository, part, seen, release, label))
                for each in documents(text, path):
                    if isinstance(each, Problem):
                        problems.append(each)
                    elif each is not None:
                        made.append(each)
                    complete = complete and each is not None
            except (ChartError, RecursionError) as error:
                place = error.place if isinstance(error, ChartError) else Place(path)
                problems.append(Problem(place, str(error)[:500]))
            if len(made) > OBJECTS:
                problems.append(Problem(Place(path), f"more than {OBJECTS} objects"))
                return Rendered(tuple(made[:OBJECTS]), tuple(problems), complete=False)
    return Rendered(tuple(made), tuple(problems), complete and not problems)


def _parts(chart: Chart, values: Map, title: str) -> list[tuple[Chart, str, Map]]:
    found = [(chart, title, values)]
    for each in chart.below:
        found += _parts(each, _map(values.get(each.name)), f"{title}/charts/{each.name}")
    return found


__all__ = ["Made", "Release", "Rendered", "render"]
