"""The controller manager: one thread that lets every controller run whenever an object has changed."""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable, Sequence

from tests.cluster.control import Control

Controller = Callable[[Control], None]
BEAT_SECONDS = 0.02
TICK_SECONDS = 0.5


class Manager:
    """Runs controllers until it is stopped; each looks at everything each time, so that none misses anything."""

    def __init__(self, control: Control, controllers: Sequence[Controller]) -> None:
        self.errors: list[str] = []
        self._control, self._controllers = control, controllers
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="controllers", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End after the round that is under way."""
        self._stopping.set()
        self._thread.join(30)

    def _run(self) -> None:
        seen, idle = "", 0.0
        while not self._stopping.wait(BEAT_SECONDS):
            idle += BEAT_SECONDS
            version = self._control.store.version
            # Some wait for time to pass, which no object tells.
            if version == seen and idle < TICK_SECONDS:
                continue
            seen, idle = version, 0.0
            for each in self._controllers:
                try:
                    each(self._control)
                except Exception:
                    self.errors.append(traceback.format_exc())
