"""What an image does while it starts that belongs to its build: fetching source, installing, building."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from apparch.app.repo import AppRepo
from apparch.app.stages import released
from apparch.catalogue.model import Text
from apparch.checks._image import entry_script, exec_form, start_of
from apparch.finding import Answer, Finding
from apparch.repository import Place
from apparch.repository.dockerfile import Instruction
from apparch.repository.places import spot
from apparch.repository.programs import Program, program
from apparch.repository.shell import parse_commands

_INSTALLS: dict[str, frozenset[str]] = {
    **dict.fromkeys(("pip", "pip3", "pipx"), frozenset({"install"})),
    "uv": frozenset({"sync", "add"}),
    "poetry": frozenset({"install", "add", "build"}),
    "pipenv": frozenset({"install", "sync"}),
    **dict.fromkeys(("npm", "pnpm", "bun"), frozenset({"install", "ci", "i", "add"})),
    "yarn": frozenset({"install", "add", "build"}),
    "bundle": frozenset({"install", "update"}),
    "gem": frozenset({"install"}),
    "composer": frozenset({"install", "update", "require"}),
    **dict.fromkeys(("apt-get", "apt", "yum", "dnf", "microdnf", "zypper"), frozenset({"install", "upgrade"})),
    "apk": frozenset({"add", "upgrade"}),
    "go": frozenset({"build", "install", "run", "get", "generate"}),
    "cargo": frozenset({"build", "install", "run"}),
    "dotnet": frozenset({"build", "restore", "publish", "run", "watch"}),
    "git": frozenset({"clone", "pull", "fetch", "submodule"}),
    "next": frozenset({"build"}),
    "vite": frozenset({"build"}),
    "mix": frozenset({"deps.get", "compile"}),
}
_BUILD_TOOLS = frozenset({"mvn", "mvnw", "gradle", "gradlew", "tsc", "webpack", "cmake", "bazel"})
_RUNNERS = frozenset({"npm", "pnpm", "yarn", "bun"})


def twf004(app: AppRepo) -> Iterator[Answer]:
    """Nothing is fetched, installed or built while the image starts."""
    for _, stages in released(app):
        start = start_of(stages)
        for instruction in (start.entrypoint, start.command):
            for run in _started(instruction) if instruction else ():
                if instruction and builds(run):
                    yield _finding(instruction.place, run)
        path = entry_script(app, start)
        text = app.root.text(path) if path else None
        if path is None or not isinstance(text, str):
            continue
        for command in parse_commands(text):
            if builds(run := program(command.words)):
                yield _finding(spot(path, text, command.begin, command.end), run)


def builds(run: Program) -> bool:
    """Whether a program fetches source, installs packages or builds."""
    words = run.words
    if run.name == "git":
        words = tuple(word for word in words[:2] if word in _INSTALLS["git"])
    if run.does("uv", "pip", "install"):
        return True
    if run.name in _RUNNERS and words[:1] == ("run",) and words[1:2]:
        return words[1] == "build" or words[1].startswith("build:")
    if run.name in _BUILD_TOOLS:
        return not run.has("--version", "-v", "-version")
    if run.name in ("rails", "rake"):
        return "assets:precompile" in words
    return bool(words) and words[0] in _INSTALLS.get(run.name, ())


def _started(instruction: Instruction) -> list[Program]:
    words = exec_form(instruction)
    inline = [] if words is None else [each for flag, each in pairwise(words) if re.fullmatch(r"-\w*c", flag)]
    if words is None or inline:
        script = instruction.argument if words is None else inline[0]
        return [program(each.words) for each in parse_commands(script)]
    return [program(words)]


def _finding(place: Place, run: Program) -> Finding:
    said = " ".join((run.name, *run.arguments[:2]))
    return Finding("TWF004", place, Text(ko=f"시작하면서 {said}를 실행한다", en=f"it runs {said} while it starts"))
