"""`./dev serve`: the site as soon as it is built and, beside it in one terminal, the proofs that run quickly."""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import signal
import socket
import sys
import time
from asyncio.subprocess import DEVNULL, PIPE, STDOUT, Process
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

from apparch.pages.proofs import PASSED, Proofs
from apparch.pages.proved.run_of_now import run_of_now

ADDRESS = "127.0.0.1:8000"
RECORD, QUICK = "build/proofs.json", "build/serve/proofs.json"
LOG = "build/serve.log"
"""Beside the record's folder: the site is built again whenever a file in that changes."""
PROVE = ("./dev", "test", "quick")
PATIENCE = 10.0
"""Seconds that a process has for ending by itself."""
SERVING = "Serving on http"
_PERCENT = re.compile(r"\[ *(\d+)%\]")
_WRONG = re.compile(r"(?:FAILED|ERROR) |.*\berror\b", re.I)


class Screen:
    """A terminal with lines that stay, and one below them that changes."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._live = stream.isatty()
        self._status = ""
        self._milestone = ""

    def line(self, text: str) -> None:
        """Write a line that stays."""
        self._stream.write(f"\r\x1b[K{text}\n{self._status}" if self._status else f"{text}\n")
        self._stream.flush()

    def status(self, text: str, milestone: str) -> None:
        """Change the line that changes; where there is no terminal, write it once for each milestone."""
        if self._live:
            self._status = text
            self._stream.write(f"\r\x1b[K{text}")
            self._stream.flush()
        elif milestone != self._milestone:
            self.line(text)
        self._milestone = milestone

    def settle(self, text: str) -> None:
        """End the line that changes with one that stays."""
        shown, self._status = bool(self._status), ""
        self.line(f"\r\x1b[K{text}" if shown else text)


@dataclass
class _Session:
    """What the site and the proofs share."""

    root: Path
    screen: Screen
    environ: dict[str, str]
    started: list[Process] = field(default_factory=list)
    shown: asyncio.Event = field(default_factory=asyncio.Event)


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until a signal; 1 where the address is taken or the site cannot be built, else 128 and its number."""
    parser = argparse.ArgumentParser(
        prog="./dev serve", description=__doc__, epilog="Every other option goes to `mkdocs serve`."
    )
    parser.add_argument("--no-proofs", action="store_true", help="show the site only, and prove nothing beside it")
    parser.add_argument("-a", "--dev-addr", default=ADDRESS, metavar="HOST:PORT", help=f"default: {ADDRESS}")
    options, others = parser.parse_known_args(arguments)
    fault = address_fault(options.dev_addr)
    if fault:
        print(fault, file=sys.stderr)
        return 1
    # A job in the background inherits that Ctrl-C is ignored, and would hand it on to what it starts.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    site = (sys.executable, "-m", "mkdocs", "serve", "--dev-addr", options.dev_addr, *others)
    return asyncio.run(_serve(site, Screen(sys.stdout), Path.cwd(), prove=not options.no_proofs))


def address_fault(address: str) -> str | None:
    """Why the site cannot be served at an address, in one line that says what to do; None where it can."""
    host, _, port = address.rpartition(":")
    if not host or not port.isdecimal():
        return f"--dev-addr: {address!r} is no address; write HOST:PORT, such as {ADDRESS}"
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host.strip("[]"), int(port)))
        except (OSError, OverflowError) as error:
            other = f"{host}:{min(int(port) + 1, 65535)}"
            said = getattr(error, "strerror", None) or error
            return f"{address} cannot be served at ({said}): end what uses it, or name another, --dev-addr {other}"
    return None


async def _serve(site: Sequence[str], screen: Screen, root: Path, *, prove: bool) -> int:
    """Run both until the site ends by itself or a signal comes; neither is left behind."""
    stopped: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, _stop, stopped, number)
    record = _record_of_these_files(root) if prove else None
    environ = dict(os.environ)
    if prove and record != RECORD:
        environ["APPARCH_PROOFS"] = QUICK
        if not record:
            root.joinpath(QUICK).unlink(missing_ok=True)
    session = _Session(root, screen, environ)
    tasks: list[asyncio.Task[int | None]] = [asyncio.create_task(_show(session, site))]
    if prove:
        tasks.append(asyncio.create_task(_prove(session, record)))
    try:
        either: tuple[asyncio.Future[Any], ...] = stopped, tasks[0]
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        if stopped.done():
            screen.settle(f"==> ending{' the site and the proofs' if len(session.started) > 1 else ''}")
    finally:
        await asyncio.gather(*(_end(process) for process in session.started))
        for task in tasks:
            task.cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
    if stopped.done():
        return stopped.result()
    return results[0] if isinstance(results[0], int) and results[0] else 1


def _stop(stopped: asyncio.Future[int], number: int) -> None:
    if not stopped.done():
        stopped.set_result(128 + number)


async def _show(session: _Session, command: Sequence[str]) -> int | None:
    """Serve the site; its exit code."""
    process = await _start(session, command)
    assert process.stdout is not None
    async for raw in process.stdout:
        line = raw.decode(errors="replace").rstrip()
        if line:
            session.screen.line(line)
        if SERVING in line:
            session.shown.set()
    return await process.wait()


async def _prove(session: _Session, record: str | None) -> None:
    """Run the quick proofs once the site is shown, unless a record of these very files is there."""
    root, screen = session.root, session.screen
    await session.shown.wait()
    if record:
        ended = Proofs.read(root / record).runs[-1].ended
        screen.line(f"==> proofs: {record} is of these very files ({ended}); it is shown, nothing runs again")
        return
    begun = time.monotonic()
    process = await _start(session, PROVE)
    assert process.stdout is not None
    wrong: list[str] = []
    doing, percent = "getting ready", 0
    file = root / LOG
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", encoding="utf-8") as log:
        async for raw in process.stdout:
            line = raw.decode(errors="replace").rstrip()
            log.write(f"{line}\n")
            if line.startswith("==> "):
                doing, percent = line.removeprefix("==> "), 0
            elif found := _PERCENT.search(line):
                percent = int(found[1])
            elif _WRONG.match(line):
                wrong.append(line)
            seconds = time.monotonic() - begun
            share = f", {percent} %" if percent else ""
            screen.status(f"==> proofs: {doing}{share} ({seconds:.0f} s)", f"{doing} {percent // 25}")
    code = await process.wait()
    told = _told(Proofs.read(root / QUICK))
    screen.settle(f"==> proofs: {told} ({time.monotonic() - begun:.0f} s); the pages are built again with them")
    for line in wrong[:10]:
        screen.line(f"    {line}")
    if code:
        screen.line(f"==> proofs: not all is as it should be; {LOG} says what")


def _told(record: Proofs) -> str:
    """What a record holds, in one line."""
    if not record.recorded:
        return "nothing was recorded"
    blocks = sum(1 for block in record.blocks if block.outcome == PASSED)
    rules = sum(1 for rule in record.rules if record.proves(rule))
    failed = sum(1 for tests in record.rules.values() if any(test.outcome == "failed" for test in tests))
    told = f"{blocks} blocks and {rules} rules proved"
    return f"{told}, {failed} rules failed" if failed else told


def _record_of_these_files(root: Path) -> str | None:
    """The record whose every run judged the commit that is checked out, where nothing has changed since or then."""
    now = run_of_now(root)
    if not now.commit or now.changed:
        return None
    for name in (RECORD, QUICK):
        runs = Proofs.read(root / name).runs
        if runs and all(run.commit == now.commit and not run.changed for run in runs):
            return name
    return None


async def _start(session: _Session, command: Sequence[str]) -> Process:
    """Start a process in a group of its own, which Ctrl-C does not reach but through us."""
    process = await asyncio.create_subprocess_exec(
        *command, stdin=DEVNULL, stdout=PIPE, stderr=STDOUT, env=session.environ, start_new_session=True
    )
    session.started.append(process)
    return process


async def _end(process: Process) -> None:
    """End a process with all that it has started: as Ctrl-C does, then harder."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(process.wait(), PATIENCE)
            break
    # What its end left running, in its group.
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main())
