"""The judge of what tests depend on: DIR011."""

from __future__ import annotations

import re
from collections.abc import Iterator

from apparch.app.ci import all_acts
from apparch.app.repo import AppRepo
from apparch.checks._shared import finding
from apparch.finding import Answer
from apparch.repository import Problem
from apparch.repository.workflow import embedded, names

_OF_AN_ENVIRONMENT = re.compile(r"(?:.*_)?(?:STAGING|STG|PROD|PRODUCTION|LIVE)(?:_.*)?", re.IGNORECASE)
_SERVICE = re.compile(r".*(?:URL|URI|HOST|DSN|ENDPOINT|PASSWORD|DATABASE|DB|REDIS|TOKEN|KEY).*", re.IGNORECASE)


def dir011(app: AppRepo) -> Iterator[Answer]:
    """No test is given the address or password of an environment's service."""
    for each in all_acts(app.root):
        if each.meaning != "test" or each.job.environment:
            continue
        for node in each.step.environment.values():
            for part in embedded(node):
                if isinstance(part.expression, Problem):
                    continue
                for path in names(part.expression):
                    if path[0] in ("secrets", "vars") and len(path) > 1 and _is_of_one(str(path[1])):
                        yield finding(
                            "DIR011",
                            part.place,
                            f"시험이 환경의 서비스를 쓴다: {path[1]}",
                            f"the tests use a service of an environment: {path[1]}",
                        )


def _is_of_one(name: str) -> bool:
    return bool(_OF_AN_ENVIRONMENT.fullmatch(name) and _SERVICE.fullmatch(name))
