"""One row of the table trigger by tag by result, executed: what differs from the row is returned, not raised."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from tests.release.runner import Runner
from tests.release.triggers import Event

ROWS: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "matrix.yaml").read_text("utf-8"))


def execute(row: Mapping[str, Any], runner: Runner) -> list[str]:
    """Deliver the row's event to a registry in the row's state; every difference from the row."""
    commits, registry, repository = runner.origin.commits, runner.door.registry, runner.repository
    for tag, commit in row.get("published", {}).items():
        registry.push(repository, tag.format(**commits), f"built from {commit}")
    before = {tag: registry.digest(repository, tag) for tag in registry.tags(repository)}
    fault = row.get("fault")
    if fault:
        path = f"/v2/{repository}/manifests/{fault['tag']}"
        runner.door.fault = lambda method, asked: (
            fault["status"] if (method, asked) == (fault["method"], path) else None
        )
    runner.failing = row.get("failing", runner.failing)

    event = Event(**{**row["event"], "commit": commits[row["event"]["commit"]]})
    ended = runner.deliver(event)
    jobs = {f"{job.workflow}/{job.id}": job.result for job in ended}

    after = {tag: registry.digest(repository, tag) for tag in registry.tags(repository)}
    expected = {row["publishes"].format(**commits)} if "publishes" in row else set()
    moved = [tag for tag in before if after[tag] != before[tag]]
    differences = [] if jobs == row["jobs"] else [f"jobs ended {jobs}"]
    differences += [] if set(after) - set(before) == expected else [f"new tags {sorted(set(after) - set(before))}"]
    differences += (
        [] if any(row.get("says", "") in job.log for job in ended) or not jobs else ["the reason is not said"]
    )
    return differences + [f"{tag} moved" for tag in moved]


def race(runner: Runner) -> list[str]:
    """Release one version from two commits at once; a difference unless one wins and the tag is written once."""
    commits, registry, repository = runner.origin.commits, runner.door.registry, runner.repository
    for name in ("before", "main"):
        registry.push(repository, f"sha-{commits[name]}", f"built from {name}")
    both_asked = threading.Barrier(2)

    def wait_for_the_other(method: str, path: str) -> None:
        if method == "GET" and path.endswith("/manifests/v1.2.3"):
            try:
                both_asked.wait(timeout=2)
            except threading.BrokenBarrierError:
                return

    runner.door.fault = wait_for_the_other
    ended: list[str] = []

    def release(commit: str) -> None:
        ended.extend(job.result for job in runner.deliver(Event("push", "refs/tags/v1.2.3", commit)))

    threads = [threading.Thread(target=release, args=[commits[name]]) for name in ("before", "main")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    writes = len([path for path in runner.door.writes if path.endswith("/v1.2.3")])
    differences = [] if writes == 1 else [f"v1.2.3 was written {writes} times"]
    return differences + ([] if sorted(ended) == ["failure", "success", "success", "success"] else [f"ended {ended}"])
