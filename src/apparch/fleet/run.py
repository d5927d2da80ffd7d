"""The run over a fleet: every repository and every pair judged, in several processes, told in one order."""

from __future__ import annotations

import multiprocessing
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from typing import TypeAlias

from apparch.catalogue.model import Text
from apparch.fleet.inventory import pairs
from apparch.fleet.judge import Measure, compared, failed, judged
from apparch.fleet.model import Contract, Entry, Fleet, Row

Task: TypeAlias = "Entry | tuple[Entry, Entry]"
Judge: TypeAlias = Callable[["Task", Measure], "Row | Contract"]


def run(
    entries: Sequence[Entry],
    by: Measure,
    *,
    partners: Iterable[Entry] = (),
    jobs: int = 1,
    progress: Callable[[int, int, str], None] = lambda done, of, name: None,
) -> Fleet:
    """Judge every repository.

    Args:
        entries: The repositories that get a row.
        by: What they are measured by.
        partners: All that the list has, where only a part of it gets a row.
        jobs: How many processes judge at once; one is this process.
        progress: Told how many tasks are done, how many there are, and of whom the last one was; the name is empty
            at the end.
    """
    names = {each.name for each in entries}
    both = [pair for pair in pairs((*entries, *partners)) if names & {each.name for each in pair}]
    tasks: list[Task] = [*sorted(entries, key=lambda each: _order(each.name)), *both]
    rows: list[Row] = []
    contracts: dict[str, list[Contract]] = defaultdict(list)
    for done, (task, result) in enumerate(zip(tasks, _results(tasks, by, jobs), strict=True), 1):
        if isinstance(result, Row):
            rows.append(result)
        elif not isinstance(task, Entry):
            one, other = task
            contracts[one.name].append(replace(result, partner=other.name))
            if one != other:
                contracts[other.name].append(replace(result, partner=one.name))
        progress(done, len(tasks), _name(task))
    progress(len(tasks), len(tasks), "")
    told = [replace(row, contracts=tuple(contracts[row.name])) for row in rows]
    return Fleet(tuple(told), by.versions, by.today)


def with_rows(by: Measure, rows: Iterable[Row]) -> Fleet:
    """A fleet of rows that were made elsewhere, in the order of their names."""
    return Fleet(tuple(sorted(rows, key=lambda each: _order(each.name))), by.versions, by.today)


def judge(task: Task, by: Measure) -> Row | Contract:
    """What a process does of the run."""
    return judged(task, by) if isinstance(task, Entry) else compared(*task)


def _results(tasks: Sequence[Task], by: Measure, jobs: int, do: Judge = judge) -> Iterator[Row | Contract]:
    """The results in the order of the tasks."""
    if jobs <= 1 or len(tasks) <= 1:
        yield from (do(each, by) for each in tasks)
        return
    done = 0
    try:
        # Started anew and not forked: the same on every system, whatever threads the caller has.
        with ProcessPoolExecutor(min(jobs, len(tasks)), multiprocessing.get_context("spawn")) as pool:
            for future in [pool.submit(do, each, by) for each in tasks]:
                yield future.result()
                done += 1
    except BrokenProcessPool:
        for each in tasks[done:]:
            yield _alone(each, by, do)


def _alone(task: Task, by: Measure, do: Judge) -> Row | Contract:
    """One task in a process of its own: some task ends the process that it runs in, and only that one is lost."""
    try:
        with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
            return pool.submit(do, task, by).result()
    except BrokenProcessPool:
        if isinstance(task, Entry):
            return failed(task, "its process was ended, perhaps for want of memory")
        reason = Text(ko="견주던 프로세스가 끝났다", en="the process that compared them was ended")
        return Contract(task[1].name, "unknown", reason=reason)


def _name(task: Task) -> str:
    return task.name if isinstance(task, Entry) else " + ".join(each.name for each in task)


def _order(name: str) -> tuple[list[str | int], str]:
    """As people count: 2 before 10."""
    parts = re.split(r"([0-9]+)", name.casefold())
    return [int(part) if at % 2 else part for at, part in enumerate(parts)], name
