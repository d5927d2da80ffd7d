"""The judge of SQL in a Deploy repo: OWN026."""

from __future__ import annotations

import re
from collections.abc import Iterator

from apparch.checks._deploy import finding, of_kind, untold
from apparch.deploy.repo import DeployRepo
from apparch.finding import Answer
from apparch.repository import Place
from apparch.repository.kustomize.objects import kind, name
from apparch.repository.roles import role

SQL = re.compile(
    r"\b(?:CREATE\s+(?:UNIQUE\s+)?(?:TABLE|INDEX|SCHEMA|EXTENSION|DATABASE|ROLE|USER)\s+\w|ALTER\s+(?:TABLE|ROLE|USER)\s+\w"
    r"|DROP\s+(?:TABLE|DATABASE|SCHEMA)\s+\w|INSERT\s+INTO\s+\w|DELETE\s+FROM\s+\w|GRANT\s+\w+[^;\n]*\s+TO\s+\w|UPDATE\s+\w+\s+SET\s)",
)
"""Statements that change a database, in capitals as SQL in manifests is; an exporter only queries."""


def own026(deploy: DeployRepo) -> Iterator[Answer]:
    """No SQL, neither in files nor inside manifests."""
    for path in deploy.files:
        if path.endswith(".sql") and role(path) == "product":
            yield finding("OWN026", Place(path), "Deploy 레포에 SQL 파일이 있다", "the Deploy repo holds a file of SQL")
    for each in of_kind(deploy, "ConfigMap", "Job", "CronJob"):
        if each.system:
            continue
        for below in each.node.at("data" if kind(each.node) == "ConfigMap" else "spec").walk():
            match = SQL.search(below.text or "") if not below.place.path.endswith(".sql") else None
            if match:
                said = " ".join(match[0].split()[:2])
                yield finding(
                    "OWN026",
                    below.spot(match.start(), match.end()),
                    f"{kind(each.node)} {name(each.node)} 안에 SQL이 있다: {said}",
                    f"the {kind(each.node)} {name(each.node)} holds SQL: {said}",
                )
    yield from untold(deploy, "OWN026")
