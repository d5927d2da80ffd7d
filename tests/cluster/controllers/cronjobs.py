"""The CronJob controller: a Job for each time of a schedule, none beside another if so asked, the last few kept."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from tests.cluster.clock import read, write
from tests.cluster.control import Control
from tests.cluster.controllers.jobs import ended
from tests.cluster.objects import Object, deleting, is_true, name, namespace, owned_by, reference_to, uid
from tests.cluster.store import copy

SCHEDULED = "batch.kubernetes.io/cronjob-scheduled-timestamp"
_MINUTE = timedelta(minutes=1)
_BOUNDS = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))


def reconcile(control: Control) -> None:
    """Start what is due of every CronJob, and take away what it does not keep."""
    jobs = control.all("jobs.batch")
    for each in control.all("cronjobs.batch"):
        if not deleting(each):
            own = owned_by(jobs, each)
            _forget(control, each, own)
            _start_due(control, each, own)


def latest(schedule: str, zone: str, after: datetime, until: datetime) -> datetime | None:
    """The last time of a schedule that is later than one moment and not later than another; None without one."""
    minute = until.replace(second=0, microsecond=0)
    while minute > after:
        if _due(schedule, minute.astimezone(ZoneInfo(zone))):
            return minute
        minute -= _MINUTE
    return None


def _start_due(control: Control, cron: Object, jobs: list[Object]) -> None:
    spec, before = cron["spec"], cron.get("status") or {}
    active = [each for each in jobs if not ended(each)]
    status = copy(before)
    for each in before.get("active") or []:
        job = next((found for found in jobs if uid(found) == each["uid"]), None)
        if job is not None and ended(job):
            kind = "Complete" if is_true(job, "Complete") else "Failed"
            control.event(cron, "SawCompletedJob", f"Saw completed job: {name(job)}, condition: {kind}")
            if kind == "Complete":
                status["lastSuccessfulTime"] = job["status"]["completionTime"]
    since = read(before.get("lastScheduleTime") or cron["metadata"]["creationTimestamp"])
    due = (
        None
        if spec.get("suspend")
        else latest(spec["schedule"], spec.get("timeZone") or "UTC", since, control.clock.now())
    )
    if due is not None and _may_start(control, cron, due, active):
        made = control.create("jobs.batch", _job(cron, due), cron)
        if made is not None:
            control.event(cron, "SuccessfulCreate", f"Created job {name(made)}")
            active, status["lastScheduleTime"] = [*active, made], write(due)
    status["active"] = [_reference(each) for each in active]
    if not active:
        del status["active"]
    if status != before:
        control.status("cronjobs.batch", cron, lambda thing: thing.update(status=status))


def _may_start(control: Control, cron: Object, due: datetime, active: list[Object]) -> bool:
    """Whether a time that has come is to be answered; those that still run may have to make room."""
    spec = cron["spec"]
    deadline = spec.get("startingDeadlineSeconds")
    if deadline is not None and control.clock.since(write(due)) > deadline:
        control.event(cron, "MissSchedule", f"Missed scheduled time to start a job: {write(due)}", warning=True)
        return False
    if active and spec["concurrencyPolicy"] == "Forbid":
        text = "Not starting job because prior execution is running and concurrency policy is Forbid"
        control.event(cron, "JobAlreadyActive", text)
        return False
    if spec["concurrencyPolicy"] == "Replace":
        while active:
            old = active.pop()
            control.delete("jobs.batch", old)
            control.event(cron, "SuccessfulDelete", f"Deleted job {name(old)}")
    return True


def _job(cron: Object, due: datetime) -> Object:
    template = copy(cron["spec"]["jobTemplate"])
    metadata = template.get("metadata") or {}
    kept = {"labels": metadata.get("labels") or {}}
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": kept
        | {
            # By its time, so that one time has one Job, however often it is looked at.
            "name": f"{name(cron)}-{int(due.timestamp()) // 60}",
            "namespace": namespace(cron),
            "annotations": (metadata.get("annotations") or {}) | {SCHEDULED: write(due)},
            "ownerReferences": [reference_to(cron)],
        },
        "spec": template["spec"],
    }


def _forget(control: Control, cron: Object, jobs: list[Object]) -> None:
    """Delete the oldest of what has ended, beyond what is to be kept of each kind."""
    for kind, field in (("Complete", "successfulJobsHistoryLimit"), ("Failed", "failedJobsHistoryLimit")):
        found = sorted((each for each in jobs if is_true(each, kind)), key=lambda job: str(job["status"]["startTime"]))
        for job in found[: max(len(found) - int(cron["spec"][field]), 0)]:
            control.delete("jobs.batch", job)
            control.event(cron, "SuccessfulDelete", f"Deleted job {name(job)}")


def _reference(job: Object) -> Object:
    return {"apiVersion": "batch/v1", "kind": "Job", "name": name(job), "namespace": namespace(job), "uid": uid(job)}


def _due(schedule: str, moment: datetime) -> bool:
    minutes, hours, days, months, weekdays = _fields(schedule)
    if moment.minute not in minutes or moment.hour not in hours or moment.month not in months:
        return False
    by_date, by_weekday = moment.day in days, moment.isoweekday() % 7 in weekdays
    written = schedule.split()
    # Where both are restricted, either is enough.
    either = not written[2].startswith("*") and not written[4].startswith("*")
    return by_date or by_weekday if either else by_date and by_weekday


@lru_cache(maxsize=64)
def _fields(schedule: str) -> tuple[frozenset[int], ...]:
    return tuple(
        frozenset(
            number % 7 if high == 7 else number for part in field.split(",") for number in _numbers(part, low, high)
        )
        for field, (low, high) in zip(schedule.split(), _BOUNDS, strict=True)
    )


def _numbers(part: str, low: int, high: int) -> range:
    span, _, step = part.partition("/")
    first, _, last = span.partition("-")
    if span == "*":
        return range(low, high + 1, int(step or 1))
    end = int(last) if last else high if step else int(first)
    return range(int(first), end + 1, int(step or 1))
