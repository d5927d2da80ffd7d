"""Which proofs judge what runs, told by where they stand."""

from __future__ import annotations

RUNNING = (
    "snippets/app/tests/integration/",
    "tests/app/",
    "tests/contract/test_kubelet.py",
    "tests/deploy/test_monitoring.py",
    "tests/deploy/test_scripts",
    "tests/image/",
    "tests/release/test_matrix.py",
    "tests/release/test_registry.py",
)
"""Proofs that start processes, containers or images: too slow for every breach in every run."""


def runs(test: str) -> bool:
    """Whether a proof starts what it judges rather than reads it."""
    return test.startswith(RUNNING)
