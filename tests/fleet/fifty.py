"""Fifty small repositories in different states, and what the table has to say of each."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from tests.checks.examples import RULES

SNIPPETS = RULES.parent
NEWEST = "2.0.0"
VERSIONS = """\
versions:
  - version: 2.0.0
    date: 2026-11-20
    changes:
      - id: pinned-base
        level: must
        kind: app
        rules: [IMG015]
        files: [docker/Dockerfile]
        what: {ko: 베이스 이미지를 다이제스트로 적는다., en: The base image has its digest.}
      - id: shorter-notes
        level: may
        kind: both
        rules: []
        files: [README.md]
        what: {ko: README가 짧아졌다., en: The README is shorter.}
  - version: 1.1.0
    date: 2026-10-01
    changes:
      - id: two-replicas
        level: must
        kind: deploy
        rules: [RES005]
        files: [k8s/base/deployments/app.yaml]
        what: {ko: 복제본이 둘이다., en: There are two replicas.}
      - id: bytecode
        level: may
        kind: app
        rules: [IMG017]
        files: [docker/Dockerfile]
        what: {ko: 바이트코드를 넣는다., en: The image holds bytecode.}
  - version: 1.0.0
    date: 2026-09-01
"""
"""A template of three versions, so that what is asserted changes with no real one."""
WAIVER = """\
waivers:
  - rule: IMG015
    path: docker/Dockerfile
    owner: ops
    reason: the mirror has no digests
    until: {until}
    digest: "{digest}"
"""

EXPECTED: dict[str, tuple[str, ...]] = {
    "holds": ("App", "2.0.0", "current", "none", "-", "holds"),
    "holds-deploy": ("Deploy", "2.0.0", "current", "none", "-", "holds"),
    "breaks": ("App", "2.0.0", "current", "none", "-", "breaks: {breaks}"),
    "breaks-deploy": ("Deploy", "2.0.0", "current", "none", "-", "breaks: {breaks}"),
    "behind": ("App", "1.1.0", "1 version: 1 must, 1 may", "none", "-", "no partner"),
    "far-behind": ("App", "1.0.0", "2 versions: 1 must, 2 may", "none", "-", "no partner"),
    "old-deploy": ("Deploy", "1.0.0", "2 versions: 1 must, 1 may", "none", "-", "no partner"),
    "ahead": ("App", "9.0.0", "ahead", "none", "-", "no partner"),
    "at-a-commit": ("App", "main (?)", "what it records is not the tag of a version", "none", "-", "no partner"),
    "no-record": ("App", "no record", "-", "1 MUST", "-", "no partner"),
    "finding": ("App", "2.0.0", "current", "1 MUST", "-", "no partner"),
    "waived": ("App", "2.0.0", "current", "none", "1, until 2099-01-31", "no partner"),
    "waiver-over": ("App", "2.0.0", "current", "2 MUST", "1, until 2026-01-31", "no partner"),
    "declines": ("App", "2.0.0", "current", "none", "-", "no partner"),
    "documents": ("neither", "no record", "-", "none", "-", "no partner"),
    "both": ("both", "2.0.0", "current", "3 MUST, 1 SHOULD", "-", "no partner"),
    "missing": ("cannot be read: there is no folder {folder}", "", "", "", "", ""),
    "empty": ("cannot be read: the folder is empty", "", "", "", "", ""),
}
"""What stands in the row of each state, from its kind to its contract."""
COUNTS = {
    "holds": 2,
    "holds-deploy": 2,
    "breaks": 4,
    "breaks-deploy": 4,
    "behind": 10,
    "far-behind": 3,
    "old-deploy": 3,
    "ahead": 2,
    "at-a-commit": 3,
    "no-record": 2,
    "finding": 4,
    "waived": 3,
    "waiver-over": 2,
    "declines": 1,
    "documents": 2,
    "both": 1,
    "missing": 1,
    "empty": 1,
}


def make_fleet(folder: Path, counts: dict[str, int] | None = None) -> Path:
    """The repositories, their inventory and the template below a folder; the inventory's path."""
    (folder / "template").mkdir(parents=True)
    (folder / "template/versions.yaml").write_text(VERSIONS, "utf-8")
    lines = ["repositories:"]
    for state, count in (counts or COUNTS).items():
        for at in range(1, count + 1):
            name = name_of(state, at)
            partner = f", partner: {state}-{at}-deploy" if state in ("holds", "breaks") else ""
            lines.append(f"  - {{name: {name}, path: repos/{name}{partner}}}")
            if state != "missing":
                (folder / "repos" / name).mkdir(parents=True)
                MAKERS[state](folder / "repos" / name)
    inventory = folder / "fleet.yaml"
    inventory.write_text("\n".join(lines) + "\n", "utf-8")
    return inventory


def name_of(state: str, at: int) -> str:
    """What the repository of a state and a number is called."""
    head, deploy, _ = state.partition("-deploy")
    return f"{head}-{at}{deploy}" if head in ("holds", "breaks") else f"{state}-{at}"


def record(folder: Path, version: str) -> None:
    """Make a repository record a version of the template."""
    tag = f"v{version}" if version[0].isdigit() else version
    (folder / ".copier-answers.yml").write_text(f"_src_path: https://git.example/template\n_commit: {tag}\n", "utf-8")


def _copy(source: str, folder: Path, version: str = NEWEST) -> None:
    ignored = shutil.ignore_patterns("__pycache__", ".*_cache", "*.egg-info", ".venv")
    shutil.copytree(SNIPPETS / source, folder, dirs_exist_ok=True, ignore=ignored)
    record(folder, version)


def _app(version: str = NEWEST) -> Callable[[Path], None]:
    return lambda folder: _copy("rules/app", folder, version)


def _breach(folder: Path) -> None:
    _app()(folder)
    shutil.copy(RULES / "IMG015/bad/docker/Dockerfile", folder / "docker/Dockerfile")


def _waived(until: str) -> Callable[[Path], None]:
    def make(folder: Path) -> None:
        from apparch.catalogue import load_catalogue
        from apparch.waivers import digest

        _breach(folder)
        (folder / "config/apparch.yaml").write_text(
            WAIVER.format(until=until, digest=digest(load_catalogue().rules["IMG015"])), "utf-8"
        )

    return make


def _no_record(folder: Path) -> None:
    _app()(folder)
    (folder / ".copier-answers.yml").unlink()


def _declines(folder: Path) -> None:
    _app()(folder)
    text = "declines:\n  - {change: bytecode, reason: the image is small enough}\n"
    (folder / "config/apparch.yaml").write_text(text, "utf-8")


def _documents(folder: Path) -> None:
    (folder / "README.md").write_text("# Notes\n", "utf-8")


def _both(folder: Path) -> None:
    _copy("rules/deploy", folder)
    _copy("rules/app", folder)


MAKERS: dict[str, Callable[[Path], None]] = {
    "holds": lambda folder: _copy("app", folder),
    "holds-deploy": lambda folder: _copy("deploy", folder),
    "breaks": _app(),
    "breaks-deploy": lambda folder: _copy("rules/deploy", folder),
    "behind": _app("1.1.0"),
    "far-behind": _app("1.0.0"),
    "old-deploy": lambda folder: _copy("rules/deploy", folder, "1.0.0"),
    "ahead": _app("9.0.0"),
    "at-a-commit": _app("main"),
    "no-record": _no_record,
    "finding": _breach,
    "waived": _waived("2099-01-31"),
    "waiver-over": _waived("2026-01-31"),
    "declines": _declines,
    "documents": _documents,
    "both": _both,
    "empty": lambda folder: None,
}
