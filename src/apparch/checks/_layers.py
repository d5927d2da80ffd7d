"""The judges of what two builds of one commit make: IMG011, and IMG017 about bytecode."""

from __future__ import annotations

import re
from collections.abc import Iterator

from apparch.app.repo import AppRepo
from apparch.app.stages import Stage, final, released
from apparch.checks._shared import finding
from apparch.finding import Answer
from apparch.repository.dockerfile import Instruction
from apparch.repository.shell import Command, parse_commands
from apparch.repository.stages import needed

_TIME = re.compile(r"\$\(\s*date\b(?![^)]*(?:-d|--date)[ =])|`date\b")
_RANDOM = re.compile(r"\$RANDOM\b|\$\{RANDOM\}|/dev/u?random|\buuidgen\b|\bopenssl rand\b|/proc/sys/kernel/random/uuid")
_MOVING_FILE = re.compile(r"https?://[^\s\"']*/(?:latest|nightly)(?:/|\b)[^\s\"']*")
_FETCHES = frozenset({"curl", "wget", "ADD"})
_COMPILES = re.compile(r"\bcompileall\b|--compile-bytecode\b|\bUV_COMPILE_BYTECODE[= ](1|true)")
_LEAVES_NONE = re.compile(
    r"--no-compile\b|\bfind\b[^&;|]*(__pycache__|\.pyc|\.py\[co\])[^&;]*(-delete|rm -)"
    r"|\brm -\w*[rR]\w*[^&;|]*__pycache__"
)
_WRITES = re.compile(r"(?<![0-9&])>>?\s*[\"']?(?!/dev/|&)[\w./$]|\btee\b|\bsed -i|-out\b|-ldflags")


def img011(app: AppRepo) -> Iterator[Answer]:
    """No layer holds the time, chance, or what an address without a version gives."""
    for _, stages in released(app):
        for instruction in _building(stages):
            for ko, en in _differing(instruction):
                yield finding("IMG011", instruction.place, ko, en)


def _building(stages: tuple[Stage, ...]) -> Iterator[Instruction]:
    """The instructions that make layers of the released image, or of what it takes from."""
    for at in needed(stages, stages.index(final(stages))):
        for each in stages[at].instructions:
            if each.name in ("RUN", "ADD"):
                yield each


def _differing(instruction: Instruction) -> Iterator[tuple[str, str]]:
    if instruction.name == "ADD":
        if instruction.flag("checksum") is None and (url := _MOVING_FILE.search(instruction.rest)):
            yield f"버전 없는 주소에서 받는다: {url[0]}", f"it fetches {url[0]}, which names no version"
        return
    text = instruction.rest
    for command in parse_commands(text):
        if command.name in _FETCHES and (url := _MOVING_FILE.search(" ".join(command.words))):
            yield f"버전 없는 주소에서 받는다: {url[0]}", f"it fetches {url[0]}, which names no version"
    if _kept(text, _TIME) or _dates_a_file(text):
        yield "빌드한 시각을 층에 남긴다", "it leaves the time of the build in a layer"
    if _kept(text, _RANDOM):
        yield "임의의 값을 층에 남긴다", "it leaves a random value in a layer"


def _kept(text: str, what: re.Pattern[str]) -> bool:
    """Whether a line writes what differs to a file."""
    return any(what.search(line) and _WRITES.search(line) for line in re.split(r"&&|;|\n", text))


def _dates_a_file(text: str) -> bool:
    return any(_is_date(each, text) for each in parse_commands(text))


def _is_date(command: Command, text: str) -> bool:
    rest = text[command.end : command.end + 80].partition("\n")[0]
    fixed = any(word.startswith(("-d", "--date", "-r", "@")) for word in command.words)
    return command.name == "date" and not fixed and bool(re.match(r"\s*>>?\s*(?!/dev/)\S", rest))


def img017(app: AppRepo) -> Iterator[Answer]:
    """Bytecode is made by hash and unchecked, and none is taken away."""
    for _, stages in released(app):
        building = [each for at in needed(stages, stages.index(final(stages))) for each in stages[at].instructions]
        texts = "\n".join(each.argument for each in building)
        if "unchecked-hash" in texts or any("unchecked-hash" in app.glance(each) for each in _scripts(app, texts)):
            continue
        compiled = [each for each in building if each.name in ("RUN", "ENV") and _COMPILES.search(each.argument)]
        removed = [each for each in building if each.name == "RUN" and _LEAVES_NONE.search(each.argument)]
        if compiled:
            yield finding(
                "IMG017",
                compiled[-1].place,
                "바이트코드를 unchecked-hash 없이, 곧 소스의 시각으로 만든다",
                "it compiles without unchecked-hash, so by the time of the source",
            )
        elif removed:
            yield finding(
                "IMG017", removed[-1].place, "이미지에 바이트코드를 남기지 않는다", "it leaves no bytecode in the image"
            )


def _scripts(app: AppRepo, texts: str) -> list[str]:
    """The scripts of the repository that a build names."""
    return [path for path in app.files if path.endswith((".sh", ".py")) and path.rpartition("/")[2] in texts]
