"""What scripts and pipelines tell helm: which chart they install, with which files and single values."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass

from apparch.repository.places import Place, spot
from apparch.repository.roles import role
from apparch.repository.view import Repository

_COMMAND = re.compile(
    r"\bhelm(?:[ \t]{1,4}--?[\w-]{1,40}(?:[= ]\S{1,200})?){0,3}[ \t]{1,4}(?:upgrade|install|template)[ \t]"
    r"(?:[^\n\\]|\\[^\n]|\\\n)*"
)
_WORD = re.compile(r"""(?:\$\{\{[^}]*\}\}|"[^"\n]*"|'[^'\n]*'|[^\s"';|&])+""")
_TAKING = frozenset(
    str.split("""
    -f --values --set --set-string --set-file --set-json -n --namespace --version --timeout --kube-context
    --kubeconfig --repo --description --history-max --post-renderer --kube-version -s --show-only --username
    --password --output -o --wait-for-jobs-timeout
    """)
)
_NAMES = ("Makefile", "Jenkinsfile", "Taskfile.yml", "Taskfile.yaml", "skaffold.yaml", ".gitlab-ci.yml", "justfile")
LONGEST = 4_000
"""How long a command may be."""


@dataclass(frozen=True)
class HelmCommand:
    """One command that installs a chart."""

    chart: str
    """As it is written."""
    release: str
    namespace: str | None
    files: tuple[str, ...]
    """Of values, as they are written."""
    single: tuple[tuple[str, str], ...]
    """Values that are set one by one: the path and what it is set to."""
    place: Place

    def directory(self, charts: tuple[str, ...]) -> str | None:
        """The chart's directory in the repository, which the command may name from any folder."""
        written = posixpath.normpath(self.chart).lstrip("./")
        found = [each for each in charts if each == written or each.endswith(f"/{written}")]
        return found[0] if written and len(found) == 1 else None


def helm_commands(repository: Repository) -> Iterator[HelmCommand]:
    """Every command of scripts, makefiles and pipelines; none of documents, which tell what one may do."""
    for path in repository.files:
        last = path.rpartition("/")[2]
        pipeline = path.startswith(".github/") and path.endswith((".yml", ".yaml"))
        if not (pipeline or path.endswith((".sh", ".mk")) or last in _NAMES) or role(path) in ("docs", "vendored"):
            continue
        text = repository.text(path)
        if not isinstance(text, str) or "helm" not in text:
            continue
        for match in _COMMAND.finditer(text):
            line = text[text.rfind("\n", 0, match.start()) + 1 : match.start()]
            if "#" not in line and (found := _parsed(match[0][:LONGEST], spot(path, text, match.start(), match.end()))):
                yield found


def _parsed(command: str, place: Place) -> HelmCommand | None:
    words = [re.sub(r"[\"']", "", each) for each in _WORD.findall(command.replace("\\\n", " "))]
    plain: list[str] = []
    given: dict[str, list[str]] = {}
    at = 1
    while at < len(words):
        word, equals, value = words[at].partition("=")
        at += 1
        if not word.startswith("-"):
            plain.append(words[at - 1])
        elif not equals and word in _TAKING and at < len(words):
            given.setdefault(word, []).append(words[at])
            at += 1
        elif equals:
            given.setdefault(word, []).append(value)
    if len(plain) < 3:
        return None
    pairs = [
        each.partition("=") for key in ("--set", "--set-string") for said in given.get(key, ()) for each in _parts(said)
    ]
    return HelmCommand(
        plain[2],
        plain[1],
        next(iter(given.get("-n", given.get("--namespace", []))), None),
        tuple(each for key in ("-f", "--values") for said in given.get(key, ()) for each in said.split(",")),
        tuple((key, value) for key, equals, value in pairs if equals),
        place,
    )


def _parts(said: str) -> list[str]:
    return re.findall(r"(?:\\.|\$\{\{[^}]*\}\}|\{[^}]*\}|[^,])+", said)
