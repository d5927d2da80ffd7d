"""What an update does to fifty repositories of an older template that have changes of their own, and what it loses.

`--repositories` sets how many, `--seed` where their changes stand. Exit code 1: a repository was not left as its own
changes and declarations demand.
"""

from __future__ import annotations

import argparse
import datetime
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks._report import write
from benchmarks._words import said

from apparch.repository import Repository
from apparch.template import SOURCE, home
from apparch.template.ownership import read_ownership
from apparch.template.repository import built, git, standing_in
from apparch.template.standing import recorded, standing
from apparch.template.update import opened, update
from apparch.template.versions import Versions, read_versions

OLD = "3.0.0"
TODAY = datetime.date(2027, 1, 1)
WHO = {f"GIT_{role}_{what}": "somebody" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
CONFLICTS = {
    "src/app/__main__.py": ("    sys.exit(main())", "    raise SystemExit(main())"),
    "src/app/config.py": ("from collections.abc import Mapping\n", "from collections.abc import Iterable, Mapping\n"),
    "src/app/migrate.py": ("ConfigurationError, load_settings\n", "ConfigurationError, load_settings  # mine\n"),
    "docker/Dockerfile": ("# Bytecode is left out", "# Here, bytecode is left out"),
}
"""Lines of the older version that the newer one changes as well."""
MUST, MAY = "undeclared-variables-steer-nothing", "bytecode-in-the-image"


@dataclass
class Own:
    """What a repository has of its own: what an update may not lose."""

    group: str
    outcome: str
    """What an update has to come to: clean, conflicting, declined, kept or ahead."""
    lines: dict[str, list[str]] = field(default_factory=dict)
    """The lines that it added, by file."""
    removed: list[str] = field(default_factory=list)
    whole: list[str] = field(default_factory=list)
    """The files that stay as they are, byte for byte."""


def nothing(_repository: Path, _own: Own, _chance: random.Random) -> None:
    """As it was made."""


def in_its_own_files(repository: Path, own: Own, chance: random.Random) -> None:
    """Files that the template never made, and lines in those that it made once."""
    for number in range(3):
        add(repository, own, f"src/app/business_{number}.py", chance)
    for file in chance.sample(sorted(read_ownership("app").app & present(repository)), 3):
        add(repository, own, file, chance)


def in_files_of_the_template(repository: Path, own: Own, chance: random.Random) -> None:
    """Lines anywhere in files that the update does not touch."""
    there = (read_ownership("app").template & present(repository)) - touched() - {".copier-answers.yml"}
    for file in chance.sample(sorted(there), 4):
        add(repository, own, file, chance)


def beside_the_update(repository: Path, own: Own, chance: random.Random) -> None:
    """Lines in the files that the update changes, at their ends."""
    for file in chance.sample(sorted(touched()), 2):
        add(repository, own, file, chance, at_end=True)


def removed(repository: Path, own: Own, chance: random.Random) -> None:
    """Files of the template and of the start that it gave, gone."""
    own.removed = ["src/app/greetings.py", chance.choice(["src/app/migrate.py", "tests/unit/test_backoff.py"])]
    for file in own.removed:
        (repository / file).unlink()


def conflicting(repository: Path, own: Own, chance: random.Random) -> None:
    """A line that the update changes too."""
    own.whole = [chance.choice(sorted(CONFLICTS))]
    file, (old, new) = repository / own.whole[0], CONFLICTS[own.whole[0]]
    text = file.read_text("utf-8")
    assert old in text, f"{own.whole[0]} of {OLD} has no line {old!r}"
    file.write_text(text.replace(old, new), "utf-8")


def diverging(repository: Path, own: Own, chance: random.Random) -> None:
    """Such a line in a file that is declared."""
    conflicting(repository, own, chance)
    declare(repository, f"diverges:\n  - {{file: {own.whole[0]}, reason: it has to, until: {TODAY.isoformat()}}}\n")


def declining(repository: Path, own: Own, chance: random.Random) -> None:
    """The change that may be declined, beside changes elsewhere."""
    in_its_own_files(repository, own, chance)
    own.whole = ["docker/Dockerfile"]
    declare(repository, f"declines:\n  - {{change: {MAY}, reason: the image stays small}}\n")


def ahead(repository: Path, own: Own, _chance: random.Random) -> None:
    """A version that is not known here."""
    record = repository / ".copier-answers.yml"
    record.write_text(record.read_text("utf-8").replace(f"v{OLD}", "v99.0.0"), "utf-8")
    own.whole = [".copier-answers.yml"]


GROUPS: dict[str, tuple[str, Callable[[Path, Own, random.Random], None]]] = {
    "nothing of its own": ("clean", nothing),
    "changes in its own files": ("clean", in_its_own_files),
    "changes in files of the template": ("clean", in_files_of_the_template),
    "changes beside the update's": ("clean", beside_the_update),
    "files removed": ("clean", removed),
    "changes in the update's lines": ("conflicting", conflicting),
    "the same, declared": ("kept", diverging),
    "a change declined": ("declined", declining),
    "newer than the template": ("ahead", ahead),
}
"""What the repositories have of their own, and what an update has to come to."""


def add(repository: Path, own: Own, file: str, chance: random.Random, at_end: bool = False) -> None:
    """Insert a line that stands nowhere else."""
    path = repository / file
    lines = path.read_text("utf-8").splitlines() if path.exists() else []
    line = f"# Of this repository: {chance.getrandbits(40):x}"
    lines.insert(len(lines) if at_end else chance.randint(0, len(lines)), line)
    path.write_text("".join(f"{each}\n" for each in lines), "utf-8")
    own.lines.setdefault(file, []).append(line)


def declare(repository: Path, text: str) -> None:
    """Write the declarations."""
    (repository / "config/apparch.yaml").write_text(text, "utf-8")


def touched() -> set[str]:
    """The files that the update changes."""
    return {file for change in read_versions().behind(OLD, kind="app") for file in change.files}


def present(repository: Path) -> set[str]:
    """The files of a repository."""
    return set(git("ls-files", at=repository).splitlines())


def outcome(repository: Path, versions: Versions, bare: Path) -> str:
    """Update a repository, and say what came of it."""
    stands = standing(recorded(Repository(repository)), versions)
    if stands.state != "behind":
        return stands.state
    done = update(opened(repository), stands, bare, today=TODAY)
    if done.conflicts:
        return "conflicting"
    words = " ".join((done.kept or {}).values())
    return "declined" if "declines" in words else "kept" if words else "clean"


def lost(repository: Path, own: Own, before: str) -> list[str]:
    """What of its own a repository does not have any more, or what was done to it that nobody asked for."""
    found = [
        f"{file}: {line}"
        for file, lines in own.lines.items()
        for line in lines
        if (repository / file).read_text("utf-8").splitlines().count(line) != 1
    ]
    found += [f"{file} is back" for file in own.removed if (repository / file).exists()]
    differs = git("diff", "--name-only", "HEAD", at=repository).splitlines()
    found += [f"{file} changed" for file in own.whole if file in differs]
    if own.outcome in ("conflicting", "ahead"):
        found += [
            f"{line} though nothing was to change" for line in git("status", "--short", at=repository).splitlines()
        ]
    if git("rev-parse", "HEAD", at=repository) != before or git("diff", "--cached", "--name-only", at=repository):
        found.append("something was committed or staged")
    return found


def followed(repository: Path, own: Own) -> bool:
    """Whether an updated repository has the change that it must follow, and records the newest version."""
    if own.outcome in ("conflicting", "ahead"):
        return True
    files = {"src/app/__main__.py", "src/app/migrate.py"} - {*own.removed, *own.whole}
    has = all("drop_undeclared(os.environ)" in (repository / each).read_text("utf-8") for each in files)
    return has and recorded(Repository(repository)).version == read_versions().newest.version


def measure(repositories: int, seed: int, scratch: Path) -> tuple[list[tuple[Own, str, float]], list[str]]:
    """Each repository with what came of its update and the seconds, and everything that was wrong."""
    from copier import run_copy

    bare, versions = built(home(), scratch), read_versions()
    answers = {"kind": "app", "name": "qts", "database": True, "cache": True}
    with standing_in(bare):
        run_copy(SOURCE, scratch / "older", answers, vcs_ref=f"v{OLD}", defaults=True, quiet=True)
    git("init", "--quiet", at=scratch / "older")
    commit(scratch / "older")
    results: list[tuple[Own, str, float]] = []
    wrong: list[str] = []
    for number in range(repositories):
        group = list(GROUPS)[number % len(GROUPS)]
        own = Own(group, GROUPS[group][0])
        repository = Path(shutil.copytree(scratch / "older", scratch / f"repository-{number}"))
        GROUPS[group][1](repository, own, random.Random(f"{seed} {number}"))
        commit(repository)
        before = git("rev-parse", "HEAD", at=repository)
        begin = time.perf_counter()
        came = outcome(repository, versions, bare)
        results.append((own, came, time.perf_counter() - begin))
        told = [*lost(repository, own, before)]
        told += [f"{came} instead of {own.outcome}"] * (came != own.outcome)
        told += ["the change that must be followed is missing"] * (not followed(repository, own))
        wrong += [f"repository {number}, {group}: {each}" for each in told]
        shutil.rmtree(repository)
    return results, wrong


def commit(repository: Path) -> None:
    """Commit all that is there."""
    git("add", "--all", "--force", at=repository)
    git("commit", "--quiet", "--allow-empty", "--message", "x", at=repository, more=WHO)


def main() -> int:
    """Print and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repositories", type=int, default=50)
    parser.add_argument("--seed", type=int, default=15)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="template-update-") as scratch:
        results, wrong = measure(options.repositories, options.seed, Path(scratch))
    counted = Counter((own.group, came) for own, came, _ in results)
    rows = [[said(group), said(came), number] for (group, came), number in counted.items()]
    totals = Counter(came for _, came, _ in results)
    seconds = sorted(seconds for own, _, seconds in results if own.outcome != "ahead")
    columns = {
        "ko": ["레포가 스스로 가진 것", "결과", "레포"],
        "en": ["What it has of its own", "Outcome", "Repositories"],
    }
    write("template_update", columns, rows, totals=totals, wrong=wrong, seconds=seconds, seed=options.seed)
    for (group, came), number in counted.items():
        print(f"{number:3}  {came:12} {group}")
    print(f"{len(results)} repositories: {', '.join(f'{number} {each}' for each, number in totals.items())}")
    print(f"own changes lost, or other faults: {len(wrong)}; median {seconds[len(seconds) // 2]:.1f} s an update")
    for each in wrong:
        print(f"  {each}")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
