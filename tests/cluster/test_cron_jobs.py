"""A CronJob on the stand-in: when it runs, what it does about failures and about itself, and what it keeps."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from tests.cluster.clock import read
from tests.cluster.cluster import Cluster
from tests.cluster.controllers.cronjobs import SCHEDULED, latest
from tests.cluster.nodes import images
from tests.cluster.objects import Object, is_true, name, owned_by

# One worker starts one cluster.
pytestmark = pytest.mark.xdist_group("cron-jobs")
FIVE_MINUTES = 300.0
HOME = "default"


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """One node, whose clock the tests move."""
    with Cluster(nodes=("node-1",)) as made:
        yield made


@pytest.fixture
def cron(cluster: Cluster, request: pytest.FixtureRequest) -> Iterator[Cron]:
    """A CronJob for every fifth minute, gone with its Jobs after the test."""
    made = Cron(cluster, request.node.name.replace("_", "-")[-40:].strip("-"))
    yield made
    made.remove()


class Cron:
    """One CronJob and its Jobs."""

    def __init__(self, cluster: Cluster, called: str) -> None:
        self.cluster, self.name = cluster, called

    def make(self, program: str, **spec: Any) -> None:
        """Create it, with an image that runs a Python program.

        A minute's time has just come, so that the next does not come by itself while a test looks.
        """
        self.cluster.clock.skip(1 - self.cluster.clock.now().timestamp() % FIVE_MINUTES + FIVE_MINUTES)
        image = f"batch-{self.name}:1"
        self.cluster.registry.push(image, images.script(program))
        pod = {"restartPolicy": "Never", "containers": [{"name": "batch", "image": image}]}
        kept = {"successfulJobsHistoryLimit": 3, "failedJobsHistoryLimit": 1, "concurrencyPolicy": "Forbid"}
        template = {"spec": {"backoffLimit": spec.pop("backoffLimit", 2), "template": {"spec": pod}}}
        every = {"schedule": "*/5 * * * *", "jobTemplate": template}
        metadata = {"name": self.name, "namespace": HOME}
        thing = {"apiVersion": "batch/v1", "kind": "CronJob", "metadata": metadata, "spec": every | kept | spec}
        self.cluster.control.create("cronjobs.batch", thing)

    @property
    def thing(self) -> Object:
        """As it stands."""
        found = self.cluster.control.get("cronjobs.batch", HOME, self.name)
        assert found is not None
        return found

    @property
    def jobs(self) -> list[Object]:
        """Its Jobs, the oldest first."""
        found = owned_by(self.cluster.control.all("jobs.batch"), self.thing)
        return sorted(found, key=lambda job: str(job["metadata"]["annotations"][SCHEDULED]))

    def ended(self, kind: str) -> int:
        """How many of its Jobs are Complete, or Failed."""
        return sum(is_true(each, kind) for each in self.jobs)

    def pods(self, job: Object) -> int:
        """How often a Job was tried."""
        return len(owned_by(self.cluster.control.all("pods"), job))

    def told(self, reason: str) -> bool:
        """Whether an event of this reason is there."""
        events = self.cluster.control.all("events", HOME)
        return any((each["reason"], each["involvedObject"]["name"]) == (reason, self.name) for each in events)

    def remove(self) -> None:
        """Delete it and what it made."""
        for job in self.jobs:
            for pod in owned_by(self.cluster.control.all("pods"), job):
                self.cluster.control.delete("pods", pod, grace=0)
            self.cluster.control.delete("jobs.batch", job)
        self.cluster.control.delete("cronjobs.batch", self.thing)


def test_one_time_has_one_run(cron: Cron) -> None:
    """It begins when its minute has come, named by it, and no success runs again."""
    cron.make("print('done')")
    assert cron.jobs == []
    cron.cluster.clock.skip(FIVE_MINUTES)
    cron.cluster.until(lambda: cron.ended("Complete") == 1, "the run")
    (job,) = cron.jobs
    minute = read(job["metadata"]["annotations"][SCHEDULED])
    assert (name(job), minute.minute % 5) == (f"{cron.name}-{int(minute.timestamp()) // 60}", 0)
    cron.cluster.until(lambda: cron.thing["status"].get("lastSuccessfulTime"), "its status")
    assert ("active" in cron.thing["status"], len(cron.jobs), cron.pods(job)) == (False, 1, 1)


def test_a_failure_is_retried_as_often_as_it_says(cron: Cron, tmp_path: Path) -> None:
    """The third try succeeds, so that the run is Complete."""
    tries = tmp_path / "tries"
    cron.make(f"tries = open({str(tries)!r}, 'a+'); tries.write('x'); raise SystemExit(tries.tell() < 3)")
    cron.cluster.clock.skip(FIVE_MINUTES)
    cron.cluster.until(lambda: cron.ended("Complete") == 1, "the third try")
    assert (tries.read_text(), cron.pods(cron.jobs[0])) == ("xxx", 3)


def test_a_run_that_goes_on_failing_is_told_as_failed(cron: Cron) -> None:
    """After its retries; the next time begins anew."""
    cron.make("raise SystemExit(1)", backoffLimit=1)
    cron.cluster.clock.skip(FIVE_MINUTES)
    cron.cluster.until(lambda: cron.ended("Failed") == 1, "the end of the retries")
    assert cron.pods(cron.jobs[0]) == 2
    first = name(cron.jobs[0])
    cron.cluster.clock.skip(FIVE_MINUTES)
    cron.cluster.until(lambda: cron.ended("Failed") == 1 and name(cron.jobs[0]) != first, "the next time")


def test_no_run_begins_beside_another(cron: Cron, tmp_path: Path) -> None:
    """The time that came meanwhile is made up for once the run has ended."""
    go = tmp_path / "go"
    cron.make(f"import os, time\nwhile not os.path.exists({str(go)!r}): time.sleep(0.02)")
    cron.cluster.clock.skip(FIVE_MINUTES)
    cron.cluster.until(lambda: len(cron.jobs) == 1, "the first run")
    cron.cluster.clock.skip(FIVE_MINUTES)
    cron.cluster.until(lambda: cron.told("JobAlreadyActive"), "the second time")
    assert len(cron.jobs) == 1
    go.touch()
    cron.cluster.until(lambda: cron.ended("Complete") == 2, "the second run")


def test_a_time_that_is_long_over_is_not_made_up_for(cron: Cron, tmp_path: Path) -> None:
    """With startingDeadlineSeconds, a run that kept others waiting takes nobody's place later."""
    go = tmp_path / "go"
    program = f"import os, time\nwhile not os.path.exists({str(go)!r}): time.sleep(0.02)"
    cron.make(program, schedule="0 * * * *", startingDeadlineSeconds=200)
    cron.cluster.clock.skip(3600 - cron.cluster.clock.now().timestamp() % 3600)
    cron.cluster.until(lambda: len(cron.jobs) == 1, "the first run")
    cron.cluster.clock.skip(3600 + FIVE_MINUTES)
    go.touch()
    cron.cluster.until(lambda: cron.ended("Complete") == 1 and cron.told("MissSchedule"), "the missed time")
    assert len(cron.jobs) == 1


def test_it_keeps_the_newest_runs(cron: Cron) -> None:
    """As many as it says; older ones go with their pods."""
    cron.make("print('done')", successfulJobsHistoryLimit=2)
    seen: list[str] = []
    for _ in range(3):
        cron.cluster.clock.skip(FIVE_MINUTES)
        cron.cluster.until(
            lambda: cron.jobs and name(cron.jobs[-1]) not in seen and is_true(cron.jobs[-1], "Complete"), "a run"
        )
        seen.append(name(cron.jobs[-1]))
    cron.cluster.until(lambda: len(cron.jobs) == 2, "the end of the oldest")
    assert [name(each) for each in cron.jobs] == seen[1:]


def test_replace_ends_the_run_that_is_there(cron: Cron) -> None:
    """The newest time counts."""
    cron.make("import time; time.sleep(600)", concurrencyPolicy="Replace")
    cron.cluster.clock.skip(FIVE_MINUTES)
    cron.cluster.until(lambda: len(cron.jobs) == 1, "the first run")
    first = name(cron.jobs[0])
    cron.cluster.clock.skip(FIVE_MINUTES)
    cron.cluster.until(lambda: [name(each) for each in cron.jobs if name(each) != first], "the second run")
    cron.cluster.until(lambda: len(cron.jobs) == 1, "the end of the first")


def test_suspended_it_starts_nothing(cron: Cron) -> None:
    """Another one of the same schedule has run meanwhile."""
    cron.make("print('done')", suspend=True)
    other = Cron(cron.cluster, "witness")
    other.make("print('done')")
    cron.cluster.clock.skip(FIVE_MINUTES)
    cron.cluster.until(lambda: other.ended("Complete") == 1, "the run of the other")
    assert cron.jobs == []
    other.remove()


@pytest.mark.parametrize(
    ("schedule", "zone", "expected"),
    [
        ("0 3 * * *", "UTC", "2026-11-27T03:00:00Z"),
        ("0 3 * * *", "Asia/Seoul", "2026-11-26T18:00:00Z"),
        ("*/20 8-10 * * *", "UTC", "2026-11-27T10:40:00Z"),
        ("30 1,2 * * 1-4", "UTC", "2026-11-26T02:30:00Z"),
        ("0 0 * * 7", "UTC", "2026-11-22T00:00:00Z"),
        ("0 0 25 * 0", "UTC", "2026-11-25T00:00:00Z"),
        ("0 0 1 12 *", "UTC", None),
    ],
)
def test_the_time_of_a_schedule(schedule: str, zone: str, expected: str | None) -> None:
    """The last one of the ten days before a Friday at noon; a date and a weekday together mean either."""
    found = latest(schedule, zone, moment("2026-11-17T12:00:00Z"), moment("2026-11-27T12:00:30Z"))
    assert found == (moment(expected) if expected else None)


def moment(text: str) -> datetime:
    """A time, as objects write it."""
    return read(text)
