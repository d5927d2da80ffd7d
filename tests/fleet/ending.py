"""A judge that ends its process, in a module of its own: a new process imports it, and little else."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from apparch.fleet.model import Entry, Row

if TYPE_CHECKING:
    from apparch.fleet.judge import Measure
    from apparch.fleet.model import Contract
    from apparch.fleet.run import Task


def end_or_tell(task: Task, by: Measure) -> Row | Contract:
    """End the process over the repository `b`, as the system does when memory runs out."""
    assert isinstance(task, Entry)
    if task.name == "b":
        os._exit(9)
    return Row(task.name, task.place)
