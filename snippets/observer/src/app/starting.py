"""A stop that comes while the process is still starting."""

from __future__ import annotations

import os
import signal
import threading

STOPS = {signal.SIGTERM, signal.SIGINT}
_waiting: list[threading.Thread] = []


# --8<-- [start:starting]
def stop_at_once() -> None:
    """Until `hand_over`, a SIGTERM ends the process with 0: there is nothing yet that wants to be cleaned up.

    It has to come before the imports, which are most of a start. The signals are blocked and waited for in a thread,
    which works for PID 1 as well, and leaves the one handler of each signal to the server.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, STOPS | {signal.SIGUSR1})
    _waiting.append(threading.Thread(target=_wait, daemon=True))
    _waiting[0].start()


def hand_over() -> None:
    """The server has its handlers: from here on it hears the signals, one that has just come included."""
    while _waiting:
        thread = _waiting.pop()
        signal.pthread_kill(thread.ident or 0, signal.SIGUSR1)
        thread.join()
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPS | {signal.SIGUSR1})


# --8<-- [end:starting]


def _wait() -> None:
    if signal.sigwait(STOPS | {signal.SIGUSR1}) in STOPS:
        os._exit(0)
