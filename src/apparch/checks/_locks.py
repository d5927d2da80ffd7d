"""The judge of TWF002: what is declared is locked, to a version that the declaration allows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase

from apparch.app.dependencies import declared, normalised, of_pyproject, of_requirements
from apparch.app.languages import LANGUAGES, Language
from apparch.app.repo import AppRepo
from apparch.checks._shared import finding, inner
from apparch.finding import Answer
from apparch.repository import Place, Problem
from apparch.repository.json_file import parse_json
from apparch.repository.locks import parse_lock
from apparch.repository.places import spot

_LOCKED_ELSEWHERE = frozenset({"java", "dotnet"})
"""Their manifests name exact versions."""
_LOCK_FILES = ("uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock", "pylock.toml")
_PIN = re.compile(r"===?\s*[^*,\s]+|@\s*\S+")
_CLAUSE = re.compile(r"(==|!=|>=|<=|~=|>|<)\s*([0-9]+(?:\.[0-9]+)*)(?![\w.*+-])")


_OLDER = (
    ("setup.py", re.compile(r"install_requires\s*=\s*\[\s*[\"'](?P<name>[A-Za-z][\w.-]*)")),
    ("setup.cfg", re.compile(r"^install_requires\s*=[ \t]*\n[ \t]+(?P<name>[A-Za-z][\w.-]*)", re.MULTILINE)),
    ("Pipfile", re.compile(r"^\[packages\][ \t]*\n(?:#[^\n]*\n|\n)*(?P<name>[A-Za-z][\w.-]*)\s*=", re.MULTILINE)),
)
"""Where else Python declares what it needs."""


def twf002(app: AppRepo) -> Iterator[Answer]:
    """Every dependency is declared and locked."""
    for language in (each for each in LANGUAGES if each.name in app.languages and each.name not in _LOCKED_ELSEWHERE):
        if language.name == "python":
            yield from _python(app)
        elif not _has_lock(app, language):
            yield from _unlocked(app, language)
    yield from _npm(app)


def _python(app: AppRepo) -> Iterator[Answer]:
    files = [path for path in _requirements(app) if not _is_input(app, path)]
    locked = _locked(app, files)
    for path in files:
        loose = [each for each in of_requirements(app, path) if not _PIN.match(each.version)]
        if loose:
            told = ", ".join(f"{each.name} {each.version}".strip() for each in loose[:5])
            more = f" (+{len(loose) - 5})" if len(loose) > 5 else ""
            ko, en = f"버전이 고정되지 않았다: {told}{more}", f"what is locked to no version: {told}{more}"
            yield finding("TWF002", loose[0].place, ko, en)
    wanted = list(of_pyproject(app)) if app.has("pyproject.toml") else []
    if locked is None:
        first = wanted[0].place if wanted else next(_of_older_files(app), None)
        if first and not files and not any(app.has(each) for each in _LOCK_FILES):
            yield finding("TWF002", first, "잠금 파일이 없다", "there is no lock file")
        return
    for each in wanted:
        fixed = locked.get(each.name)
        if fixed is None:
            yield finding(
                "TWF002", each.place, f"{each.name}이(가) 잠금 파일에 없다", f"{each.name} is not in the lock file"
            )
        elif not _allows(each.version, fixed):
            told = f"{each.name} {each.version}"
            yield finding("TWF002", each.place, f"{told}인데 {fixed}로 잠겼다", f"{told} is locked to {fixed}")


def _of_older_files(app: AppRepo) -> Iterator[Place]:
    """Where setup.py, setup.cfg or a Pipfile names its first dependency."""
    for file, pattern in _OLDER:
        text = app.repository.text(file) if app.has(file) else ""
        if isinstance(text, str) and (match := pattern.search(text)):
            yield spot(app.place(file).path, text, match.start("name"), match.end("name"))


def _requirements(app: AppRepo) -> list[str]:
    """The requirements files of the app, relative to its directory."""
    own = (inner(app, path) for path in app.files)
    return [
        path
        for path in own
        if re.fullmatch(r"(?:[\w-]+[.-])?requirements[\w.-]*[.]txt|requirements/[\w.-]+[.]txt", path)
    ]


def _is_input(app: AppRepo, path: str) -> bool:
    """Whether a requirements file is what another is compiled from, or only names constraints."""
    return (
        app.has(path.removesuffix(".txt") + ".lock") or "constraint" in path or path.endswith(("in.txt", "input.txt"))
    )


def _locked(app: AppRepo, files: list[str]) -> dict[str, str] | None:
    """The version that each package is locked to; None where there is no lock that can be read."""
    for file in _LOCK_FILES:
        packages = app.repository.parsed(file, parse_lock) if app.has(file) else None
        if isinstance(packages, tuple):
            return {normalised(each.name): each.version for each in packages}
    pinned = [each for path in files if "dev" not in path and "test" not in path for each in of_requirements(app, path)]
    return {each.name: each.version for each in pinned} if pinned else None


def _allows(wanted: str, fixed: str) -> bool:
    """Whether a specifier allows a locked version, as far as plain numbers tell."""
    found = re.fullmatch(r"(?:===?\s*)?([0-9]+(?:\.[0-9]+)*)", fixed.strip())
    if found is None:
        return True
    version = _numbers(found[1])
    for sign, number in _CLAUSE.findall(wanted):
        bound = _numbers(number)
        low, high = _even(version, bound)
        kept = {
            "==": low == high,
            "!=": low != high,
            ">=": low >= high,
            "<=": low <= high,
            ">": low > high,
            "<": low < high,
        }
        if not kept.get(sign, low >= high and version[: len(bound) - 1] == bound[:-1]):
            return False
    return True


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(each) for each in text.split(".")[:8] if len(each) < 10)


def _even(one: tuple[int, ...], other: tuple[int, ...]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    size = max(len(one), len(other))
    return one + (0,) * (size - len(one)), other + (0,) * (size - len(other))


def _has_lock(app: AppRepo, language: Language) -> bool:
    names = {path.rpartition("/")[2] for path in (*app.files, *(each for each in app.root.files if "/" not in each))}
    return any(fnmatchcase(each, pattern) for each in names for pattern in language.locks)


def _unlocked(app: AppRepo, language: Language) -> Iterator[Answer]:
    """A manifest with dependencies and no lock beside it."""
    for path in app.product:
        if "/" in inner(app, path) or not any(fnmatchcase(inner(app, path), pattern) for pattern in language.manifests):
            continue
        wanted = [each for each in declared(app) if each.place.path == path]
        if wanted:
            told = language.locks[0]
            yield finding(
                "TWF002", wanted[0].place, f"{told} 같은 잠금 파일이 없다", f"there is no lock file like {told}"
            )


def _npm(app: AppRepo) -> Iterator[Answer]:
    """What package-lock.json says of its own package agrees with package.json."""
    if not app.has("package.json") or not app.has("package-lock.json"):
        return
    manifest = app.repository.parsed("package.json", parse_json)
    lock = app.repository.parsed("package-lock.json", parse_json)
    if isinstance(manifest, Problem) or isinstance(lock, Problem) or not lock.at("packages", "").present:
        return
    for key in ("dependencies", "devDependencies"):
        for name, version in manifest.at(key).items():
            known = lock.at("packages", "", key, name)
            place: Place = manifest.at(key).key(name)
            if not known.present:
                yield finding("TWF002", place, f"{name}이(가) 잠금 파일에 없다", f"{name} is not in the lock file")
            elif known.text != version.text:
                told = f"{name} {version}"
                yield finding("TWF002", place, f"{told}인데 {known}로 잠겼다", f"{told} is locked as {known}")


__all__ = ["twf002"]
