"""A new repository, made from the template by Copier."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from apparch.template import SOURCE, TemplateError, home
from apparch.template.repository import built, fetched, git, standing_in
from apparch.template.versions import read_versions

TRUTH = {"yes": True, "true": True, "no": False, "false": False}
Answer = str | bool


@dataclass(frozen=True)
class Made:
    """A repository that was made."""

    folder: Path
    files: tuple[str, ...]
    """Its files from its root on, in order."""
    version: str
    """The version or commit of the template."""


def make(
    folder: Path, answers: Mapping[str, Answer], *, template: str = "", defaults: bool = True, begin: bool = True
) -> Made:
    """Make a repository in a folder that is empty or not there yet.

    Args:
        folder: Where it goes.
        answers: What is known to the template's questions, `kind` and `name` among it.
        template: The Git repository of another template; empty for the one that this package carries, of which
            nothing is fetched.
        defaults: Whether what is not answered takes its default; otherwise the person at the terminal is asked.
        begin: Whether a Git repository is begun there, unless the folder lies in one.

    Raises:
        TemplateError: a name, answer or folder that cannot be taken, or copier or git is missing; nothing is left.
    """
    _free(folder)
    with tempfile.TemporaryDirectory(prefix="apparch-new-") as scratch:
        bare = fetched(template, Path(scratch)) if template else built(home(), Path(scratch))
        tag = "" if template else read_versions().newest.tag
        taken = _known(answers, bare, tag or "HEAD")
        version = copied(folder, taken, bare, template or SOURCE, tag, defaults=defaults)
    if begin and not _inside(folder):
        git("init", "--quiet", "--initial-branch=main", str(folder))
    files = sorted(each.relative_to(folder).as_posix() for each in folder.rglob("*") if each.is_file())
    return Made(folder, tuple(each for each in files if not each.startswith(".git/")), version)


def copied(folder: Path, answers: Mapping[str, Answer], bare: Path, source: str, tag: str, *, defaults: bool) -> str:
    """Let Copier make the files, and return the version or commit it took.

    Args:
        folder: Where they go.
        answers: What is known to the questions.
        bare: The template's repository on this machine.
        source: What is recorded as the template.
        tag: The version to take; empty for the newest.
        defaults: Whether what is not answered takes its default.

    Raises:
        TemplateError: Copier is missing, an answer or the template is wrong, or the folder cannot be written.
    """
    try:
        from copier import Settings, run_copy
        from copier.errors import CopierAnswersInterrupt, CopierError
        from jinja2 import TemplateError as JinjaError
        from plumbum import ProcessExecutionError
    except ModuleNotFoundError as error:
        raise TemplateError("this needs Copier: pip install 'apparch[template]'") from error
    given: dict[str, Any] = dict(answers)
    try:
        with standing_in(bare, source):
            done = run_copy(
                source, folder, given, vcs_ref=tag or None, settings=Settings(), defaults=defaults, quiet=True
            )
    except CopierAnswersInterrupt as error:
        raise TemplateError("stopped; nothing was made") from error
    except (CopierError, JinjaError, ProcessExecutionError, yaml.YAMLError, TypeError, ValueError) as error:
        raise TemplateError(" ".join(str(error).split())) from error
    except OSError as error:
        raise TemplateError(f"{folder}: {error.strerror or error}") from error
    return str(done.template.commit or "").removeprefix("v")


def _free(folder: Path) -> None:
    try:
        if folder.is_symlink() and not folder.exists():
            raise TemplateError(f"{folder} is a link that leads nowhere; name another with --directory")
        blocked = next((each for each in (folder, *folder.parents) if each.exists() and not each.is_dir()), None)
        if blocked:
            raise TemplateError(f"{blocked} is a file; name another folder with --directory")
        if folder.is_dir() and any(folder.iterdir()):
            raise TemplateError(f"{folder} is not empty; name another folder with --directory")
    except (OSError, ValueError) as error:
        raise TemplateError(f"{folder}: {getattr(error, 'strerror', None) or error}") from error


def _known(answers: Mapping[str, Answer], bare: Path, revision: str) -> dict[str, Answer]:
    """The answers, which Copier takes even where nobody asked for them, or where yes or no was asked."""
    listed = git("ls-tree", "--name-only", revision, at=bare).split("\n")
    file = next((each for each in ("copier.yml", "copier.yaml") if each in listed), "")
    if not file:
        raise TemplateError("the template has no copier.yml, so it is none of Copier's")
    try:
        asked = yaml.safe_load(git("show", f"{revision}:{file}", at=bare))
    except yaml.YAMLError as error:
        raise TemplateError(f"the template's {file} is not readable: {' '.join(str(error).split())}") from error
    questions = {key: each for key, each in asked.items() if not key.startswith("_")} if isinstance(asked, dict) else {}
    taken: dict[str, Answer] = {}
    for key, answer in answers.items():
        if key not in questions and key not in ("kind", "name"):
            raise TemplateError(f"the template does not ask for {key!r}; it asks for {', '.join(questions)}")
        question = questions.get(key)
        yes_or_no = isinstance(question, dict) and question.get("type") == "bool" and isinstance(answer, str)
        if yes_or_no and str(answer).lower() not in TRUTH:
            raise TemplateError(f"{key}={answer}: answer yes or no")
        taken[key] = TRUTH[str(answer).lower()] if yes_or_no else answer
    return taken


def _inside(folder: Path) -> bool:
    try:
        return git("rev-parse", "--is-inside-work-tree", at=folder, own=True).strip() == "true"
    except TemplateError:
        return False
