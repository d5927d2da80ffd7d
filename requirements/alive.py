"""Runs a long command and says at intervals that it goes on.

`python -m requirements.alive WHAT COMMAND...` does it for a command whose output nobody needs.
"""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence

ON_A_TERMINAL, ELSEWHERE = 0.5, 15.0
"""Seconds between two signs of life: a line that is written over, or a new one."""


def follow(
    command: Sequence[str],
    what: str,
    heard: Callable[[str], str] = lambda _: "",
    environ: Mapping[str, str] | None = None,
    every: float | None = None,
) -> int:
    """Run a command to its end and return its exit code.

    `what` names the step. `heard` is given each line of output, standard error included, and returns how far the step
    is, in a few words. `every` is the number of seconds between two signs of life.
    """
    far = ""
    ended = threading.Event()
    overwrite = sys.stdout.isatty()

    def tick() -> None:
        start = time.monotonic()
        while not ended.wait(every or (ON_A_TERMINAL if overwrite else ELSEWHERE)):
            text = f"    {what}, {time.monotonic() - start:.0f} s{far}"
            print(f"\r\033[K{text[:100]}" if overwrite else text, end="" if overwrite else "\n", flush=True)

    # An interrupt may come at any of these lines: the ticker must not outlive them.
    ticker = threading.Thread(target=tick, daemon=True)
    try:
        print(f"==> {what}", flush=True)
        ticker.start()
        with subprocess.Popen(
            command, env=environ, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, errors="replace",
        ) as process:  # fmt: skip
            try:
                for line in process.stdout or ():
                    said = heard(line.rstrip("\n"))
                    far = f": {said}" if said else far
            except BaseException:
                process.kill()
                raise
        return process.returncode
    finally:
        ended.set()
        if ticker.ident:
            ticker.join()
        if overwrite:
            print("\r\033[K", end="", flush=True)


def main() -> int:
    """Follow the command of the command line; its output is shown if it fails."""
    said: list[str] = []

    def heard(line: str) -> str:
        said.append(line)
        return ""

    code = follow(sys.argv[2:], sys.argv[1], heard)
    if code:
        print("\n".join(said[-20:]), file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
