"""An update of a repository to a newer version of its template: in a copy first, and only as a whole."""

from __future__ import annotations

import datetime
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from apparch.app.template_record import TemplateRecord
from apparch.divergence import Declared, read_declared
from apparch.repository import Repository
from apparch.template import TemplateError
from apparch.template.repository import git, standing_in
from apparch.template.standing import Standing, recorded
from apparch.template.versions import Change, Version

_WHO = {f"GIT_{role}_{what}": "apparch" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}


@dataclass(frozen=True)
class Place:
    """Where a repository lies."""

    top: Path
    """The root of the Git repository."""
    prefix: str
    """What leads from there to the part that the template made, with a slash at its end; empty for the whole."""

    @property
    def part(self) -> Path:
        """The folder that the template made."""
        return self.top / self.prefix


@dataclass(frozen=True)
class Updated:
    """What an update did, or would not do."""

    to: str
    changed: tuple[str, ...] = ()
    """The files that are other than before, from the root of the Git repository."""
    kept: Mapping[str, str] | None = None
    """The files that the update would have changed and left alone, each with the declaration's words."""
    conflicts: tuple[str, ...] = ()
    """The files where both have changed the same lines; with any of them nothing was changed."""


def opened(path: Path) -> Place:
    """The Git repository that a folder is, or is part of.

    Raises:
        TemplateError: it is none, or what git tracks in it was changed since the last commit.
    """
    try:
        top = Path(git("rev-parse", "--show-toplevel", at=path, own=True).rstrip("\n"))
        prefix = git("rev-parse", "--show-prefix", at=path, own=True).rstrip("\n")
        git("rev-parse", "--verify", "--quiet", "HEAD", at=path, own=True)
    except TemplateError as error:
        raise TemplateError(f"{path} is no Git repository with a commit, so nothing could be undone") from error
    changed = git("status", "--porcelain", "--untracked-files=no", at=top, own=True).splitlines()
    if changed:
        more = f" and {len(changed) - 1} more" if len(changed) > 1 else ""
        raise TemplateError(f"{changed[0][3:]}{more} changed since the last commit; commit or stash it first")
    return Place(top, prefix)


def update(place: Place, standing: Standing, bare: Path, *, today: datetime.date, markers: bool = False) -> Updated:
    """Bring a repository to a newer version by Copier's three-way merge; nothing is committed or staged.

    What the repository changed itself stays. A file that it declares to diverge, or that only a declined change
    concerns, stays whole. Where both changed the same lines nothing is changed at all.

    Args:
        place: Where it lies; nothing tracked in it may differ from its last commit.
        standing: What it lacks.
        bare: The template's repository on this machine.
        today: The day by which divergences hold.
        markers: Whether a conflict is written into the files, between markers, for a person to resolve.

    Raises:
        TemplateError: a change that must be followed meets a declined one in a file, a file of the user's is in the
            way, or Copier refuses the template.
    """
    declared, _ = read_declared(Repository(place.top))
    keeps = _keeps(declared, standing, place.prefix, today)
    kept: dict[str, str] = {}
    with tempfile.TemporaryDirectory(prefix="apparch-update-") as scratch:
        copy = Place(Path(scratch) / "copy", place.prefix)
        begin = _head(place)
        git("clone", "--quiet", "--shared", "--no-tags", "--no-checkout", "--", str(place.top), str(copy.top))
        git("checkout", "--quiet", "--detach", begin, at=copy.top)
        # Each version by itself where one is declined, so that the next is merged into what was kept.
        versions = (
            standing.steps if any(keeps[each.version] != keeps[""] for each in standing.steps) else standing.steps[-1:]
        )
        with _copier(bare, standing) as merge:
            for version in versions:
                before, record = _head(copy), recorded(Repository(copy.part))
                merge(copy, version)
                found = _conflicts(copy, record)
                kept |= _restored(copy, before, keeps[version.version])
                conflicts = tuple(file for file in found if file not in keeps[version.version])
                _commit(copy)
                if conflicts and not markers:
                    return Updated(version.version, conflicts=conflicts)
                if conflicts:
                    break
        changed = tuple(filter(None, git("diff", "--name-only", "-z", begin, "HEAD", at=copy.top).split("\0")))
        patch = git("diff", "--binary", "--full-index", "--no-renames", begin, "HEAD", at=copy.top)
    if patch:
        try:
            git("apply", "--whitespace=nowarn", "-", at=place.top, given=patch, own=True)
        except TemplateError as error:
            raise TemplateError(f"a file is in the way, and nothing was changed: {error}") from error
    return Updated(versions[-1].version, changed, kept, conflicts)


def _keeps(declared: Declared, standing: Standing, prefix: str, today: datetime.date) -> dict[str, dict[str, str]]:
    """The files that stay as they are, with the words for it, by version; under the empty one those that always do."""
    always = {file: each.told for file, each in declared.keeps(today).items()}
    offered = {change.id: change for change in standing.lacks}
    declined = declared.declined(offered)
    found = {"": always, **{version.version: dict(always) for version in standing.steps}}
    for change in standing.lacks:
        if change.id not in declined:
            continue
        for file in change.files:
            other = _taken_in(file, change, standing, declined)
            if other and f"{prefix}{file}" not in always:
                told = f"{change.id} is declined, but {other} changes {file} too"
                raise TemplateError(f"{told}; take both, or declare that {file} diverges")
            found[change.version].setdefault(f"{prefix}{file}", declined[change.id].told)
    return found


def _taken_in(file: str, change: Change, standing: Standing, declined: Mapping[str, object]) -> str:
    same = (each for each in standing.lacks if each.version == change.version and file in each.files)
    return next((each.id for each in same if each.id not in declined), "")


Merge = Callable[[Place, Version], None]


@contextmanager
def _copier(bare: Path, standing: Standing) -> Iterator[Merge]:
    """Copier's update, with the template's repository of this machine."""
    from copier import Settings, run_update
    from copier.errors import CopierError
    from plumbum import ProcessExecutionError

    record = standing.record
    given = {key: each for change in standing.lacks for key, each in change.before if key not in record.answers}

    def merge(copy: Place, version: Version) -> None:
        try:
            run_update(
                copy.part,
                data=given,
                vcs_ref=_tag(bare, version),
                settings=Settings(),
                defaults=True,
                overwrite=True,
                quiet=True,
                skip_answered=True,
                skip_tasks=True,
            )
        except (CopierError, ProcessExecutionError, ValueError) as error:
            raise TemplateError(f"copier: {' '.join(str(error).split())}") from error

    with standing_in(bare, record.source):
        yield merge


def _tag(bare: Path, version: Version) -> str:
    found = git("tag", "--list", version.tag, version.version, at=bare).split()
    if not found:
        told = f"the template lists {version.version} and has no tag {version.tag}"
        raise TemplateError(f"{told}; tag it, or update --to another")
    return found[0]


def _conflicts(copy: Place, old: TemplateRecord) -> tuple[str, ...]:
    """The files that both changed in the same lines, or that the template gave up and the repository had changed.

    What the template gave up is brought back in the second case, and what the repository had removed goes again.
    """
    unmerged = {line.partition("\t")[2] for line in _listed(copy, "ls-files", "--unmerged")}
    gone = set(_listed(copy, "diff", "--name-only", "--diff-filter=D", "HEAD")) - unmerged
    come = set(_listed(copy, "ls-files", "--others"))
    if not gone | come:
        return tuple(sorted(unmerged))
    with tempfile.TemporaryDirectory(prefix="apparch-before-") as scratch:
        made = _as_made(old, Path(scratch))
        mine = {file for file in gone if not _same(copy, file, made / file.removeprefix(copy.prefix))}
        removed = {file for file in come if (made / file.removeprefix(copy.prefix)).is_file()}
    for file in mine:
        git("checkout", "--quiet", "HEAD", "--", file, at=copy.top)
    for file in removed:
        # Copier makes what it writes once anew, where it is not there any more.
        (copy.top / file).unlink()
    return tuple(sorted(unmerged | mine))


def _as_made(record: TemplateRecord, scratch: Path) -> Path:
    """What the template made, as its version of then and the answers have it."""
    from copier import Settings, run_copy

    made, answers = scratch / "made", dict(record.answers)
    run_copy(record.source, made, answers, vcs_ref=record.commit, settings=Settings(), defaults=True, quiet=True)
    return made


def _same(copy: Place, file: str, other: Path) -> bool:
    committed = git("rev-parse", f"HEAD:{file}", at=copy.top)
    return other.is_file() and git("hash-object", "--no-filters", "--", str(other)) == committed


def _restored(copy: Place, before: str, keeps: Mapping[str, str]) -> dict[str, str]:
    """Brings back what is kept, and tells which of it the update had changed."""
    differs = set(_listed(copy, "diff", "--name-only", before)) | set(_listed(copy, "ls-files", "--others"))
    found = {file: told for file, told in keeps.items() if file in differs}
    for file in found:
        if git("ls-tree", "--name-only", before, "--", file, at=copy.top):
            git("checkout", "--quiet", before, "--", file, at=copy.top)
        else:
            (copy.top / file).unlink()
    return found


def _listed(copy: Place, *command: str) -> list[str]:
    return [each for each in git(*command, "-z", at=copy.top).split("\0") if each]


def _head(copy: Place) -> str:
    return git("rev-parse", "HEAD", at=copy.top).strip()


def _commit(copy: Place) -> None:
    # All that is in the copy is the repository's or the template's, ignored or not.
    git("add", "--all", "--force", at=copy.top)
    git("commit", "--quiet", "--allow-empty", "--no-verify", "-m", "Update", at=copy.top, more=_WHO)
