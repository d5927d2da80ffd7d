"""The life of one pod on its node: volumes, image, settings, process, probes, restarts, and its end.

One container per pod; a second one, and init containers, are refused. No namespaces and no cgroups of the kernel: the
process sees the machine's file system, its memory is measured and not bounded, its user is this one.
"""

from __future__ import annotations

import shutil
import signal
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from tests.cluster.clock import Pace
from tests.cluster.control import Control
from tests.cluster.network import Network
from tests.cluster.nodes import environment
from tests.cluster.nodes.images import Image, Registry, Run
from tests.cluster.nodes.probes import Probe
from tests.cluster.nodes.processes import KILLED, Process
from tests.cluster.nodes.standing import Standing, terminated
from tests.cluster.objects import Object, labels, name, namespace, quantity, uid
from tests.ports import free_port

T = TypeVar("T")
STEP_SECONDS = 0.02
LAST_SECONDS = 2.0
"""What is left to a container whose preStop hook has used its grace period up."""
MAX_BACKOFF_SECONDS = 300.0
MEMORY_STEPS = 5


@dataclass(frozen=True)
class Machine:
    """What a pod needs of the node that it runs on."""

    control: Control
    network: Network
    registry: Registry
    pace: Pace
    directory: Path
    addresses: Callable[[str], str]
    """What stands for a value that names something inside or outside the cluster."""


class PodLife:
    """Runs one pod from its binding to its end, in a thread of its own."""

    def __init__(self, machine: Machine, pod: Object) -> None:
        self.uid = uid(pod)
        self._machine, self._pod, self._control = machine, pod, machine.control
        self._state = Standing()
        self._halt = threading.Event()
        self._grace: float | None = None
        self._gone = False
        self.process: Process | None = None
        self.ip = machine.network.new_address()
        self._place = machine.directory / self.uid
        self._log = self._place / "logs"
        self._log.mkdir(parents=True, exist_ok=True)
        self._routes: dict[int, tuple[str, int]] = {}
        (self._container,) = pod["spec"]["containers"]
        self._thread = threading.Thread(target=self._run, name=name(pod), daemon=True)
        self._thread.start()

    def terminate(self, grace: float) -> None:
        """Begin to stop it, or give it less time than before; the pod is deleted when it has ended."""
        self._grace = grace if self._grace is None else min(self._grace, grace)
        self._halt.set()

    def vanish(self) -> None:
        """End it as a power cut does: at once, and nobody is told."""
        self._gone = True
        self._halt.set()
        if self.process:
            self.process.kill()

    def join(self) -> None:
        """Wait until its thread has ended."""
        self._thread.join(30)

    @property
    def namespace(self) -> str:
        """The pod's namespace."""
        return namespace(self._pod)

    @property
    def labels(self) -> dict[str, str]:
        """The pod's labels when it was bound."""
        return labels(self._pod)

    @property
    def serving(self) -> bool:
        """Whether its container is ready and not about to stop."""
        return self._state.ready and not self._halt.is_set()

    @property
    def alive(self) -> bool:
        """Whether it has not ended yet."""
        return self._thread.is_alive()

    def output(self, *, previous: bool) -> Path | None:
        """The file that the container, or the one before it, writes to; None where there is none."""
        # While it waits to be restarted, the run that ended last is both the current and the previous one.
        number = self._state.restarts - (1 if previous and "running" in self._state.now else 0)
        file = self._log / f"{number}.log"
        return file if number >= 0 and file.exists() else None

    def _run(self) -> None:
        try:
            self._live()
        except Exception:
            self._control.event(self._pod, "StandInFailed", traceback.format_exc(), warning=True)
        finally:
            if self.process:
                self.process.kill()
            for port in self._routes:
                self._machine.network.close_route(self.ip, port)
            if not self._gone and self._grace is not None:
                self._tell(ready=False)
                self._control.delete("pods", self._pod, grace=0)
                shutil.rmtree(self._place / "volumes", ignore_errors=True)

    def _live(self) -> None:
        self._tell()
        mounts = self._until(self._mount)
        image = self._until(self._pull)
        environ = self._until(self._variables)
        if mounts is None or image is None or environ is None:
            return
        while not self._halt.is_set():
            self._start(image, environ, mounts)
            reason = self._watch()
            if self._halt.is_set():
                break
            if not self._again(reason):
                return
            environ = self._until(self._variables) or environ
        self._end()

    def _until(self, attempt: Callable[[], T | None]) -> T | None:
        """Try until it works or the pod is stopped."""
        while not self._halt.is_set():
            found = attempt()
            if found is not None:
                return found
        return None

    def _mount(self) -> dict[str, Path] | None:
        try:
            return environment.mounts(self._control, self._pod, self._container, self._place / "volumes")
        except environment.Missing as error:
            self._control.event(self._pod, "FailedMount", f"MountVolume.SetUp failed: {error}", warning=True)
            self._halt.wait(0.1)
            return None

    def _pull(self) -> Image | None:
        reference = self._container["image"]
        try:
            return self._machine.registry.pull(reference, environment.logins(self._control, self._pod))
        except LookupError as error:
            self._wait_for("ErrImagePull", str(error.args[0]))
            self._control.event(self._pod, "Failed", f"Failed to pull image: {error.args[0]}", warning=True)
            self._halt.wait(STEP_SECONDS * 2)
            self._wait_for("ImagePullBackOff", f'Back-off pulling image "{reference}"')
            self._halt.wait(10 * self._machine.pace.backoff)
            return None

    def _variables(self) -> dict[str, str] | None:
        try:
            return environment.variables(self._control, self._pod, self._container)
        except environment.Missing as error:
            self._wait_for("CreateContainerConfigError", str(error))
            self._control.event(self._pod, "Failed", f"Error: {error}", warning=True)
            self._halt.wait(10 * self._machine.pace.backoff)
            return None

    def _start(self, image: Image, given: dict[str, str], mounts: dict[str, Path]) -> None:
        words = (*(self._container.get("command") or ()), *(self._container.get("args") or ()))
        environ = {key: self._machine.addresses(value) for key, value in given.items()}
        environ = self._open(environ)
        if "/tmp" in mounts:
            environ["TMPDIR"] = str(mounts["/tmp"])
        command = image.start(Run(words, environ, mounts, self.ip))
        self.process = Process(command, environ, self._log / f"{self._state.restarts}.log")
        self._state.now = {"running": {"startedAt": self._control.clock.stamp()}}
        self._state.phase, self._state.started = "Running", "startupProbe" not in self._container
        self._state.ready = self._state.started and "readinessProbe" not in self._container
        self._tell()
        self._control.event(self._pod, "Started", f"Started container {self._container['name']}")

    def _open(self, environ: dict[str, str]) -> dict[str, str]:
        # A pod has a network of its own; here its port is mapped to a free one of this machine, unless the process
        # listens at the address that it is given.
        for each in self._container.get("ports") or []:
            port = each["containerPort"]
            if environ.get("SERVICE_PORT") == str(port):
                self._routes.setdefault(port, ("127.0.0.1", free_port()))
                environ = environ | {"SERVICE_PORT": str(self._routes[port][1])}
            else:
                self._routes[port] = (self.ip, port)
            self._machine.network.open_route(self.ip, port, self._routes[port])
        return environ

    def _watch(self) -> str:
        """Probe and measure until the container ends or has to; the reason, empty where it ended by itself."""
        startup, liveness, readiness = (
            Probe.of(self._container, kind) for kind in ("startupProbe", "livenessProbe", "readinessProbe")
        )
        pace, begun = self._machine.pace.probes, time.monotonic()
        counts = {"startup": 0, "liveness": 0, "readiness": 0, "success": 0}
        due = dict.fromkeys(counts, begun)
        steps = 0
        assert self.process is not None
        while not self._halt.wait(STEP_SECONDS):
            now, steps = time.monotonic(), steps + 1
            if self.process.exit_code is not None:
                return ""
            if steps % MEMORY_STEPS == 0 and self._over():
                return "OOMKilled"
            if startup and not self._state.started:
                if now >= due["startup"]:
                    due["startup"] = now + startup.period * pace
                    if self._asked(startup, "Startup"):
                        self._state.started = True
                        self._state.ready = readiness is None
                        self._tell()
                    else:
                        counts["startup"] += 1
                        late = now - begun > self._machine.pace.startup_window
                        if counts["startup"] >= startup.failures and late:
                            return "Startup"
                continue
            if liveness and now >= due["liveness"]:
                due["liveness"] = now + liveness.period * pace
                counts["liveness"] = 0 if self._asked(liveness, "Liveness") else counts["liveness"] + 1
                if counts["liveness"] >= liveness.failures:
                    return "Liveness"
            if readiness and now >= due["readiness"]:
                due["readiness"] = now + readiness.period * pace
                success = self._asked(readiness, "Readiness")
                counts["success"] = counts["success"] + 1 if success else 0
                counts["readiness"] = 0 if success else counts["readiness"] + 1
                up = counts["success"] >= readiness.successes
                if up != self._state.ready and (up or counts["readiness"] >= readiness.failures):
                    self._state.ready = up
                    self._tell()
        return ""

    def _asked(self, probe: Probe, kind: str) -> bool:
        host, port = self._routes.get(probe.port, ("127.0.0.1", probe.port))
        problem = probe.ask(host, port)
        if problem and not self._halt.is_set():
            self._control.event(self._pod, "Unhealthy", f"{kind} probe failed: {problem}", warning=True)
        return not problem

    def _over(self) -> bool:
        limit = ((self._container.get("resources") or {}).get("limits") or {}).get("memory")
        assert self.process is not None
        return limit is not None and self.process.memory() > quantity(limit)

    def _again(self, reason: str) -> bool:
        """After a container has ended: wait and start it anew, or end the pod. Whether it is started anew."""
        assert self.process is not None
        if reason in {"Startup", "Liveness"}:
            self._control.event(
                self._pod,
                "Killing",
                f"Container {self._container['name']} failed {reason.lower()} probe, will be restarted",
            )
            self.process.signal(signal.SIGTERM)
            self.process.wait(self._pod["spec"].get("terminationGracePeriodSeconds", 30) * self._machine.pace.backoff)
        self.process.kill()
        code = KILLED if reason == "OOMKilled" else self.process.exit_code or 0
        ended = {"terminated": terminated(code, reason, self._control.clock.stamp())}
        policy = self._pod["spec"].get("restartPolicy", "Always")
        self._state.ready = self._state.started = False
        if policy == "Never" or (policy == "OnFailure" and code == 0):
            self._state.now, self._state.phase = ended, "Failed" if code else "Succeeded"
            self._tell()
            return False
        self._state.last, self._state.now = ended, ended
        self._tell()
        if self._state.restarts:
            seconds = min(10.0 * 2 ** (self._state.restarts - 1), MAX_BACKOFF_SECONDS)
            message = (
                f"back-off {seconds:g}s restarting failed container={self._container['name']} pod={name(self._pod)}"
            )
            self._wait_for("CrashLoopBackOff", message)
            self._control.event(self._pod, "BackOff", "Back-off restarting failed container", warning=True)
            self._halt.wait(seconds * self._machine.pace.backoff)
        self._state.restarts += 1
        return True

    def _end(self) -> None:
        """preStop, SIGTERM, and SIGKILL when the grace period, which began with preStop, is over."""
        if self._gone or self.process is None:
            return
        begun, pace = time.monotonic(), self._machine.pace.stop
        self._tell()
        hook = ((self._container.get("lifecycle") or {}).get("preStop") or {}).get("sleep") or {}
        while self.process.exit_code is None and time.monotonic() - begun < self._left(hook.get("seconds", 0)) * pace:
            time.sleep(STEP_SECONDS)
        self.process.signal(signal.SIGTERM)
        least = LAST_SECONDS if self._left(1) else 0.0
        asked = time.monotonic()
        while self.process.exit_code is None:
            now = time.monotonic()
            if now - begun >= self._left(float("inf")) * pace and now - asked >= least:
                break
            time.sleep(STEP_SECONDS)
        self.process.kill()
        self._state.now = {"terminated": terminated(self.process.exit_code or 0, "", self._control.clock.stamp())}
        self._state.phase = "Failed" if self.process.exit_code else "Succeeded"
        self._state.ready = False

    def _left(self, seconds: float) -> float:
        return min(seconds, self._grace if self._grace is not None else seconds)

    def _wait_for(self, reason: str, message: str) -> None:
        self._state.now = {"waiting": {"reason": reason, "message": message}}
        self._tell()

    def _tell(self, ready: bool | None = None) -> None:
        if self._gone:
            return
        if ready is not None:
            self._state.ready = ready
        self._control.status("pods", self._pod, self._write)

    def _write(self, thing: Object) -> None:
        reference = self._container["image"]
        digest = self._machine.registry.digest(reference)
        self._state.write(thing, self._control.clock.stamp(), self.ip, self._container["name"], reference, digest)
