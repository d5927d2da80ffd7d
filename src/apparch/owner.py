"""Which repo a file belongs to (App document, chapters 2 and 8): by which rule, and the four questions of 8.3."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from apparch.catalogue.model import Text
from apparch.repository.patterns import fits

Home = Literal["app", "deploy", "neither", "unknown"]

QUESTIONS = (
    Text(ko="무엇을 실행할지가 바뀌는가?", en="Does it change what runs?"),
    Text(ko="어디서, 어떻게 실행할지가 바뀌는가?", en="Does it change where or how it runs?"),
    Text(ko="이미지의 내용이 바뀌는가?", en="Does it change the image's contents?"),
    Text(ko="환경이나 서버마다 다른가?", en="Does it differ by environment or server?"),
)
"""Asked in turn; the first yes decides (8.3)."""
DECISIONS: tuple[tuple[Home, str], ...] = (
    ("app", "OWN023"),
    ("deploy", "OWN024"),
    ("app", "OWN023"),
    ("deploy", "OWN024"),
)
"""For each question where a yes leads, and the rule that says so; after four times no the change is split."""


@dataclass(frozen=True)
class Ownership:
    """Where one path belongs."""

    path: str
    home: Home
    rule: str
    """The rule that says so; empty where none does."""
    answers: tuple[bool, bool, bool, bool] | None = None
    """To the four questions; None where the path alone does not tell."""


_RUNS = (True, False, False, False)
_WHERE = (False, True, False, False)
_IMAGE = (False, False, True, False)
_DIFFERS = (False, False, False, True)

_TABLE: tuple[tuple[str, Home, str, tuple[bool, bool, bool, bool] | None], ...] = (
    ("**/docker-compose*.y*ml", "neither", "OWN011", None),
    ("**/compose*.y*ml", "neither", "OWN011", None),
    ("**/.env.example", "app", "ENV002", _RUNS),
    ("**/settings.schema.json", "app", "ENV002", _RUNS),
    ("**/.env", "neither", "OWN016", _DIFFERS),
    ("**/kustomization.y*ml", "deploy", "OWN010", _WHERE),
    ("**/Kustomization", "deploy", "OWN010", _WHERE),
    ("**/Chart.yaml", "deploy", "OWN009", _WHERE),
    ("**/values*.y*ml", "deploy", "OWN009", _DIFFERS),
    ("**/overlays/**", "deploy", "OWN024", _DIFFERS),
    ("**/k8s/**", "deploy", "OWN008", _WHERE),
    ("**/kubernetes/**", "deploy", "OWN008", _WHERE),
    ("**/manifests/**", "deploy", "OWN008", _WHERE),
    ("**/helm/**", "deploy", "OWN009", _WHERE),
    ("**/charts/**", "deploy", "OWN009", _WHERE),
    ("**/argocd/**", "deploy", "OWN024", _WHERE),
    ("_shared/**", "deploy", "OWN024", _WHERE),
    ("**/secrets/**", "deploy", "OWN016", _DIFFERS),
    ("**/runbooks/**", "deploy", "MAN015", _WHERE),
    (".github/workflows/deploy*", "deploy", "WFL001", _WHERE),
    (".github/workflows/validate*", "deploy", "GOP003", _WHERE),
    (".github/workflows/test*", "app", "WFL001", _RUNS),
    (".github/workflows/build*", "app", "WFL001", _IMAGE),
    (".github/workflows/release*", "app", "WFL001", _IMAGE),
    ("**/*.tf", "deploy", "OWN017", _WHERE),
    ("**/nginx*.conf", "deploy", "OWN017", _WHERE),
    ("**/traefik*", "deploy", "OWN017", _WHERE),
    ("**/prometheus*.y*ml", "deploy", "OWN017", _WHERE),
    ("**/Dockerfile*", "app", "DIR002", _IMAGE),
    ("**/*.Dockerfile", "app", "DIR002", _IMAGE),
    ("docker/**", "app", "DIR003", _IMAGE),
    (".dockerignore", "app", "DIR012", _IMAGE),
    ("**/migrations/**", "app", "OWN006", _RUNS),
    ("**/tests/**", "app", "OWN005", _RUNS),
    ("**/test/**", "app", "OWN005", _RUNS),
    *((f"**/{name}", "app", "OWN004", _IMAGE) for name in ("pyproject.toml", "requirements*.txt", "*.lock")),
    *((f"**/{name}", "app", "OWN004", _IMAGE) for name in ("package.json", "package-lock.json", "pnpm-lock.yaml")),
    *((f"**/{name}", "app", "OWN004", _IMAGE) for name in ("go.mod", "go.sum", "Cargo.toml", "pom.xml", "Gemfile")),
    ("**/build.gradle*", "app", "OWN004", _IMAGE),
    ("src/**", "app", "OWN003", _RUNS),
    *((f"**/*.{ending}", "app", "OWN003", _RUNS) for ending in ("py", "go", "js", "ts", "tsx", "jsx", "java", "kt")),
    *((f"**/*.{ending}", "app", "OWN003", _RUNS) for ending in ("rs", "rb", "php", "cs", "ex", "scala", "sql")),
    ("README*", "app", "OWN007", None),
    ("docs/**", "app", "OWN007", None),
    ("**/*.ingress.y*ml", "deploy", "OWN008", _WHERE),
    ("**/*deployment*.y*ml", "deploy", "OWN008", _WHERE),
    ("**/*configmap*.y*ml", "deploy", "OWN008", _DIFFERS),
)
"""The first that fits decides; a rule of the App document names what it keeps out of an App repo as well."""


def owner_of(path: str) -> Ownership:
    """Where a path belongs, told by its name alone."""
    clean = path.replace("\\", "/").strip().removeprefix("./").strip("/")
    for pattern, home, rule, answers in _TABLE:
        if fits(pattern, clean):
            return Ownership(path, home, rule, answers)
    return Ownership(path, "unknown", "")


def known_files() -> Iterator[tuple[Home, str, list[str]]]:
    """What its name alone tells the home of, in order: the home, the rule that says so, the patterns it decides."""
    for (home, rule), rows in groupby(_TABLE, key=lambda row: row[1:3]):
        yield home, rule, [pattern.removeprefix("**/") for pattern, *_ in rows]
