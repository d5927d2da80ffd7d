"""The table of operations as data: its rows, what plays each, what was measured."""

from __future__ import annotations

import json
import re
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import yaml
from tests.cluster.cluster import PATIENCE
from tests.cluster.nodes import images
from tests.cluster.nodes.images import Image
from tests.kube import ROOT
from tests.operations import versions
from tests.operations.stage import Stage, Unmet

MEASURED = ROOT / "build" / "operations"
PATIENCE_SECONDS = 40.0
"""How long a state is waited for that a breach may keep from coming."""
SCENARIOS = Path(__file__).with_name("scenarios")


@dataclass(frozen=True)
class Edit:
    """A change that breaks what a row promises, of the Deploy repo or of a version of the app.

    An empty `old` stands for a file that is not there yet.
    """

    file: str
    old: str
    new: str
    version: str = ""

    def carry_out(self, repository: Path) -> None:
        """Make it; raises ValueError where it no longer fits."""
        path = repository / self.file
        text = path.read_text("utf-8") if path.exists() else ""
        if self.old and text.count(self.old) != 1:
            raise ValueError(f"{self.file} has {text.count(self.old)} times {self.old!r}")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.replace(self.old, self.new) if self.old else self.new, "utf-8")


@dataclass(frozen=True)
class Row:
    """One operation; texts by language. Without a limit of `lost`, the page announces an outage."""

    name: str
    title: dict[str, str]
    state: dict[str, str]
    pages: tuple[str, ...]
    steps: int
    lost: int | None
    breach: tuple[Edit, ...]
    slow: bool
    """Whether only the benchmark plays it."""
    worst: bool
    """Whether edition 3.0.0 did harm here; its breach is what that edition had."""
    leaves: str
    """The environment that it leaves as operations begin in."""


@dataclass(frozen=True)
class Measured:
    """What a row took."""

    name: str
    steps: int
    asked: int
    lost: int
    seconds: float


def rows() -> list[Row]:
    """Every row, in the table's order."""
    return [_row(name, told) for name, told in _table().items()]


def play(row: Row, stage: Stage) -> Measured:
    """Carry an operation out, and keep what it took; Unmet where it does not end as promised."""
    stage.console.environment |= FAST
    begun = time.monotonic()
    scenario(row)(stage)
    took = Measured(row.name, len(stage.console.steps), stage.asked, len(stage.lost), time.monotonic() - begun)
    unwritten = [each for each in stage.console.steps if not _stands(each, _text(stage, row), row.pages)]
    if unwritten:
        raise Unmet(f"{row.pages} do not have the commands {unwritten}")
    if took.steps > row.steps:
        raise Unmet(f"{took.steps} steps, of which the page promises {row.steps}: {stage.console.steps}")
    if row.lost is not None and took.lost > row.lost:
        raise Unmet(f"{took.lost} of {took.asked} requests were lost: {sorted(set(stage.lost))[:5]}")
    stage.left_running = row.leaves
    MEASURED.mkdir(parents=True, exist_ok=True)
    (MEASURED / f"{row.name}.json").write_text(json.dumps(asdict(took), indent=1) + "\n", "utf-8")
    return took


@contextmanager
def broken(row: Row, stage: Stage) -> Iterator[None]:
    """The Deploy repo with the row's breach in it."""
    console, registry = stage.console, stage.cluster.registry
    whole, registry.images = registry.images, dict(registry.images)
    sources = tempfile.TemporaryDirectory(prefix="breach-")
    console.fresh()
    console.git("tag", "--force", "whole")
    try:
        for each in row.breach:
            if each.version:
                registry.images[f"{versions.REPOSITORY}:{each.version}"] = _edited(each, Path(sources.name))
            else:
                each.carry_out(console.repository)
        console.git("add", "--all")
        console.git("commit", "--quiet", "--allow-empty", "--message", "breach")
        console.git("tag", "--force", "start")
        stage.left_running = ""
        stage.cluster.patience = PATIENCE_SECONDS
        yield
    finally:
        stage.cluster.patience = PATIENCE
        sources.cleanup()
        registry.images = whole
        console.git("tag", "--force", "start", "whole")
        stage.left_running = ""


def _edited(edit: Edit, sources: Path) -> Image:
    version = versions.VERSIONS[edit.version]
    edits = {**version.edits, edit.file: (edit.old, edit.new)}
    return images.app(images.version(sources / edit.version, edits, version.files))


FAST = {"POLL_SECONDS": "0.7", "PATIENCE": "2"}
"""How often the scripts look: nothing here takes as long as in a real cluster, and each look starts kubectl."""


def scenario(row: Row) -> Callable[[Stage], None]:
    """The function that plays a row: of its name, in one of the scenario modules."""
    found = [getattr(module, row.name.replace("-", "_"), None) for module in _modules()]
    (one,) = [each for each in found if each is not None]
    return one  # type: ignore[no-any-return]


# What an operator puts in for the page's own example.
_CHOSEN = re.compile(r"(ENVIRONMENT|KUBE_CONTEXT|IMAGE_TAG|TO|SECRET_FILE|DOCKER_CONFIG_FILE)=\S+")
_NAMED = re.compile(r"\bN(ODE|AME)\b|\bnode-\d\b|\bprj-01(-\w+)?\b|\bobserver\b")
_CONTEXT = re.compile(r"--context \S+ |(?<= )-n \S+ ")


def _stands(command: str, page: str, pages: tuple[str, ...]) -> bool:
    called = next((word for word in command.split() if word.endswith(".sh")), "")
    return command.startswith("git commit") or called in pages or _plain(command) in _plain(page)


def _plain(text: str) -> str:
    text = _CONTEXT.sub("", " ".join(text.replace("\\\n", " ").split()))
    text = text.removesuffix(" --no-edit HEAD")
    return _NAMED.sub("NODE", _CHOSEN.sub(r"\1=*", text))


def _text(stage: Stage, row: Row) -> str:
    return "\n".join((stage.console.repository / each).read_text("utf-8") for each in row.pages)


@cache
def _modules() -> list[Any]:
    return [import_module(f"tests.operations.scenarios.{file.stem}") for file in sorted(SCENARIOS.glob("*.py"))]


@cache
def _table() -> dict[str, Any]:
    return dict(yaml.safe_load(Path(__file__).with_name("rows.yaml").read_text("utf-8")))


def _row(name: str, told: dict[str, Any]) -> Row:
    return Row(
        name=name,
        title={"ko": told["ko"], "en": told["en"]},
        state=told["state"],
        pages=tuple(told["pages"]),
        steps=told["steps"],
        lost=None if told["lost"] == "outage" else told["lost"],
        breach=tuple(
            Edit(each["in"], each["old"], each["new"], each.get("version", "")) for each in told.get("breach", ())
        ),
        slow=told.get("slow", False),
        worst=told.get("worst", False),
        leaves=told.get("leaves", ""),
    )
