"""The judges of MAN about what is kept out of Git, and about which cluster a command means."""

from __future__ import annotations

import re
from collections.abc import Iterator

from apparch.checks._commands import kubectl, said
from apparch.checks._deploy import finding
from apparch.deploy.repo import DeployRepo
from apparch.finding import Answer
from apparch.repository import Place
from apparch.repository.ignore import gitignore
from apparch.repository.roles import role

LEFTOVERS = {
    "rendered manifests": (
        "build/production.yaml",
        "rendered/production.yaml",
        "production.rendered.yaml",
        "out/a.yaml",
    ),
    "chart archives": ("app-1.0.0.tgz",),
    "logs": ("deploy.log",),
    "temporary files": ("tmp/production.yaml", "notes.tmp", ".DS_Store", "production.yaml.swp"),
}
LEFTOVERS_KO = dict(zip(LEFTOVERS, ("렌더링한 매니페스트", "차트 압축 파일", "로그", "임시 파일"), strict=True))
CLUSTER = re.compile(r"(?:^|/)(?:clusters/([^/]+)|overlays/([^/]+)/[^/]+$)")
CHANGING = frozenset({"apply", "delete", "replace", "create", "rollout restart", "rollout undo", "rollout status"})


def man019(deploy: DeployRepo) -> Iterator[Answer]:
    """Where there are several clusters, scripts say which one they mean."""
    clusters = {match[1] or match[2] for each in deploy.environments if (match := CLUSTER.search(each.directory))}
    if len(clusters) < 2:
        return
    for each in said(deploy):
        call = kubectl(each.command)
        if each.source != "script" or call is None or call[0] not in CHANGING:
            continue
        told = any(word.split("=")[0] in ("--context", "--kubeconfig") for word in each.command.words)
        if not told and not any(key == "KUBECONFIG" for key, _ in each.command.assignments):
            yield finding(
                "MAN019",
                each.place,
                f"kubectl {call[0]}에 --context가 없다",
                f"kubectl {call[0]} names no cluster by --context",
            )


def man020(deploy: DeployRepo) -> Iterator[Answer]:
    """Renderings, archives, logs and temporary files are kept out of Git."""
    ignore, prefix = gitignore(deploy.root), deploy.repository.prefix
    missing = [
        label for label, names in LEFTOVERS.items() if not any(ignore.excluded(f"{prefix}{each}") for each in names)
    ]
    if missing:
        where = Place(".gitignore")
        ko, en = ", ".join(LEFTOVERS_KO[each] for each in missing), ", ".join(missing)
        yield finding("MAN020", where, f".gitignore가 막지 않는 것: {ko}", f".gitignore does not keep out: {en}")
    for path in deploy.files:
        if role(path) == "product" and re.search(r"\.(tgz|log|swp)$|(^|/)\.DS_Store$", path):
            yield finding("MAN020", Place(path), f"커밋하지 않는 파일이다: {path}", f"{path} is no file to commit")
