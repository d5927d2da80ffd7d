"""Every row of the table trigger by tag by result is executed: the workflows run, and the registry is asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from tests.release.repository import app_files
from tests.release.rows import ROWS, execute, race
from tests.release.runner import MakeRunner, Runner
from tests.release.triggers import Event

# The rules that a row proves, because it turns red without them.
RULES = {
    "main-push": ("IMG003", "IMG004", "IMG006", "OWN002", "WFL005"),
    "main-rerun": ("IMG003",),
    "main-broken": ("WFL005",),
    "pull-request": ("WFL002", "WFL003", "WFL004"),
    "fork-pull-request": ("WFL004", "WFL007", "WFL009"),
    "release": ("IMG004", "IMG006", "IMG008", "IMG010", "OWN002", "WFL006", "WFL007"),
    "release-rerun": ("WFL015",),
    "release-moved": ("IMG002",),
    "release-unbuilt": ("IMG008",),
    "release-off-main": ("IMG010",),
    "no-version": ("IMG009",),
    "build-metadata": ("IMG009",),
    "registry-unsure": ("IMG002", "WFL011"),
    "registry-refuses": ("WFL011",),
    "registry-lies": ("WFL011",),
}
CASES = [
    pytest.param(row, id=row["id"], marks=[pytest.mark.rule(*RULES[row["id"]])] if row["id"] in RULES else [])
    for row in ROWS
]


@pytest.mark.parametrize("row", CASES)
def test_the_trigger_has_the_result_in_the_table(runner: Runner, row: Mapping[str, Any]) -> None:
    """The jobs end as the row says, the one tag it names appears, and every other tag stays where it was."""
    assert execute(row, runner) == []


@pytest.mark.rule("IMG002", "WFL010")
def test_two_releases_of_one_version_at_once_write_its_tag_once(runner: Runner) -> None:
    """The second waits for the first, finds the version taken and is refused."""
    assert race(runner) == []


@pytest.mark.rule("WFL010")
def test_without_the_queue_two_releases_would_both_write(mutated: MakeRunner) -> None:
    """The registry prevents nothing: this is why releases of one tag wait for each other."""
    files = app_files()
    path = ".github/workflows/release.yml"
    files[path] = files[path].replace("release-${{ github.ref }}", "release-${{ github.sha }}")
    assert "v1.2.3 was written 2 times" in race(mutated(files))


@pytest.mark.rule("WFL004")
@pytest.mark.parametrize("fork", [False, True], ids=["branch", "fork"])
def test_a_pull_request_builds_the_runtime_target_and_pushes_nothing(runner: Runner, fork: bool) -> None:
    """One build of docker/Dockerfile happens, with push switched off."""
    runner.deliver(Event("pull_request", "refs/pull/1/merge", runner.origin.commits["feature"], fork))
    assert [(build["file"], build["target"], build["push"]) for build in runner.builds] == [
        ("docker/Dockerfile", "runtime", "false")
    ]


@pytest.mark.rule("IMG008")
def test_a_release_gives_the_tested_digest_its_version_and_builds_nothing(runner: Runner) -> None:
    """After push to main and tag, both tags name one digest, and one build was made."""
    commit = runner.origin.commits["main"]
    runner.deliver(Event("push", "refs/heads/main", commit))
    runner.deliver(Event("push", "refs/tags/v1.2.3", commit))
    registry, repository = runner.door.registry, runner.repository
    assert registry.digest(repository, "v1.2.3") == registry.digest(repository, f"sha-{commit}") is not None
    assert len(runner.builds) == 1


@pytest.mark.rule("IMG008")
def test_a_release_without_its_own_image_is_refused_whatever_else_was_published(runner: Runner) -> None:
    """Other commits and versions are in the registry; none of them is given the new version."""
    registry, repository = runner.door.registry, runner.repository
    others = [f"sha-{runner.origin.commits['feature']}", "v1.0.0", "v1.2.2", "latest"]
    for tag in others:
        registry.push(repository, tag, f"content of {tag}")
    jobs = runner.deliver(Event("push", "refs/tags/v1.2.3", runner.origin.commits["main"]))
    assert "failure" in {job.result for job in jobs}
    assert registry.digest(repository, "v1.2.3") is None
