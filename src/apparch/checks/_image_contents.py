"""What a Dockerfile copies from its context that has no business in an image: history, secrets, tests."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from apparch.app.actions import BUILDERS
from apparch.app.ci import all_acts
from apparch.app.languages import LANGUAGES
from apparch.app.repo import AppRepo
from apparch.app.stages import Stage, final, lineage, released
from apparch.checks._shared import finding
from apparch.finding import Answer
from apparch.repository import Repository
from apparch.repository.dockerfile import Instruction
from apparch.repository.ignore import Ignore, dockerignore
from apparch.repository.roles import role

_MADE = frozenset({"dist", "build", "target", "out", "bin", "vendor", "public", "output", "artifacts", "release"})
"""Folders that a build leaves, which no checkout has."""
_SOURCES = (*(ending for each in LANGUAGES for ending in each.endings), ".c", ".cc", ".cpp", ".h")
_ENVIRONMENT = re.compile(r"[.]env(?:[.][\w-]+)*")
_SAMPLE = re.compile(r"[.](example|sample|template|dist|schema)([.]|$)", re.IGNORECASE)


def img012(app: AppRepo) -> Iterator[Answer]:
    """The image holds no history, no .env file and no tests."""
    for path, stages in released(app):
        folders = [app.root, *([app.repository] if app.directory else []), *_own_folder(app, path)]
        contexts = [each for each in folders if not _lies_elsewhere(each, stages)]
        for stage in lineage(stages, final(stages)):
            copies = {id(each): copied for each, copied in _copies(stages, stage)}
            for each in (*stage.all("COPY"), *stage.all("ADD")):
                copied = copies.get(id(each), [])
                takes = [_taken(app, context, path, copied) for context in contexts]
                removed = _removed(stage)
                left = [
                    [name for name in names if not any(name.startswith(gone) for gone in removed)] for names in takes
                ]
                # Which folder is the context is not said here: only what both would take is told.
                if not (left and all(left)):
                    left = [
                        [named] for named in _settings(each) if not any(gone.endswith(named[1:]) for gone in removed)
                    ]
                if left and all(left):
                    names = ", ".join(min(left, key=len)[:3])
                    ko, en = f"이미지에 {names}가 들어간다", f"the image takes in {names}"
                    yield finding("IMG012", each.place, ko, en)


def _settings(instruction: Instruction) -> Iterator[str]:
    """What a COPY or ADD by itself calls the file of an environment in the image, wherever it comes from."""
    words = instruction.exec_form or instruction.rest.split()
    if instruction.heredocs or len(words) < 2:
        return
    *sources, target = words
    for source in sources:
        named = posixpath.basename(source if target.endswith("/") or target == "." else target)
        if _ENVIRONMENT.fullmatch(named) and not _SAMPLE.search(named):
            yield named


def _copies(stages: tuple[Stage, ...], stage: Stage) -> Iterator[tuple[Instruction, list[str]]]:
    """Every COPY and ADD of a stage, with the paths of the context that it takes, through an earlier stage as well."""
    for each in stage.instructions:
        if each.name not in ("COPY", "ADD") or each.heredocs:
            continue
        words = each.exec_form or each.rest.split()
        source = (each.flag("from") or "").lower()
        if not source:
            yield each, [posixpath.normpath(word.lstrip("/")) for word in words[:-1] if "$" not in word]
            continue
        before = next((other for other in stages if other.name == source), None)
        if before is None or len(words) < 2:
            continue
        wanted = {posixpath.normpath(word) for word in words[:-1]}
        if _whole_context(stages, before) & wanted:
            yield each, ["."]


def _whole_context(stages: tuple[Stage, ...], stage: Stage) -> set[str]:
    """The folders of a stage that hold all of the context: where `COPY . .` put it."""
    found: set[str] = set()
    directory = "/"
    for each in (each for part in reversed(lineage(stages, stage)) for each in part.instructions):
        if each.name == "WORKDIR" and "$" not in each.argument:
            directory = posixpath.normpath(posixpath.join(directory, each.argument.strip().strip("\"'")))
        words = each.exec_form or each.rest.split()
        if each.name in ("COPY", "ADD") and not each.flag("from") and words[:-1] in (["."], ["./"]):
            found.add(posixpath.normpath(posixpath.join(directory, words[-1])))
    return found


def _taken(app: AppRepo, context: Repository, dockerfile: str, copied: list[str]) -> list[str]:
    """What is taken of the paths that should not be."""
    ignore = dockerignore(context, dockerfile.removeprefix(context.prefix))
    names: list[str] = []
    at_home = not context.prefix or any(each.startswith(f"{context.prefix}.git/") for each in app.root.files)
    if "." in copied and at_home and not _git_context(app) and _passes(ignore, ".git/HEAD"):
        names.append(".git")
    for path in context.files:
        below = any(each in (".", path) or path.startswith(f"{each}/") for each in copied)
        unwanted = role(path) == "test" or (path.rpartition("/")[2].startswith(".env") and not _SAMPLE.search(path))
        if below and unwanted and _passes(ignore, path):
            told = _tests_of(path) if role(path) == "test" else path
            names += [told] if told not in names else []
    return names


def _tests_of(path: str) -> str:
    """The topmost folder of a test that holds tests alone by its name, else the test itself."""
    steps = path.split("/")
    return next(
        (folder for at in range(1, len(steps)) if role(f"{(folder := '/'.join(steps[:at]))}/a.c") == "test"), path
    )


def _passes(ignore: Ignore | None, path: str) -> bool:
    return ignore is None or not ignore.excluded(path)


def _git_context(app: AppRepo) -> bool:
    """Whether every build of CI takes its context from Git's server, which leaves the history out."""
    builds = [each for each in all_acts(app.root) if each.meaning == "build"]
    actions = [each.step for each in builds if each.step.uses and each.step.uses.name in BUILDERS]
    return bool(builds) and len(actions) == len(builds) and not any("context" in step.given for step in actions)


def _own_folder(app: AppRepo, dockerfile: str) -> Iterator[Repository]:
    """The folder of a Dockerfile, where it holds more than what builds an image, and so may be the context."""
    folder = dockerfile.rpartition("/")[0]
    beside = [each for each in app.product if each.startswith(f"{folder}/") and each != dockerfile] if folder else []
    if any(each.endswith((".dockerignore", "package.json", *_SOURCES)) for each in beside):
        yield app.root.below(folder)


def _lies_elsewhere(context: Repository, stages: tuple[Stage, ...]) -> bool:
    """Whether a Dockerfile copies a program that is not in the context: it is built from a folder of programs."""
    for stage in stages:
        for _, copied in _copies(stages, stage):
            plain = [each for each in copied if each.isalnum() and each not in _MADE]
            if "." not in copied and any(not _is_in(context, each) for each in plain):
                return True
    return False


def _is_in(context: Repository, path: str) -> bool:
    return context.has(path) or any(each.startswith(f"{path}/") for each in context.files)


def _removed(stage: Stage) -> list[str]:
    """What a later RUN of the stage removes again."""
    text = " ".join(each.argument for each in stage.all("RUN"))
    return [
        word.strip("./").rstrip("/*")
        for match in re.finditer(r"\brm\s+-\w+\s+([^;&|]+)", text)
        for word in match[1].split()
    ]
