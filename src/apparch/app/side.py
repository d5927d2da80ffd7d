"""What an App repo states of the contract, read from its files."""

from __future__ import annotations

import re
from functools import cached_property

from apparch.app.image import Image, User, user_of
from apparch.app.published_variables import EXAMPLE, Variable, read_variables
from apparch.app.python_facts import read_source
from apparch.repository import Node, Place, Problem, Repository
from apparch.repository.dockerfile import Instruction, parse_dockerfile
from apparch.repository.nearest import closest
from apparch.repository.stages import Stage, lineage, stages
from apparch.repository.toml_file import parse_toml, parse_toml_nodes
from apparch.repository.yaml_file import parse_yaml

DOCKERFILE = "docker/Dockerfile"
RELEASE = ".github/workflows/release.yml"
_REFERENCE = re.compile(r"ghcr\.io/[a-z0-9][\w.-]*/[a-z0-9][\w.-]*")


def nearest_file(repository: Repository, wanted: str) -> str:
    """The path itself if there is such a file, else that of the file of this name that lies nearest to the root."""
    if repository.has(wanted):
        return wanted
    name = wanted.rpartition("/")[2]
    found = [path for path in repository.files if path.rpartition("/")[2] == name and path.count("/") < 2]
    return min(found, key=lambda path: (path.count("/"), path), default=wanted)


class AppSide:
    """Read on demand; what cannot be read is in `problems`.

    `repository` is the app's own folder; `root`, where it lies in a larger repository, is that one, whose
    workflows publish the image.
    """

    def __init__(self, repository: Repository, root: Repository | None = None) -> None:
        self.repository = repository
        self.root = root or repository
        self.example = nearest_file(repository, EXAMPLE)
        self.dockerfile = nearest_file(repository, DOCKERFILE)
        self.variables, self.problems = read_variables(repository, self.example)
        self.source = read_source(repository)
        """What the Python source tells."""
        self.problems += self.source.problems
        self.instructions: tuple[Instruction, ...] = ()
        self._read_dockerfile()
        self.workflows: dict[str, Node] = {}
        for path in self.root.matching(".github/workflows/*.yml", ".github/workflows/*.yaml"):
            found = self.root.parsed(path, parse_yaml)
            if isinstance(found, Problem):
                self.problems.append(found)
            elif found:
                self.workflows[path] = found[0]
        self.image = self._image()
        """The published image; None where neither a workflow nor pyproject.toml names it."""

    def _read_dockerfile(self) -> None:
        parsed = self.repository.parsed(self.dockerfile, parse_dockerfile)
        if self.dockerfile != DOCKERFILE:
            message = f"{DOCKERFILE} is missing; there is {self.dockerfile}"
            self.problems.append(Problem(self._place(self.dockerfile), message))
        if isinstance(parsed, Problem):
            missing = not self.repository.has(self.dockerfile)
            place = self.home if missing else parsed.place
            self.problems.append(Problem(place, f"{DOCKERFILE} is missing" if missing else parsed.message))
        elif not any(each.name == "FROM" for each in parsed):
            self.problems.append(Problem(self._place(self.dockerfile), "it has no FROM"))
        else:
            self.instructions = parsed

    def _place(self, path: str) -> Place:
        return Place(f"{self.repository.prefix}{path}")

    @property
    def home(self) -> Place:
        """A place that stands for the app where there is none of its own: a file that is there."""
        return self.repository.somewhere(self.example, self.dockerfile, "pyproject.toml", "README.md")

    @property
    def stage(self) -> tuple[Instruction, ...]:
        """The instructions of the stage that becomes the image."""
        return next((_whole(each) for each in reversed(stages(self.instructions))), ())

    @property
    def exposed(self) -> list[tuple[str, Place]]:
        """The ports that EXPOSE names in the image's stage."""
        return [
            (port.partition("/")[0], each.place) for each in self.stage if each.name == "EXPOSE" for port in each.words
        ]

    @cached_property
    def environment(self) -> dict[str, Place]:
        """The variables that the image itself sets."""
        found: dict[str, Place] = {}
        for each in self.chain:
            if each.name == "ENV":
                for match in re.finditer(r"(?:^|\s)([A-Za-z_][A-Za-z0-9_]*)=", each.argument):
                    found[match[1]] = each.place
        return found

    @property
    def chain(self) -> list[Instruction]:
        """The instructions of the image's stage, and before them those of the stages that it is built from."""
        known = stages(self.instructions)
        built_from = reversed(lineage(known, known[-1])) if known else ()
        return [instruction for each in built_from for instruction in _whole(each)]

    @cached_property
    def user(self) -> User | None:
        """The user of the image; None where its Dockerfile does not tell it."""
        return user_of(self.chain)

    def _image(self) -> Image | None:
        for path in self.workflows:
            text = self.root.text(path)
            for match in _REFERENCE.finditer(text) if isinstance(text, str) else ():
                if self.root is self.repository or match[0].rpartition("/")[2] in (self._title(), self._folder()):
                    return Image(match[0], Place(path, str(text).count("\n", 0, match.start()) + 1))
        title = self._title()
        if title is None:
            return None
        project = self.repository.parsed("pyproject.toml", parse_toml_nodes)
        place = project.at("project", "name").place if isinstance(project, Node) else self._place("pyproject.toml")
        return Image(title.lower(), place)

    def _folder(self) -> str:
        return self.repository.prefix.rstrip("/").rpartition("/")[2]

    def _title(self) -> str | None:
        """The name in pyproject.toml."""
        project = self.repository.parsed("pyproject.toml", parse_toml)
        table = project.get("project") if isinstance(project, dict) else None
        name = table.get("name") if isinstance(table, dict) else None
        return name if isinstance(name, str) and re.fullmatch(r"[\w.-]{1,100}", name) else None

    @cached_property
    def scripts(self) -> frozenset[str]:
        """The commands that pyproject.toml installs."""
        project = self.repository.parsed("pyproject.toml", parse_toml)
        table = project.get("project") if isinstance(project, dict) else None
        scripts = table.get("scripts") if isinstance(table, dict) else None
        return frozenset(scripts) if isinstance(scripts, dict) else frozenset()

    def variable(self, name: str) -> Variable | None:
        """A published variable, or None."""
        return self.variables.get(name)

    def variable_place(self, name: str) -> Place:
        """Where a variable is published; the top of the list for one that is not."""
        variable = self.variables.get(name)
        return variable.place if variable else self.home

    def nearest_variable(self, name: str) -> Place:
        """Where the most similar name is published: a renamed variable is shown beside its old name."""
        near = closest(name, self.variables, 0.6)
        return self.variable_place(near or name)

    def route_place(self, path: str) -> Place:
        """Where a path is served, or the path most like it; the source folder if no route was found."""
        near = path if path in self.source.routes else closest(path, self.source.routes, 0.0)
        return self.source.routes[near] if near else self.home

    def serves(self, path: str) -> bool:
        """Whether the path is served; a source in which no route can be seen is believed."""
        return not self.source.routes or path in self.source.routes

    @cached_property
    def migrations(self) -> Place | None:
        """Where the migrations are, if the app has any."""
        found = self.repository.matching("migrations/")
        return self._place(found[0]) if found else None

    @property
    def tag_place(self) -> Place:
        """Where the tags come from: the release workflow."""
        if RELEASE in self.workflows:
            return self.workflows[RELEASE].at("on", "push", "tags").place
        return self.image.place if self.image else self.home


def _whole(stage: Stage) -> tuple[Instruction, ...]:
    return (stage.begin, *stage.instructions)
