"""Work that runs at a set time, beside the app and from its image."""

from __future__ import annotations

from datetime import timedelta

from tests.cluster.objects import Object, is_true, owned_by
from tests.operations.stage import DATABASES, PRODUCTION, Stage
from tests.operations.versions import CRONJOB, REPORTS

NIGHT_HOUR = 18
"""When the report runs, in UTC."""
RETRIES = 2


def scheduled_batch(stage: Stage) -> None:
    """It runs once a night, is tried again when it fails, is told when it goes on failing, and the last are kept."""
    stage.running()
    with stage.clients():
        stage.console.git("apply", str(CRONJOB))
        stage.console.commit("a report every night")
        stage.release(REPORTS)
        stage.apply()
        stage.runs(REPORTS)
    stage.demand(stage.cluster.control.get("cronjobs.batch", PRODUCTION, "app-report"), "there is no CronJob")
    _night(stage)
    stage.until(lambda: _ended(stage, "Complete") == 1, "the first report")
    stage.demand(_tries(stage) == 1, f"it took {_tries(stage)} tries")
    _table(stage, "orders", "away")
    _night(stage)
    stage.until(lambda: len(_jobs(stage)) == 2 and _tries(stage) == 2, "a try that fails, and the next one")
    _table(stage, "away", "orders")
    stage.until(lambda: _ended(stage, "Complete") == 2, "the try that succeeds")
    _table(stage, "orders", "away")
    _night(stage)
    stage.until(lambda: _ended(stage, "Failed") == 1, "the end of all tries")
    stage.demand(_tries(stage) == RETRIES + 1, f"it was tried {_tries(stage)} times")
    _table(stage, "away", "orders")
    for _ in range(2):
        _another(stage)
    stage.until(lambda: (_ended(stage, "Complete"), _ended(stage, "Failed")) == (3, 1), "the end of the oldest report")
    stage.runs(REPORTS)


def _another(stage: Stage) -> None:
    """One more night, whose report is complete."""
    before = _newest(stage)
    _night(stage)
    stage.until(lambda: _newest(stage) != before and _done(stage), "the next night's report")


def _night(stage: Stage) -> None:
    now = stage.cluster.clock.now()
    night = now.replace(hour=NIGHT_HOUR, minute=0, second=0, microsecond=0)
    stage.cluster.clock.skip(((night - now) % timedelta(days=1)).total_seconds() + 1)


def _jobs(stage: Stage) -> list[Object]:
    cron = stage.cluster.control.get("cronjobs.batch", PRODUCTION, "app-report")
    assert cron is not None
    found = owned_by(stage.cluster.control.all("jobs.batch", PRODUCTION), cron)
    return sorted(found, key=lambda job: str(job["metadata"]["name"]))


def _newest(stage: Stage) -> str:
    return str(_jobs(stage)[-1]["metadata"]["name"])


def _ended(stage: Stage, kind: str) -> int:
    return sum(is_true(each, kind) for each in _jobs(stage))


def _done(stage: Stage) -> bool:
    return any(is_true(_jobs(stage)[-1], kind) for kind in ("Complete", "Failed"))


def _tries(stage: Stage) -> int:
    """How many pods the newest report has had."""
    return len(owned_by(stage.cluster.control.all("pods", PRODUCTION), _jobs(stage)[-1]))


def _table(stage: Stage, before: str, after: str) -> None:
    stage.backing.ask(DATABASES[PRODUCTION], f"ALTER TABLE {before} RENAME TO {after}")
