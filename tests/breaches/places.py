"""Which proofs judge what runs, told by where they stand, and what a breach of them costs."""

from __future__ import annotations

RUNNING = {
    "snippets/app/tests/integration/": 12,
    "snippets/app/tests/": 3,
    "snippets/observer/tests/e2e/": 20,
    "snippets/observer/tests/integration/": 12,
    "snippets/observer/tests/": 3,
    "tests/app/": 30,
    "tests/contract/test_kubelet.py": 15,
    "tests/deploy/test_alert": 15,
    "tests/deploy/test_monitoring.py": 8,
    "tests/deploy/test_scripts": 6,
    "tests/image/": 90,
    "tests/release/test_matrix.py": 2,
    "tests/release/test_registry.py": 2,
}
"""Proofs that run the app, or start processes, containers or images, by the beginning of their ids: too slow for every
breach in every run. Each with the seconds of one breach, that of the control included, on a quiet core."""


def runs(test: str) -> bool:
    """Whether a proof runs what it judges rather than reads it."""
    return cost(test) > 0


def cost(test: str) -> int:
    """About how many seconds a breach of a running proof takes; 0 for a proof that reads."""
    return next((seconds for place, seconds in RUNNING.items() if test.startswith(place)), 0)
