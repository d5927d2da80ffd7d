"""What kubectl is told to do: every call that stands in a script, a workflow or a text for operators."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from tests.kube import DEPLOY

# `cluster` is the scripts' own name for kubectl with its context.
CALL = re.compile(r"(?m)(?:\bkubectl|^\s*(?:if ! )?cluster)\s+(?P<rest>[^\n|`;&]*)")
WITH_VALUE = {"-n", "--namespace", "--context", "--kubeconfig", "-s", "--server", "--user", "--cluster", "--as"}
GROUPS = {"rollout", "set", "create", "config"}


@dataclass(frozen=True)
class Command:
    """One call of kubectl."""

    file: Path
    verb: str
    """Its command, of two words where the first is a group: `get`, `rollout undo`."""
    rest: str
    """All that follows the command."""


def commands() -> list[Command]:
    """Every call in the Deploy repo's scripts, workflows and Markdown files."""
    places = [f for pattern in ("*.sh", "*.yml", "*.yaml", "*.md") for f in DEPLOY.rglob(pattern)]
    return [each for file in sorted(places) for each in calls(file, file.read_text())]


def calls(file: Path, text: str) -> list[Command]:
    """The calls in one text."""
    found = (_command(file, match["rest"].split()) for match in CALL.finditer(text.replace("\\\n", " ")))
    return [each for each in found if each.verb]


def _command(file: Path, words: list[str]) -> Command:
    words = [word.strip("\"'") if word.startswith(('"$', "'")) else word for word in words]
    while words and words[0].startswith("-"):
        words = words[2:] if words[0] in WITH_VALUE else words[1:]
    # `"$@"` passes a call on that stands elsewhere; prose about kubectl has no command.
    if not words or not re.fullmatch(r"[a-z-]+", words[0]):
        return Command(file, "", "")
    size = 2 if words[0] in GROUPS and len(words) > 1 else 1
    return Command(file, " ".join(words[:size]), " ".join(words[size:]))
