"""The template as a Git repository with a tag for each version, which is what Copier copies and updates from."""

from __future__ import annotations

import datetime
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from apparch.template import SOURCE, TemplateError
from apparch.template.versions import FILE, Version, Versions, number, read_versions

HISTORY = "history"
"""The folder with what turns each version's files into those of the version before it, as VERSION.diff."""
_WHO = {
    f"GIT_{role}_{what}": value
    for role in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "apparch"), ("EMAIL", "apparch@apparch.example"))
}
OLDEST_GIT = (2, 32)
"""The first that takes its configuration from GIT_CONFIG_GLOBAL and GIT_CONFIG_COUNT."""
_OF_A_HOOK = frozenset({"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_OBJECT_DIRECTORY"})
"""What git sets for a hook, and what would lead it into the hook's repository."""
_LEFT_OUT = (HISTORY, "__pycache__", ".git")


def built(folder: Path, into: Path) -> Path:
    """A bare repository with a tag for each version of the template in a folder; its commits are always the same.

    The tags hold the template's files; `versions.yaml` lies in a commit after them, so that no tag changes when a
    version is added.

    Args:
        folder: The template: the newest version's files, `versions.yaml`, and `history/VERSION.diff` for older ones.
        into: A folder that is there, in which `template.git` is made.

    Raises:
        TemplateError: versions.yaml is wrong, a diff is missing or does not fit, or git is not installed.
    """
    versions = read_versions(folder).all
    _new_enough()
    bare = into / "template.git"
    git("init", "--quiet", "--bare", "--initial-branch=main", "--object-format=sha1", str(bare))
    with tempfile.TemporaryDirectory(prefix="apparch-template-") as scratch:
        files = Path(scratch) / "files"
        shutil.copytree(folder, files, ignore=lambda at, names: [each for each in names if each in _LEFT_OUT])
        whole = _tree(bare, files)
        (files / FILE).unlink()
        trees: list[tuple[Version, str]] = []
        for version in versions:
            if trees:
                _turned_back(files, folder / HISTORY / f"{version.version}.diff")
            trees.append((version, _tree(bare, files)))
    commit = ""
    for version, tree in reversed(trees):
        commit = _commit(bare, tree, f"Template {version.version}", version, commit)
        git("update-ref", f"refs/tags/{version.tag}", commit, at=bare)
    last = _commit(bare, whole, "Say what each version changed", versions[0], commit)
    git("update-ref", "refs/heads/main", last, at=bare)
    return bare


def fetched(url: str, into: Path) -> Path:
    """A bare copy of another template's repository, with its tags.

    Raises:
        TemplateError: it cannot be fetched.
    """
    _new_enough()
    bare = into / "template.git"
    # An option or a helper that runs commands is no address.
    if url.startswith("-") or "::" in url:
        raise TemplateError(f"{url} is no address of a Git repository")
    git("clone", "--quiet", "--bare", "--", url, str(bare), own=True)
    return bare


def versions_of(bare: Path) -> Versions:
    """What a template's repository says of its versions; where it says nothing, those that its tags name.

    Raises:
        TemplateError: its versions.yaml is wrong, or it has neither that nor a tag like v3.1.0.
    """
    listed = git("for-each-ref", "--format=%(refname:short) %(creatordate:short)", "refs/tags", at=bare).splitlines()
    if git("ls-tree", "--name-only", "HEAD", FILE, at=bare).strip():
        with tempfile.TemporaryDirectory(prefix="apparch-versions-") as folder:
            (Path(folder) / FILE).write_text(git("show", f"HEAD:{FILE}", at=bare), "utf-8")
            return read_versions(Path(folder))
    tags = (line.split() for line in listed if re.match(r"v?\d+\.\d+\.\d+ ", line))
    found = [Version(tag.removeprefix("v"), datetime.date.fromisoformat(day), ()) for tag, day in tags]
    if not found:
        raise TemplateError("the template has neither a versions.yaml nor a tag like v3.1.0")
    return Versions(tuple(sorted(found, key=lambda each: number(each.version), reverse=True)))


@contextmanager
def standing_in(bare: Path, source: str = SOURCE) -> Iterator[None]:
    """Within it, Copier takes a repository of this machine wherever the source is named.

    Nothing is fetched, no configuration of the user's is obeyed, nothing stays in Copier's cache, and what it records
    is the source, which means the same on every machine.
    """
    # Copier starts git through plumbum, which looks at the environment once, when it is imported.
    from plumbum import local

    with tempfile.TemporaryDirectory(prefix="apparch-copier-") as cache:
        settings = {f"url.{bare}.insteadOf": source, "core.hooksPath": os.devnull, "core.autocrlf": "false"}
        given = {**environment(settings), "COPIER_CACHE_DIR": cache}
        before = {key: value for key, value in os.environ.items() if key.startswith("GIT_") or key in given}
        try:
            for key in before:
                del os.environ[key]
            os.environ.update(given)
            with local.env():
                local.env.clear()
                local.env.update(os.environ)
                yield
        finally:
            for key in given:
                os.environ.pop(key, None)
            os.environ.update(before)


def environment(settings: Mapping[str, str] | None = None) -> dict[str, str]:
    """Variables with which git obeys these settings and those of the repository, nobody else's, and asks nothing."""
    counted: dict[str, str] = {}
    for position, (key, value) in enumerate((settings or {}).items()):
        counted |= {f"GIT_CONFIG_KEY_{position}": key, f"GIT_CONFIG_VALUE_{position}": value}
    return {
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_SYSTEM": os.devnull,
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_CONFIG_COUNT": str(len(settings or {})),
        "LC_ALL": "C",
        **counted,
    }


def git(
    *arguments: str, at: Path | None = None, more: Mapping[str, str] | None = None, given: str = "", own: bool = False
) -> str:
    """What git prints.

    Args:
        arguments: The command and its arguments.
        at: The folder in which it runs; None for the current one.
        more: Further variables.
        given: What stands on its standard input.
        own: Whether it obeys the user's configuration, as it must in the user's repository and for a fetch.

    Raises:
        TemplateError: git is not there, or says no.
    """
    steady = {"core.autocrlf": "false", "core.hooksPath": os.devnull, "commit.gpgSign": "false"}
    kept = {key: value for key, value in os.environ.items() if key not in _OF_A_HOOK}
    if not own:
        kept = {key: value for key, value in kept.items() if not key.startswith("GIT_")} | environment(steady)
    try:
        done = subprocess.run(
            ["git", *arguments],
            cwd=at,
            env={**kept, "LC_ALL": "C", **(more or {})},
            input=given.encode("utf-8", "surrogateescape"),
            capture_output=True,
            check=False,
        )
    except FileNotFoundError as error:
        raise TemplateError("git is not installed, and a template is a Git repository") from error
    if done.returncode:
        reason = done.stderr.decode("utf-8", "replace").strip() or f"exit code {done.returncode}"
        raise TemplateError(f"git {arguments[0]}: {reason}")
    return done.stdout.decode("utf-8", "surrogateescape")


def _new_enough() -> None:
    """Refuses a git that would not obey `environment`, and so fetch what is meant to be taken from this machine."""
    told = git("--version").strip()
    found = re.search(r"(\d+)\.(\d+)", told)
    if not found or (int(found[1]), int(found[2])) < OLDEST_GIT:
        raise TemplateError(f"git {'.'.join(map(str, OLDEST_GIT))} or later is needed; this is {told}")


def _commit(bare: Path, tree: str, message: str, version: Version, parent: str) -> str:
    when = f"{version.date.isoformat()}T00:00:00+0000"
    dated = {**_WHO, "GIT_AUTHOR_DATE": when, "GIT_COMMITTER_DATE": when}
    given = ("-p", parent) if parent else ()
    return git("commit-tree", tree, "-m", message, *given, at=bare, more=dated).strip()


def _turned_back(files: Path, diff: Path) -> None:
    if not diff.is_file():
        raise TemplateError(f"{HISTORY}/{diff.name} is missing: what turns the version after it into {diff.stem}")
    try:
        git("apply", "--whitespace=nowarn", str(diff.resolve()), at=files, more=_alone(files))
    except TemplateError as error:
        raise TemplateError(
            f"{HISTORY}/{diff.name} does not fit the version after it; make it anew: {error}"
        ) from error


def _tree(bare: Path, files: Path) -> str:
    with tempfile.TemporaryDirectory(prefix="apparch-index-") as folder:
        where = {"GIT_DIR": str(bare), "GIT_WORK_TREE": str(files), "GIT_INDEX_FILE": str(Path(folder) / "index")}
        git("add", "--all", "--force", ".", at=files, more=where)
        return git("write-tree", at=files, more=where).strip()


def _alone(folder: Path) -> dict[str, str]:
    """What keeps git from taking a folder for a part of the repository around it."""
    return {"GIT_CEILING_DIRECTORIES": str(folder.parent)}
