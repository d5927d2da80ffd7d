"""What an image does while it starts that belongs to its build: fetching source, installing, building."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from apparch.app.repo import AppRepo
from apparch.app.stages import released
from apparch.catalogue.model import Text
from apparch.checks._image import entry_script, exec_form, start_of
from apparch.finding import Answer, Finding
from apparch.repository import Place
from apparch.repository.dockerfile import Instruction
from apparch.repository.programs import Command, commands

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
            for command in _started(instruction) if instruction else ():
                if instruction and builds(command):
                    yield _finding(instruction.place, command)
        path = entry_script(app, start)
        text = app.root.text(path) if path else ""
        for command in commands(text) if isinstance(text, str) else ():
            if path and builds(command):
                yield _finding(Place(path, command.line), command)


def builds(command: Command) -> bool:
    """Whether a command fetches source, installs packages or builds."""
    words = [word for word in command.bare[1:] if not word.startswith("-")]
    program = command.program
    if program.startswith("python") and "-m" in command.bare:
        at = command.bare.index("-m")
        program, words = (command.bare[at + 1 : at + 2] or ("",))[0], list(command.bare[at + 2 :])
    if program == "git":
        words = [word for word in words[:2] if word in _INSTALLS["git"]]
    if program == "uv" and words[:2] == ["pip", "install"]:
        return True
    if program in _RUNNERS and words[:1] == ["run"] and words[1:2]:
        return words[1] == "build" or words[1].startswith("build:")
    if program in _BUILD_TOOLS:
        return not command.has("--version", "-v", "-version")
    if program in ("rails", "rake") or command.bare[:2] == ("bundle", "exec"):
        return "assets:precompile" in words
    return bool(words) and words[0] in _INSTALLS.get(program, ())


def _started(instruction: Instruction) -> tuple[Command, ...]:
    words = exec_form(instruction)
    if words is None:
        return commands(instruction.argument)
    inline = [each for flag, each in pairwise(words) if flag.startswith("-") and flag.endswith("c")]
    return commands(inline[0]) if inline else (Command(tuple(words), 1, "", ""),)


def _finding(place: Place, command: Command) -> Finding:
    said = " ".join(command.bare[:3])
    return Finding("TWF004", place, Text(ko=f"시작하면서 {said}를 실행한다", en=f"it runs {said} while it starts"))
