"""The judges of the family IGN: what .gitignore keeps out of commits, and what it must not."""

from __future__ import annotations

import re
from collections.abc import Iterator

from apparch.app.repo import AppRepo
from apparch.checks._shared import finding, name
from apparch.finding import Answer, Edit
from apparch.repository import Place
from apparch.repository.ignore import Line, gitignore

_ENV_FILES = (".env", ".env.local", ".env.production", "config/.env", "src/deep/.env.staging")
_EXAMPLES = (".env.example", "config/.env.example")
_KEYS = ("tls.pem", "docker/tls.key", "client.p12", "kubeconfig", "config/prod.kubeconfig")
_OUTPUT = frozenset({"build", "dist", "out", "output", "target", "tmp", "temp", "bin", "obj", "lib"})
_LOGS = frozenset({"log", "logs", "*.log"})
"""Patterns that are about no build, but lose what tests need where a log is among their data."""
_RUNNING = frozenset({"out", "output", "tmp", "temp"})
"""Names that a build's output shares with what a program leaves while it runs."""
_NO_BUILD = re.compile(
    r"\b(audio|videos?|images?|recordings?|media|data|datasets?|models?|checkpoints?|results?|reports?|uploads?|downloads?"
    r"|logs?|backups?|exports?|screenshots?|renders?|experiments?|predictions?|runtime|scratch)\b",
    re.IGNORECASE,
)
"""What a heading speaks of above patterns that are about no build."""
_GROUPS: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = (
    ("python", ("__pycache__/a.pyc",), ("__pycache__/",)),
    ("python", (".venv/a", "venv/a", "env/a", ".env/a"), (".venv/",)),
    ("python", (".coverage", "htmlcov/a"), (".coverage",)),
    ("javascript", ("node_modules/a/index.js",), ("node_modules/",)),
    ("java", ("target/a.class", "build/a.class", ".gradle/a"), (".gradle/", "target/")),
    ("rust", ("target/a",), ("target/",)),
    ("", (".idea/a.xml",), (".idea/",)),
)
"""By language: paths one of which has to be ignored, and what is told where none is."""


def ign001(app: AppRepo) -> Iterator[Answer]:
    """.env files are ignored at any depth, the example is not."""
    ignored = gitignore(app.root)
    kept = [path for path in _ENV_FILES if not ignored.excluded(_at(app, path))]
    if kept:
        line = next((line for path in kept if (line := ignored.decided(_at(app, path)))), None)
        told = ", ".join(kept)
        yield finding(
            "IGN001", line.place if line else _home(app), f"{told}이(가) 무시되지 않는다", f"{told} is not ignored"
        )
        return
    lost = next((path for path in _EXAMPLES if ignored.excluded(_at(app, path))), None)
    line = ignored.decided(_at(app, lost)) if lost else None
    if lost and line:
        yield finding("IGN001", line.place, f"{lost}까지 무시된다", f"{lost} is ignored as well", *_kept(app, line))


def ign002(app: AppRepo) -> Iterator[Answer]:
    """Patterns for build output are anchored."""
    homes = {".gitignore", f"{app.repository.prefix}.gitignore"}
    has_logs = any(path.endswith(".log") for path in app.files)
    wide = _OUTPUT | _LOGS if has_logs else _OUTPUT
    for file in gitignore(app.root).files:
        for line in file.lines:
            last = line.pattern.rstrip("/")
            if last in _RUNNING and _NO_BUILD.search(_heading(app, line)):
                continue
            if line.place.path in homes and not line.negated and last in wide:
                told = line.pattern
                yield finding("IGN002", line.place, f"{told}는 어느 깊이에나 걸린다", f"{told} fits at any depth")


def ign003(app: AppRepo) -> Iterator[Answer]:
    """Caches, environments, coverage and files of editors are ignored."""
    ignored = gitignore(app.root)
    missing = [
        each
        for language, paths, told in _GROUPS
        if not language or language in app.languages
        if not any(ignored.excluded(_at(app, path)) for path in paths)
        for each in told
    ]
    has_editor = any(".vscode/" in path for path in app.root.files)
    if not has_editor and not ignored.excluded(_at(app, ".vscode/settings.json")):
        missing.append(".vscode/")
    if missing:
        told = ", ".join(missing)
        yield finding("IGN003", _home(app), f"{told}이(가) 무시되지 않는다", f"{told} is not ignored")


def ign004(app: AppRepo) -> Iterator[Answer]:
    """Key files and kubeconfig are ignored."""
    ignored = gitignore(app.root)
    kept = [name(path) for path in _KEYS if not ignored.excluded(_at(app, path))]
    if kept:
        told = ", ".join(kept)
        yield finding("IGN004", _home(app), f"{told} 같은 파일이 무시되지 않는다", f"a file like {told} is not ignored")


def _heading(app: AppRepo, line: Line) -> str:
    """The comment above the block of patterns that a line stands in; empty without one."""
    text = app.root.text(line.place.path)
    above = str(text).splitlines()[: line.place.line - 1]
    for each in reversed(above):
        if not each.strip() or each.startswith("#"):
            return each
    return ""


def _at(app: AppRepo, path: str) -> str:
    return f"{app.repository.prefix}{path}"


def _home(app: AppRepo) -> Place:
    for path in (f"{app.repository.prefix}.gitignore", ".gitignore"):
        if app.root.has(path):
            return Place(path)
    return Place(".gitignore")


def _kept(app: AppRepo, line: Line) -> tuple[Edit, ...]:
    """The edit that takes the example back in, where the line that ignores it is written once."""
    text = app.root.text(line.place.path)
    lines = text.splitlines() if isinstance(text, str) else []
    parent_is_ignored = "/" in line.pattern.rstrip("/") or line.folders
    if parent_is_ignored or lines.count(line.pattern) != 1 or str(text).count(line.pattern) != 1:
        return ()
    return (Edit(line.place.path, line.pattern, f"{line.pattern}\n!.env.example"),)
