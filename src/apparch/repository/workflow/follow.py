"""What a workflow leads to in its repository: reusable workflows, composite actions, scripts, targets of make."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice

from apparch.repository.nodes import Node
from apparch.repository.places import Place, Problem, spot
from apparch.repository.shell import Command, parse_commands
from apparch.repository.view import Repository
from apparch.repository.workflow.model import Action, Job, Step, Uses, Workflow
from apparch.repository.yaml_file import parse_yaml

FOLDER = ".github/workflows"
DEEPEST = 10
"""How many workflows, actions and scripts may lead to one another; GitHub allows no more."""
STEPS = 10_000
"""How many steps of one run are told."""
MOST = 100
"""How many targets one call of make may lead to."""
_INTERPRETERS = re.compile(r"(?:ba|da|z|k)?sh|python[0-9.]*|node|ruby|perl|pwsh|powershell|tsx|deno|bun|source|\.")
_SHELLS = frozenset({"sh", "bash", "dash", "zsh", "ksh", "source", "."})
_RUNNERS = frozenset(
    {"sudo", "env", "xargs", "nohup", "nice", "timeout", "uv", "poetry", "pipenv", "run", "exec", "time"}
)
_TARGET = re.compile(
    r"^([^\s:#=][^:#=\n]*?)\s*::?(?!=)([^\n]*)\n"
    r"((?:\t[^\n]*(?:\n|$)|[ ]*#[^\n]*\n|[ ]*\n|[ ]*(?:ifn?eq|ifn?def|else|endif)\b[^\n]*(?:\n|$))*)",
    re.MULTILINE,
)


_MADE = re.compile(r"\$[({]eval\s+\$[({]call\s+([\w.-]+)")
_MACRO = re.compile(r"^define[ \t]+([\w.-]+)[ \t]*[:+?]?=?[ \t]*\n((?:(?!endef\b)[^\n]*\n)*)endef\b", re.MULTILINE)


def parse_workflow(text: str, path: str) -> Workflow | Problem:
    """One workflow; a file without jobs is still one, a file that is no mapping is a problem."""
    node = _mapping(text, path)
    return node if isinstance(node, Problem) else Workflow(node)


def parse_action(text: str, path: str) -> Action | Problem:
    """One action.yml."""
    node = _mapping(text, path)
    return node if isinstance(node, Problem) else Action(node)


def _mapping(text: str, path: str) -> Node | Problem:
    documents = parse_yaml(text, path)
    if isinstance(documents, Problem):
        return documents
    if len(documents) != 1 or not isinstance(documents[0].value, dict):
        return Problem(Place(path), "not one mapping, as GitHub wants it")
    return documents[0]


def workflows(repository: Repository) -> tuple[Workflow, ...]:
    """Every readable workflow of a repository; `unread` of the repository tells the others."""
    paths = repository.matching(f"{FOLDER}/*.yml", f"{FOLDER}/*.yaml")
    found = (repository.parsed(path, parse_workflow) for path in paths)
    return tuple(each for each in found if isinstance(each, Workflow))


def actions(repository: Repository) -> tuple[Action, ...]:
    """Every readable action of a repository."""
    found = (repository.parsed(path, parse_action) for path in repository.matching("action.yml", "action.yaml"))
    return tuple(each for each in found if isinstance(each, Action))


def called_workflow(repository: Repository, uses: Uses | None) -> Workflow | Problem | None:
    """The workflow of this repository that a job calls; None where it is another's."""
    if uses is None or not uses.local:
        return None
    return repository.parsed(uses.path, parse_workflow)


def called_action(repository: Repository, uses: Uses | None) -> Action | Problem | None:
    """The action of this repository that a step uses; None where it is another's."""
    if uses is None or not uses.local:
        return None
    names = [posixpath.join(uses.path, name) for name in ("action.yml", "action.yaml")]
    path = next((each for each in names if repository.has(each)), names[0])
    return repository.parsed(path, parse_action)


@dataclass(frozen=True)
class Reached:
    """A step that a workflow runs, itself or through what it calls."""

    step: Step
    job: Job
    """The job of the first workflow in whose run it happens."""
    trail: tuple[Place, ...]
    """Where each call on the way stands, the first one first; empty for the workflow's own step."""


def reached(repository: Repository, workflow: Workflow) -> Iterator[Reached]:
    """Every step of a run, in order: those of reusable workflows and composite actions of this repository included."""
    found = (each for job in workflow.jobs for each in _reached_of(repository, job, job, ()))
    return islice(found, STEPS)


def _reached_of(repository: Repository, job: Job, first: Job, trail: tuple[Place, ...]) -> Iterator[Reached]:
    called = called_workflow(repository, job.uses)
    if isinstance(called, Workflow) and job.uses is not None and _leads_on(job.uses.place, trail):
        for inner in called.jobs:
            yield from _reached_of(repository, inner, first, (*trail, job.uses.place))
    for step in job.steps:
        yield from _reached_step(repository, step, first, trail)


def _reached_step(repository: Repository, step: Step, first: Job, trail: tuple[Place, ...]) -> Iterator[Reached]:
    yield Reached(step, first, trail)
    action = called_action(repository, step.uses)
    if isinstance(action, Action) and step.uses is not None and _leads_on(step.uses.place, trail):
        for inner in action.steps:
            yield from _reached_step(repository, inner, first, (*trail, step.uses.place))


def _leads_on(place: Place, trail: tuple[Place, ...]) -> bool:
    return len(trail) < DEEPEST and place not in trail


@dataclass(frozen=True)
class Ran:
    """A command that a step runs, itself or through scripts of the repository."""

    command: Command
    place: Place
    trail: tuple[Place, ...]
    """Where each script on the way is called, the first one first."""
    guard: str = ""
    """The tests of the shell that it hangs on, those around the scripts on the way included; empty where none is."""


def ran(repository: Repository, step: Step) -> Iterator[Ran]:
    """Every command of a step's script, and those of the shell scripts and make targets that it leads to."""
    text = step.run.text
    if text is None or not _understood(step.shell):
        return
    seen: set[tuple[str, str]] = set()
    for command in parse_commands(text):
        place = step.run.spot(command.begin, command.end)
        yield from _ran(repository, Ran(command, place, (), command.guard), step.directory, seen)


def _ran(repository: Repository, here: Ran, directory: str, seen: set[tuple[str, str]]) -> Iterator[Ran]:
    yield here
    trail = (*here.trail, here.place)
    if len(trail) > DEEPEST:
        return
    for script in scripts_of(repository, here.command, directory):
        if (script.path, script.target) in seen:
            continue
        seen.add((script.path, script.target))
        text = repository.text(script.path)
        if isinstance(text, Problem) or not script.shell:
            continue
        begin, body = (0, text) if not script.target else _recipe(text, script.target)
        # Which of a macro's conditions hold, make alone knows.
        around = f"{here.guard} {script.target}" if script.target.startswith("define ") else here.guard
        for command in parse_commands(body):
            place = spot(script.path, text, begin + command.begin, begin + command.end)
            told = replace(place, path=f"{repository.prefix}{place.path}")
            inner = posixpath.dirname(script.path) if script.target else directory
            words = tuple(script.target if script.target and each == "$@" else each for each in command.words)
            run = replace(command, words=words)
            yield from _ran(repository, Ran(run, told, trail, f"{around} {command.guard}".strip()), inner, seen)


@dataclass(frozen=True)
class Script:
    """A file of the repository that a command runs."""

    path: str
    shell: bool
    """Whether it is read as a shell's commands."""
    target: str = ""
    """The target of make."""


def scripts_of(repository: Repository, command: Command, directory: str = "") -> tuple[Script, ...]:
    """The files of the repository that a command runs: `./x.sh`, `bash x.sh`, `python x.py`, `make target`."""
    words = list(command.words)
    while words and (words[0].rpartition("/")[2] in _RUNNERS or words[0].startswith("-") or "=" in words[0]):
        words.pop(0)
    if not words:
        return ()
    name = words[0].rpartition("/")[2]
    if name in ("make", "gmake"):
        return _targets(repository, words[1:], directory)
    if _INTERPRETERS.fullmatch(name):
        given = next((word for word in words[1:] if not word.startswith(("-", "+"))), "")
        if any(word in ("-c", "-m", "-e") for word in words[1:] if word.startswith("-")) and name not in _SHELLS:
            given = ""
        path = _file(repository, given, directory)
        return (Script(path, name in _SHELLS),) if path else ()
    path = _file(repository, words[0], directory) if "/" in words[0] else ""
    return (Script(path, _is_shell(repository, path)),) if path else ()


def _targets(repository: Repository, words: list[str], directory: str) -> tuple[Script, ...]:
    if "-C" in words[:-1]:
        directory = posixpath.normpath(posixpath.join(directory, words[words.index("-C") + 1]))
    names: tuple[str, ...] = ("GNUmakefile", "makefile", "Makefile")
    if "-f" in words[:-1]:
        names = (words[words.index("-f") + 1],)
    path = next((found for name in names if (found := _file(repository, name, directory))), "")
    after_option = {index + 1 for index, word in enumerate(words) if word in ("-C", "-f", "-j", "-o")}
    wanted = [
        word for index, word in enumerate(words)
        if index not in after_option and not word.startswith("-") and "=" not in word
    ]  # fmt: skip
    text = repository.text(path) if path else ""
    if not path or isinstance(text, Problem):
        return ()
    known = _rules(text)
    first = next((name for name in known if not name.startswith((".", "define "))), "")
    asked = [*wanted] or [first]
    targets: list[str] = []
    while asked and len(targets) < MOST:
        name = asked.pop(0)
        if name in wanted and name not in known:
            asked += [f"define {each}" for each in dict.fromkeys(_MADE.findall(text))]
        if name in known and name not in targets:
            targets.append(name)
            asked += known[name][0]
    return tuple(Script(path, True, name) for name in targets)


def _rules(makefile: str) -> dict[str, tuple[list[str], int, str]]:
    """The prerequisites and recipe of each target, and of each macro that makes some, with where the recipe begins."""
    found: dict[str, tuple[list[str], int, str]] = {}
    for rule in _TARGET.finditer(f"{makefile}\n" if not makefile.endswith("\n") else makefile):
        for name in rule[1].split():
            before = found.get(name, ([], 0, ""))
            needed = rule[2].partition("#")[0].replace("|", " ").split()
            body = (rule.start(3), rule[3]) if rule[3].strip() else before[1:]
            found[name] = ([*before[0], *needed], *body)
    for macro in _MACRO.finditer(makefile):
        recipe = re.sub(r"^(?!\t)[^\n]*", lambda line: " " * len(line[0]), macro[2], flags=re.MULTILINE)
        found[f"define {macro[1]}"] = ([], macro.start(2), recipe)
    return found


def _recipe(makefile: str, target: str) -> tuple[int, str]:
    _, begin, body = _rules(makefile).get(target, ([], 0, ""))
    # A recipe's line may begin with signs that are make's own; `$$` is the shell's `$`, as long as two characters.
    return begin, re.sub(r"^\t[@+-]*", lambda signs: " " * len(signs[0]), body, flags=re.MULTILINE)


def _file(repository: Repository, word: str, directory: str) -> str:
    """The path of a file of the repository that a word names from a folder; empty if there is none."""
    word = re.sub(r"^(?:\$\{\{\s*github\.workspace\s*\}\}|\$\{?GITHUB_WORKSPACE\}?)/", "/", word)
    word = re.sub(r"^\$\{\{\s*github\.action_path\s*\}\}/", "", word)
    path = posixpath.normpath(word.lstrip("/") if word.startswith("/") else posixpath.join(directory, word or "."))
    return path if repository.has(path) else ""


def _is_shell(repository: Repository, path: str) -> bool:
    text = repository.text(path)
    first = text.partition("\n")[0] if isinstance(text, str) else ""
    return bool(re.match(r"#!.*\b(?:ba|da|z|k)?sh\b", first)) if first.startswith("#!") else path.endswith(".sh")


def _understood(shell: str) -> bool:
    return shell.partition(" ")[0].rpartition("/")[2] in _SHELLS
