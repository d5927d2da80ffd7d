"""A workflow or action as data: jobs, steps, what they use, run, set and may do, each with its place."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from apparch.repository.nodes import Node
from apparch.repository.places import Place, Problem
from apparch.repository.workflow.expressions import Embedded, Expression, embedded
from apparch.repository.workflow.expressions import condition as _condition
from apparch.repository.workflow.triggers import Trigger, read_triggers

_USES = re.compile(r"(?P<owner>[^/@\s]+)/(?P<repo>[^/@\s]+)(?:/(?P<path>[^@\s]*))?@(?P<ref>\S+)")
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}", re.IGNORECASE)
WRITE = "write"
REPEATERS = frozenset({"nick-fields/retry", "nick-invision/retry", "wandalen/wretry.action"})
"""Actions whose `command` is run by a shell."""


@dataclass(frozen=True)
class Uses:
    """What a step or job uses: an action, a workflow, an image, or something of this repository."""

    text: str
    place: Place
    owner: str = ""
    repo: str = ""
    path: str = ""
    """Below the repository; of what is local the whole path, without `./` or `$/`."""
    ref: str = ""
    image: str = ""
    """What follows `docker://`."""
    local: bool = False
    """Whether it is of this repository: `./` of what is checked out, `$/` of the commit that runs."""

    @property
    def name(self) -> str:
        """`owner/repo`, in small letters; empty for what is local or an image."""
        return f"{self.owner}/{self.repo}".lower() if self.owner else ""

    @property
    def pinned(self) -> bool:
        """Whether it always means the same content: a whole commit, a digest, or what is local."""
        return self.local or "@sha256:" in self.image or bool(_COMMIT.fullmatch(self.ref))


def parse_uses(node: Node) -> Uses | None:
    """What a `uses` names; None where there is none."""
    text = (node.text or "").strip()
    if not text:
        return None
    if text.startswith("docker://"):
        return Uses(text, node.place, image=text.removeprefix("docker://"))
    if text.startswith(("./", "$/", ".\\")) or text in (".", "$"):
        path = posixpath.normpath(text[2:].replace("\\", "/").strip("/") or ".")
        return Uses(text, node.place, path="" if path == "." else path, local=True)
    found = _USES.fullmatch(text)
    if found is None:
        return Uses(text, node.place)
    return Uses(text, node.place, found["owner"], found["repo"], found["path"] or "", found["ref"])


@dataclass(frozen=True)
class Permissions:
    """What a token may do, as `permissions` says it."""

    node: Node

    @property
    def stated(self) -> bool:
        """Whether anything is said; if not, what is around it or the repository's default holds."""
        return self.node.present and self.node.value is not None

    @property
    def scopes(self) -> Mapping[str, str]:
        """The right of each scope that is named; `*` for all of them."""
        if self.node.text in ("read-all", "write-all"):
            return {"*": self.node.text.removesuffix("-all")}
        return {scope: str(right) for scope, right in self.node.items()}

    @property
    def writes(self) -> frozenset[str]:
        """The scopes that may be written; `*` for all of them."""
        return frozenset(scope for scope, right in self.scopes.items() if right == WRITE)

    def place(self, scope: str) -> Place:
        """Where a scope is named."""
        return self.node.key(scope)


class _Part:
    """What workflows, jobs and steps have alike."""

    def __init__(self, node: Node, place: Place) -> None:
        self.node = node
        self.place = place
        """Where it begins: its key, or the node itself."""

    @property
    def name(self) -> str:
        """Its `name`; empty where it has none."""
        return self.node.at("name").text or ""

    @property
    def env(self) -> dict[str, Node]:
        """The variables that it sets itself."""
        return dict(self.node.at("env").items())

    @property
    def condition(self) -> Expression | Problem | None:
        """What its `if` asks; None where it has none."""
        return _condition(self.node.at("if"))

    @property
    def permissions(self) -> Permissions:
        """What it says of its token."""
        return Permissions(self.node.at("permissions"))

    @property
    def concurrency(self) -> Node:
        """Its group, as a text or a mapping."""
        return self.node.at("concurrency")

    @property
    def timeout(self) -> Node:
        """Its `timeout-minutes`."""
        return self.node.at("timeout-minutes")

    @property
    def goes_on(self) -> Node:
        """Its `continue-on-error`."""
        return self.node.at("continue-on-error")

    def expressions(self) -> Iterator[Embedded]:
        """Every `${{ }}` in it, with its place; `if` without braces is not among them."""
        for node in self.node.walk():
            yield from embedded(node)


class Step(_Part):
    """One step of a job or of a composite action."""

    def __init__(self, node: Node, job: Job | None, index: int) -> None:
        super().__init__(node, node.place)
        self.job = job
        self.index = index
        """Its position, from 0."""

    @property
    def id(self) -> str:
        """Its `id`; empty where it has none."""
        return self.node.at("id").text or ""

    @cached_property
    def uses(self) -> Uses | None:
        """The action that it uses."""
        return parse_uses(self.node.at("uses"))

    @property
    def run(self) -> Node:
        """The script that it runs; absent where it uses an action. `run.spot` tells the place of a part of it."""
        return self.node.at("with", "command") if self._repeats else self.node.at("run")

    @property
    def _repeats(self) -> bool:
        """Whether its action runs a command again until it works."""
        return self.uses is not None and self.uses.name in REPEATERS

    @property
    def given(self) -> dict[str, Node]:
        """The inputs of its action, as `with` gives them."""
        return dict(self.node.at("with").items())

    @property
    def environment(self) -> dict[str, Node]:
        """The variables that it runs with: the workflow's, the job's, its own."""
        around = self.job.environment_variables if self.job else {}
        return {**around, **self.env}

    @property
    def shell(self) -> str:
        """The shell of its script: its own, that of the job or workflow, or the runner's."""
        said = self.node.at("shell").text or (self.job.default("shell") if self.job else None)
        windows = self.job is not None and any("windows" in str(each).lower() for each in self.job.runs_on)
        return said or ("pwsh" if windows else "bash")

    @property
    def directory(self) -> str:
        """The folder that its script runs in, from the root of what is checked out."""
        said = self.node.at("working-directory").text or (self.job.default("working-directory") if self.job else None)
        return (said or "").removeprefix("./").rstrip("/") if said not in (".", None) else ""


class Job(_Part):
    """One job: steps of its own, or another workflow that it calls."""

    def __init__(self, identity: str, node: Node, workflow: Workflow) -> None:
        super().__init__(node, workflow.node.at("jobs").key(identity))
        self.id = identity
        self.workflow = workflow

    @cached_property
    def uses(self) -> Uses | None:
        """The workflow that it calls."""
        return parse_uses(self.node.at("uses"))

    @property
    def given(self) -> dict[str, Node]:
        """The inputs of the workflow that it calls."""
        return dict(self.node.at("with").items())

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """Its steps in order."""
        return tuple(Step(node, self, index) for index, node in enumerate(self.node.at("steps").elements()))

    @property
    def needs(self) -> tuple[str, ...]:
        """The jobs that it waits for."""
        return _listed(self.node.at("needs"))

    @property
    def runs_on(self) -> tuple[Node, ...]:
        """The labels of its runner."""
        node = self.node.at("runs-on")
        labels = node.at("labels") if node.at("labels").present else node
        return tuple(labels.elements()) or ((labels,) if labels.text is not None else ())

    @property
    def services(self) -> dict[str, Node]:
        """The containers that are started beside it."""
        return dict(self.node.at("services").items())

    @property
    def container(self) -> Node:
        """The container that its steps run in; absent where it has none."""
        return self.node.at("container")

    @property
    def environment(self) -> str:
        """The name of the environment whose protection and secrets it has."""
        node = self.node.at("environment")
        return node.text or node.at("name").text or ""

    @property
    def matrix(self) -> Node:
        """The matrix of its strategy."""
        return self.node.at("strategy", "matrix")

    @property
    def environment_variables(self) -> dict[str, Node]:
        """The variables that all its steps have: the workflow's and its own."""
        return {**self.workflow.env, **self.env}

    @property
    def effective_permissions(self) -> Permissions:
        """What its token may do: its own word, else the workflow's, else nothing is stated."""
        return self.permissions if self.permissions.stated else self.workflow.permissions

    def default(self, key: str) -> str | None:
        """A default of its `run` steps: its own, else the workflow's."""
        own, around = (part.node.at("defaults", "run", key).text for part in (self, self.workflow))
        return own or around

    def waits_for(self) -> frozenset[str]:
        """Every job before it, whether it names it or one that it needs does."""
        known = {job.id: job for job in self.workflow.jobs}
        found: set[str] = set()
        asked = list(self.needs)
        while asked:
            each = asked.pop()
            if each not in found:
                found.add(each)
                asked += known[each].needs if each in known else ()
        return frozenset(found)


class Workflow(_Part):
    """One file of .github/workflows."""

    def __init__(self, node: Node) -> None:
        super().__init__(node, node.place)
        self.path = node.place.path

    @cached_property
    def triggers(self) -> tuple[Trigger, ...]:
        """The events that start it."""
        return read_triggers(self.node.at("on"))

    def trigger(self, name: str) -> Trigger | None:
        """The event of that name, if it starts it."""
        return next((each for each in self.triggers if each.name == name), None)

    @cached_property
    def jobs(self) -> tuple[Job, ...]:
        """Its jobs, in the order of the file."""
        return tuple(Job(identity, node, self) for identity, node in self.node.at("jobs").items())

    def job(self, identity: str) -> Job | None:
        """The job with that name."""
        return next((each for each in self.jobs if each.id == identity), None)

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps of all its jobs."""
        return tuple(step for job in self.jobs for step in job.steps)


class Action(_Part):
    """An action of this repository."""

    def __init__(self, node: Node) -> None:
        super().__init__(node, node.place)
        self.path = node.place.path

    @property
    def composite(self) -> bool:
        """Whether it is made of steps, which others are not."""
        return self.node.at("runs", "using").text == "composite"

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """Its steps in order; none unless it is composite."""
        return tuple(Step(node, None, index) for index, node in enumerate(self.node.at("runs", "steps").elements()))

    @property
    def main(self) -> tuple[Node, ...]:
        """What it runs unless it is composite: scripts below its folder, a Dockerfile or an image."""
        keys = ("pre", "main", "post", "image", "pre-entrypoint", "entrypoint", "post-entrypoint")
        return tuple(node for key in keys if (node := self.node.at("runs", key)).present)


def _listed(node: Node) -> tuple[str, ...]:
    return (node.text,) if node.text is not None else tuple(str(each) for each in node.elements())
