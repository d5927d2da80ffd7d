"""`./dev cluster-proof` confirms on the whole stand-in cluster, nodes included, what its pods show."""

from __future__ import annotations

from pathlib import Path

from tests.cluster.proof.__main__ import IMAGE
from tests.cluster.proof.model import Outcome, checks
from tests.cluster.proof.run import own_namespace, perform
from tests.cluster.proof.stand_in import stand_in

# Of each kind one: eviction, Jobs, rollouts, settings. `./dev bench cluster_proof` does all.
CHOSEN = ("eviction", "failed-job", "undo-twice", "missing-secret")


def test_pods_show_what_the_checks_ask(tmp_path: Path) -> None:
    """A budget holds, a failed Job is seen, undo comes and goes, a Secret is waited for."""
    with stand_in(tmp_path, IMAGE) as cluster:
        with own_namespace(cluster, lambda _: None) as inside:
            results = [perform(inside, each, IMAGE) for each in checks() if each.id in CHOSEN]
        left = cluster("get", "namespaces", "-l", "apparch-cluster-proof", "-o", "name").text
    told = [(each.check.id, each.outcome, each.why) for each in results]
    assert told == [(name, Outcome.PASSED, "") for name in CHOSEN]
    assert left == ""
