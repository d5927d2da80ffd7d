"""The commands that a Deploy repo states: in its scripts, its workflows and the blocks of its runbooks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from apparch.deploy.repo import DeployRepo
from apparch.repository import Place
from apparch.repository.places import spot
from apparch.repository.roles import role
from apparch.repository.shell import Command, parse_commands
from apparch.repository.workflow import ran, workflows

Source = Literal["script", "workflow", "text"]
_SHEBANG = re.compile(r"#!.*\b(ba|da|z|k)?sh\b")
_SHELLS = frozenset({"bash", "sh", "shell", "console", "zsh", "shell-session"})
_MARK = re.compile(r"[ \t]*(`{3,}|~{3,})[ \t]*([\w-]*)")
THROWN_AWAY = re.compile(r"\b(kind create cluster|k3d cluster create|minikube start|helm/kind-action|setup-minikube)\b")
_WITH_VALUE = frozenset(
    {"-n", "--namespace", "--context", "--kubeconfig", "-s", "--server", "--user", "--cluster", "--as", "--token"}
)
_GROUPS = frozenset({"rollout", "set", "create", "config"})


@dataclass(frozen=True)
class Said:
    """A command, and where it is said."""

    command: Command
    place: Place
    source: Source
    line: str
    """The rest of its line, with what the shell reads of it as redirections."""


def said(deploy: DeployRepo) -> Iterator[Said]:
    """Every command; those that make a cluster of their own for a test are left out with all beside them."""
    known: dict[str, tuple[Said, ...]] = deploy.root.memo(said)
    if deploy.directory not in known:
        found: dict[tuple[str, int, int], Said] = {}
        for each in _all(deploy):
            found.setdefault((each.place.path, each.place.line, each.place.column), each)
        known[deploy.directory] = tuple(found.values())
    yield from known[deploy.directory]


def _all(deploy: DeployRepo) -> Iterator[Said]:
    for path in deploy.files:
        kind = role(path)
        if kind in ("product", "development") and (path.endswith(".sh") or "." not in path.rpartition("/")[2]):
            text = deploy.root.text(path)
            if (
                isinstance(text, str)
                and (path.endswith(".sh") or _SHEBANG.match(text))
                and not THROWN_AWAY.search(text)
            ):
                yield from _of(path, text, 0, text, "script")
        elif kind == "docs" and path.endswith(".md"):
            text = deploy.root.text(path)
            if isinstance(text, str) and not THROWN_AWAY.search(text):
                for begin, language, block in fences(text):
                    if language in _SHELLS:
                        yield from _of(path, text, begin, _typed(block, language), "text")
    if not deploy.directory:
        yield from _of_workflows(deploy)


def fences(text: str) -> Iterator[tuple[int, str, str]]:
    """The blocks of a Markdown text: where each begins, its language and what it holds."""
    mark, language, begin, at = "", "", 0, 0
    for line in text.splitlines(keepends=True):
        found = _MARK.match(line)
        if found and not mark:
            mark, language, begin = found[1], found[2], at + len(line)
        elif found and found[1].startswith(mark) and not found[2]:
            yield begin, language, text[begin:at]
            mark = ""
        at += len(line)


def _of(path: str, text: str, begin: int, part: str, source: Source) -> Iterator[Said]:
    for each in parse_commands(part):
        end = part.find("\n", each.end)
        line = part[each.begin : end if end >= 0 else len(part)]
        yield Said(each, spot(path, text, begin + each.begin, begin + each.end), source, line)


def _typed(block: str, language: str) -> str:
    """What a reader types: of a console's block the lines with a prompt, with nothing moved."""
    if language not in ("console", "shell-session") and not re.search(r"^[ \t]*[$#] \w", block, re.MULTILINE):
        return block
    lines: list[str] = []
    goes_on = False
    for line in block.splitlines(keepends=True):
        prompt = re.match(r"\s*(?:[\w@~:-]+)?[$#>] ", line)
        kept = f"{' ' * prompt.end()}{line[prompt.end() :]}" if prompt else line if goes_on else ""
        lines.append(kept or f"{' ' * (len(line) - 1)}\n")
        goes_on = kept.rstrip().endswith("\\")
    return "".join(lines)


def _of_workflows(deploy: DeployRepo) -> Iterator[Said]:
    for workflow in workflows(deploy.root):
        text = deploy.root.text(workflow.path)
        if isinstance(text, str) and THROWN_AWAY.search(text):
            continue
        for step in workflow.steps:
            written = step.run.text or ""
            for each in ran(deploy.root, step):
                end = written.find("\n", each.command.end)
                line = written[each.command.begin : end if end >= 0 else len(written)] if not each.trail else ""
                yield Said(each.command, each.place, "workflow", line)


def kubectl(command: Command) -> tuple[str, tuple[str, ...]] | None:
    """A call of kubectl: its command, of two words where the first is a group, and what follows; None for others."""
    words = list(command.words)
    while words and words[0] in ("sudo", "k3s", "microk8s", "time"):
        words = words[1:]
    if not words or words[0].rpartition("/")[2] != "kubectl":
        return None
    words = words[1:]
    while words and words[0].startswith("-"):
        words = words[2:] if words[0] in _WITH_VALUE else words[1:]
    if not words or not re.fullmatch(r"[a-z-]+", words[0]):
        return None
    size = 2 if words[0] in _GROUPS and len(words) > 1 else 1
    return " ".join(words[:size]), tuple(words[size:])
