"""The App's side of the contract, as its files state it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from apparch.contract.nearest import closest
from apparch.contract.python_of_app import Source, read_source
from apparch.contract.variables_of_app import EXAMPLE, Variable, read_variables
from apparch.repository import Node, Place, Problem, Repository
from apparch.repository.dockerfile import Instruction, last_stage, parse_dockerfile
from apparch.repository.yaml_file import parse_yaml

DOCKERFILE = "docker/Dockerfile"
RELEASE = ".github/workflows/release.yml"
_REFERENCE = re.compile(r"ghcr\.io/[a-z0-9][\w.-]*/[a-z0-9][\w.-]*")


@dataclass(frozen=True)
class Image:
    """The image that the App publishes: its whole name where a workflow writes it out, else only the app's name."""

    name: str
    place: Place

    @property
    def short(self) -> str:
        """The last part of the name."""
        return self.name.rpartition("/")[2]

    def fits(self, name: str) -> bool:
        """Whether a manifest's image name is this one."""
        if "/" in self.name:
            return name == self.name
        return re.fullmatch(rf"ghcr\.io/[\w.-]+/{re.escape(self.name)}", name) is not None

    def __str__(self) -> str:
        return self.name if "/" in self.name else f"ghcr.io/{{organization}}/{self.name}"


class AppSide:
    """Read on demand; what cannot be read is in `problems`."""

    def __init__(self, repository: Repository) -> None:
        self.repository = repository
        self.variables, self.problems = read_variables(repository)
        self.problems += self.source.problems
        self.instructions: tuple[Instruction, ...] = ()
        dockerfile = repository.parsed(DOCKERFILE, parse_dockerfile)
        if isinstance(dockerfile, Problem):
            self.problems.append(dockerfile)
        elif not any(each.name == "FROM" for each in dockerfile):
            self.problems.append(Problem(Place(DOCKERFILE), "it has no FROM"))
        else:
            self.instructions = dockerfile
        self.workflows: dict[str, Node] = {}
        for path in repository.matching(".github/workflows/*.yml", ".github/workflows/*.yaml"):
            found = repository.parsed(path, parse_yaml)
            if isinstance(found, Problem):
                self.problems.append(found)
            elif found:
                self.workflows[path] = found[0]

    @cached_property
    def source(self) -> Source:
        """What the Python source tells."""
        return read_source(self.repository)

    @property
    def stage(self) -> tuple[Instruction, ...]:
        """The instructions of the stage that becomes the image."""
        return last_stage(self.instructions)

    @property
    def exposed(self) -> list[tuple[str, Place]]:
        """The ports that EXPOSE names in the image's stage."""
        return [
            (port.partition("/")[0], each.place) for each in self.stage if each.name == "EXPOSE" for port in each.words
        ]

    @cached_property
    def image(self) -> Image | None:
        """The published image; None where neither a workflow nor pyproject.toml names it."""
        for path in self.workflows:
            text = self.repository.text(path)
            match = _REFERENCE.search(text) if isinstance(text, str) else None
            if match and isinstance(text, str):
                return Image(match[0], Place(path, text.count("\n", 0, match.start()) + 1))
        text = self.repository.text("pyproject.toml")
        if isinstance(text, Problem):
            return None
        match = re.search(
            r"^\[project\]\s*$(?:(?!^\[).)*?^name\s*=\s*[\"']([\w.-]+)[\"']", text, re.MULTILINE | re.DOTALL
        )
        if match is None:
            return None
        return Image(match[1].lower(), Place("pyproject.toml", text.count("\n", 0, match.start(1)) + 1))

    def variable(self, name: str) -> Variable | None:
        """A published variable, or None."""
        return self.variables.get(name)

    def variable_place(self, name: str) -> Place:
        """Where a variable is published; the top of the list for one that is not."""
        variable = self.variables.get(name)
        return variable.place if variable else Place(EXAMPLE)

    def nearest_variable(self, name: str) -> Place:
        """Where the most similar name is published: a renamed variable is shown beside its old name."""
        near = closest(name, self.variables, 0.6)
        return self.variable_place(near or name)

    def route_place(self, path: str) -> Place:
        """Where a path is served, or the path most like it; the source folder if no route was found."""
        near = path if path in self.source.routes else closest(path, self.source.routes, 0.0)
        return self.source.routes[near] if near else Place("src")

    def serves(self, path: str) -> bool:
        """Whether the path is served; a source in which no route can be seen is believed."""
        return not self.source.routes or path in self.source.routes

    @cached_property
    def migrations(self) -> Place | None:
        """Where the migrations are, if the app has any."""
        found = self.repository.matching("migrations/*")
        return Place(found[0]) if found else None

    @property
    def tag_place(self) -> Place:
        """Where the tags come from: the release workflow."""
        if RELEASE in self.workflows:
            return self.workflows[RELEASE].at("on", "push", "tags").place
        return Place(RELEASE)
