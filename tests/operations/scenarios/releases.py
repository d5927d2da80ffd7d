"""Releases and the way back: deploy, migrate, roll back, restart, change a setting, scale."""

from __future__ import annotations

import subprocess

from tests.operations.stage import PRODUCTION, Stage, Unmet
from tests.operations.versions import GOOD, MIGRATES, MIGRATION_FAILS, MIGRATION_HANGS, NEXT

MIGRATION_SECONDS = 600


def deploy(stage: Stage) -> None:
    """The next version, while clients ask."""
    stage.running()
    with stage.clients():
        stage.release(NEXT)
        stage.apply()
        stage.runs(NEXT)


def same_again(stage: Stage) -> None:
    """What is deployed already, once more: every object stays as it is, and no pod is replaced."""
    stage.running()
    before = stage.pods()
    with stage.clients():
        done = stage.apply()
        stage.runs(GOOD)
    # kubectl sends the selector of a PodDisruptionBudget each time, whose strategy for patches is replace.
    lines = [line for line in done.out.splitlines() if not line.startswith("poddisruptionbudget.")]
    changed = [line for line in lines if line.endswith(" configured")]
    stage.demand(changed == [], f"it says of what is the same: {changed}")
    stage.demand(stage.pods() == before, "pods were replaced")


def set_tag_refuses(stage: Stage) -> None:
    """What is not immutable, and a candidate in production: one line, and no file is changed."""
    stage.console.fresh()
    stage.loads.clear()
    for tag, why in (
        ("latest", "is no immutable tag"),
        ("v1.4", "is no immutable tag"),
        ("v1.5.0-rc.1", "is a release candidate"),
    ):
        done = stage.refused(f"ENVIRONMENT=production IMAGE_TAG={tag} _shared/scripts/deploy/set-tag.sh", why)
        stage.demand(done.err.count("\n") == 1, f"more than a line:\n{done}")
    stage.refused("ENVIRONMENT=prod IMAGE_TAG=v1.5.0 _shared/scripts/deploy/set-tag.sh", "no overlay")
    stage.demand(stage.console.git("status", "--porcelain") == "", "a file was changed")


def migration(stage: Stage) -> None:
    """A version that expands the schema: the old pods serve on it until they go."""
    stage.running()
    with stage.clients():
        stage.release(MIGRATES)
        stage.apply()
        stage.runs(MIGRATES)
    stage.demand(stage.schema() == "0002", f"the schema is at {stage.schema()}")


def migration_fails(stage: Stage) -> None:
    """The deploy ends with the migration's own words, and nothing else has changed."""
    stage.running()
    before, pods = stage.variable("LOG_LEVEL"), stage.pods()
    with stage.clients():
        stage.console.edit("k8s/overlays/production/patches/config.env", r"\Z", "LOG_LEVEL=WARNING\n")
        stage.release(MIGRATION_FAILS)
        stage.refused(_APPLY, r"nowhere.{1,3}does not exist")
    stage.runs(GOOD)
    stage.demand(stage.schema() == "0001", f"the schema is at {stage.schema()}")
    stage.demand(stage.variable("LOG_LEVEL") == before, "a setting of the failed release is live")
    stage.demand(stage.pods() == pods, "pods were replaced")
    _survives_a_crash(stage, before)


def migration_hangs(stage: Stage) -> None:
    """The Job's own deadline ends it; the page promises the reason."""
    stage.running()
    with stage.clients():
        stage.release(MIGRATION_HANGS)
        stage.console.steps.append(_APPLY)
        applying = stage.console.begin(_APPLY)
        try:
            stage.until(lambda: stage.cluster.pods(PRODUCTION, app="app-migrate"), "the migration's pod")
            stage.until(lambda: "pg_sleep" in stage.backing.activity(), "the migration's query")
            stage.cluster.clock.skip(MIGRATION_SECONDS)
            out, err = applying.communicate(timeout=stage.cluster.patience)
        except subprocess.TimeoutExpired as error:
            raise Unmet("the deploy goes on after the migration's deadline") from error
        finally:
            applying.kill()
    stage.demand(applying.returncode != 0, f"it is told as a success:\n{out}{err}")
    stage.demand("DeadlineExceeded" in err, f"it does not say why:\n{out}{err}")
    stage.until(lambda: "pg_sleep" not in stage.backing.activity(), "the end of the query, and of the lock it holds")
    stage.runs(GOOD)


def rollback(stage: Stage) -> None:
    """Back to the version before at once, with the settings that it had."""
    stage.running()
    before = stage.variable("LOG_LEVEL")
    with stage.clients():
        stage.console.edit("k8s/overlays/production/patches/config.env", r"\Z", "LOG_LEVEL=WARNING\n")
        stage.release(NEXT)
        stage.apply()
        stage.sh(f"ENVIRONMENT=production KUBE_CONTEXT=production TO={GOOD} _shared/scripts/deploy/rollback.sh")
        stage.runs(GOOD)
    stage.demand(stage.variable("LOG_LEVEL") == before, f"the pods have {stage.variable('LOG_LEVEL')}")


def rollback_twice(stage: Stage) -> None:
    """Whoever types it again is where the first time led."""
    rollback(stage)
    stage.sh(f"ENVIRONMENT=production KUBE_CONTEXT=production TO={GOOD} _shared/scripts/deploy/rollback.sh")
    stage.runs(GOOD)


def revert_over_a_migration(stage: Stage) -> None:
    """The commit is reverted and applied: the old version runs on the newer schema."""
    stage.running()
    with stage.clients():
        stage.release(MIGRATES)
        stage.apply()
        stage.sh("git revert --no-edit HEAD")
        stage.apply()
        stage.runs(GOOD)
    stage.demand(stage.schema() == "0002", f"the schema is at {stage.schema()}, which the revert does not undo")


def restart(stage: Stage) -> None:
    """Every pod anew, one after the other."""
    stage.running()
    before = stage.pods()
    with stage.clients():
        stage.sh("ENVIRONMENT=production KUBE_CONTEXT=production _shared/scripts/deploy/restart.sh")
        stage.runs(GOOD)
    stage.demand(not before & stage.pods(), "a pod of before still serves")


def setting(stage: Stage) -> None:
    """A setting alone: the pods that serve have it."""
    stage.running()
    with stage.clients():
        stage.console.edit("k8s/overlays/production/patches/config.env", r"\Z", "LOG_LEVEL=WARNING\n")
        stage.console.commit("log less")
        stage.apply()
        stage.runs(GOOD)
    stage.demand(stage.variable("LOG_LEVEL") == {"WARNING"}, f"the pods have {stage.variable('LOG_LEVEL')}")


def scale(stage: Stage) -> None:
    """More pods by a commit."""
    stage.running()
    with stage.clients():
        stage.console.edit("k8s/overlays/production/patches/replicas.yaml", r"replicas: 3", "replicas: 4")
        stage.console.commit("four pods")
        stage.apply()
        stage.runs(GOOD)
    stage.demand(len(stage.pods()) == 4, f"{len(stage.pods())} pods serve")


_APPLY = "ENVIRONMENT=production KUBE_CONTEXT=production _shared/scripts/deploy/apply.sh"


def _survives_a_crash(stage: Stage, level: set[str]) -> None:
    # A container that starts anew reads its settings anew: those of a failed release must not be what it finds.
    life = next(each for node in stage.cluster.nodes.values() for each in node.pods if each.serving)
    stage.demand(life.process is not None, "no process")
    if life.process:
        life.process.kill()
    stage.until(lambda: stage.complete() and life.serving, "the crashed container's return")
    stage.demand(
        stage.variable("LOG_LEVEL") == level, "a container that crashed came back with the failed release's settings"
    )
