"""The versions of the app that operators meet: good ones, and one for each way in which a release can be bad."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.cluster.nodes import images
from tests.cluster.nodes.images import Image
from tests.kube import ROOT

REPOSITORY = "ghcr.io/org/app"
OLDER, GOOD, NEXT = "v1.4.1", "v1.4.2", "v1.4.3"
MIGRATES, MIGRATION_FAILS, MIGRATION_HANGS, CONTRACTS = "v1.5.0", "v1.5.1", "v1.5.2", "v1.5.3"
CRASHES, NEVER_READY, HUNGRY, NOWHERE = "v1.6.0", "v1.6.1", "v1.6.2", "v1.6.9"
REPORTS = "v1.7.0"
_WALK = ROOT / "snippets/walks/scheduled-batch"
CRONJOB = _WALK / "2-cronjob.diff"
"""What a page adds to the Deploy repo, so that version v1.7.0 reports every night."""

_REVISION = '''"""{title}"""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.execute("{statement}")
'''
_START = "    return run(settings)"
_HUNGER = """    ballast = bytearray(320 * 2**20)
    ballast[:: 4096] = b"1" * len(ballast[:: 4096])
    return run(settings)"""


@dataclass(frozen=True)
class Version:
    """How a version differs from the app's sources."""

    edits: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)


def _migration(title: str, statement: str) -> Version:
    return Version(files={"migrations/versions/0002_next.py": _REVISION.format(title=title, statement=statement)})


def _added(diff: Path, file: str) -> str:
    """The text of a file that a diff adds; the context of no other file may follow it."""
    lines = diff.read_text("utf-8").partition(f"+++ b/{file}\n")[2].splitlines()[1:]
    return "".join(f"{line[1:]}\n" for line in lines)


VERSIONS = {
    OLDER: Version(),
    GOOD: Version(),
    NEXT: Version(),
    # Expand: the version before goes on working on the new schema.
    MIGRATES: _migration("A column that old code does not know.", "ALTER TABLE orders ADD COLUMN note text"),
    MIGRATION_FAILS: _migration("A table that is not there.", "ALTER TABLE nowhere ADD COLUMN note text"),
    MIGRATION_HANGS: _migration("It never ends.", "SELECT pg_sleep(86400)"),
    CRASHES: Version({"src/app/__main__.py": (_START, "    raise SystemExit('this version cannot start')")}),
    NEVER_READY: Version({"src/app/health.py": ("    up = all(", "    up = not all(")}),
    HUNGRY: Version({"src/app/__main__.py": (_START, _HUNGER)}),
    REPORTS: Version(files={"src/app/report.py": _added(_WALK / "1-batch.diff", "src/app/report.py")}),
}


def catalogue(directory: Path) -> dict[str, Image]:
    """Every version as an image, by its tag; what is not among them cannot be pulled."""
    return {
        tag: images.app(images.version(directory / tag, version.edits, version.files))
        for tag, version in VERSIONS.items()
    }
