"""A small fleet that the forms are tried with: one repository of each kind of trouble, with texts that mean harm."""

from __future__ import annotations

import datetime
from pathlib import Path

from tests.fleet.fifty import VERSIONS

from apparch.catalogue.model import Text
from apparch.fleet.model import Contract, Count, Declined, Diverged, Fleet, Row, TemplateState, Update, Waived
from apparch.template.versions import read_versions

TODAY = datetime.date(2026, 11, 27)
HARM = "<img src=x onerror=alert(1)>|`x`\n@team"
"""What a stranger may have called something."""

ORDERS = Row(
    "orders",
    "repos/orders",
    kind="app",
    counts=(Count("IMG015", "MUST", 2), Count("WFL012", "SHOULD", 0, 1), Count("WAIVER", "MUST", 1)),
    waivers=(
        Waived("WFL012", "release.yml", "ops", HARM, datetime.date(2027, 1, 31)),
        Waived("IMG001", "x", "ops", "moved", datetime.date(2026, 1, 31)),
    ),
    template=TemplateState(
        "behind",
        "https://git.example/t",
        "1.0.0",
        2,
        ("pinned-base",),
        ("shorter-notes",),
        (Declined("bytecode", "the image is small enough"),),
        (Diverged("docker/Dockerfile", "a base of our own", datetime.date(2027, 3, 31)),),
        datetime.date(2026, 9, 4),
    ),
    contracts=(Contract("orders-deploy", "breaks", 3, {"ENV011": 2, "TAG005": 1}),),
    update=Update("opened", "https://git.example/t/orders/pull/7"),
)
PAYMENTS = Row(
    HARM,
    "https://me:secret@git.example/payments",
    kind="deploy",
    template=TemplateState("unknown", "x", "main", reason=Text(ko="모른다", en="not a tag")),
    contracts=(Contract("gone", "unknown", reason=Text(ko="파일이 없다", en="no files")),),
    update=Update("failed", "javascript:alert(1)", HARM),
)
CLEAN = Row("tidy", "repos/tidy", kind="app", template=TemplateState("current", "https://git.example/t", "2.0.0"))
LOST = Row("lost", "repos/lost", unread=Text(ko="그런 폴더가 없다", en="there is no folder repos/lost"))


def small_fleet(folder: Path) -> Fleet:
    """These four."""
    (folder / "versions.yaml").write_text(VERSIONS, "utf-8")
    return Fleet((PAYMENTS, LOST, ORDERS, CLEAN), read_versions(folder), TODAY)
