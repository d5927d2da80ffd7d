"""A small kubelet: it runs a pod as the rendered Deployment says, against the real app as a real process.

What is real: the process, its environment, every HTTP probe with its timeout, the preStop sleep, SIGTERM, the
grace period and SIGKILL, in that order and in real seconds. What is scaled: the period of the probes only, so that
a test need not wait ten seconds for each. What stands in: addresses inside the cluster, and the container's port,
which is mapped to a free one of this machine, because a pod has a network of its own.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx
from tests.cluster.nodes.probes import Probe
from tests.kube import Manifest, of_kind, only

SOURCES = Path(__file__).resolve().parents[2] / "snippets" / "app" / "src"
PATIENCE = 60.0
"""Seconds until a test gives up on something that has to happen."""


@dataclass(frozen=True)
class PodSpec:
    """What the kubelet needs of the Deployment and of the objects that it refers to."""

    environ: dict[str, str]
    port: int
    startup: Probe
    liveness: Probe
    readiness: Probe
    prestop: float
    grace: float

    @staticmethod
    def of(manifests: list[Manifest], secrets: Mapping[str, str]) -> PodSpec:
        """Read the rendering; the values of Secrets come from the test, their keys from the sealed objects."""
        pod = only(manifests, "Deployment")["spec"]["template"]["spec"]
        (container,) = pod["containers"]
        (port,) = [each["containerPort"] for each in container["ports"] if each["name"] == "http"]
        return PodSpec(
            environ=_environ(container, manifests, secrets),
            port=port,
            startup=_probe(container, "startupProbe"),
            liveness=_probe(container, "livenessProbe"),
            readiness=_probe(container, "readinessProbe"),
            prestop=container["lifecycle"]["preStop"]["sleep"]["seconds"],
            grace=pod["terminationGracePeriodSeconds"],
        )


def _probe(container: Manifest, kind: str) -> Probe:
    probe = Probe.of(container, kind)
    assert probe is not None, f"the container has no {kind}"
    return probe


def _environ(container: Manifest, manifests: list[Manifest], secrets: Mapping[str, str]) -> dict[str, str]:
    environ: dict[str, str] = {}
    for source in container["envFrom"]:
        for key, kind in (("configMapRef", "ConfigMap"), ("secretRef", "SealedSecret")):
            if key in source:
                (found,) = [
                    each for each in of_kind(manifests, kind) if each["metadata"]["name"] == source[key]["name"]
                ]
                values = found["data"] if kind == "ConfigMap" else dict.fromkeys(found["spec"]["encryptedData"])
                environ |= {name: secrets[name] if value is None else value for name, value in values.items()}
    assert "env" not in container, "the simulator knows envFrom only"
    return environ


@dataclass(frozen=True)
class End:
    """How a pod ended."""

    exit_code: int
    seconds: float
    killed: bool
    """Whether SIGKILL was needed."""


class Pod:
    """A running pod; a context manager that leaves no process behind.

    `cluster` resolves what is an address inside the cluster, `image` is the environment that the image itself sets.
    """

    def __init__(
        self, spec: PodSpec, host_port: int, cluster: Mapping[str, str], *, scale: float = 0.1, module: str = "app"
    ) -> None:
        self.spec, self.restarts, self.ready, self.started = spec, 0, False, False
        self._ports = {spec.port: host_port}
        self.scale, self._module = scale, module
        # Only what Deploy supplies: a variable that it forgets is missing here as well.
        self.environ = {name: cluster.get(name, value) for name, value in spec.environ.items()}
        listening = int(self.environ["SERVICE_PORT"])
        # An app that listens elsewhere than on the container's port is reached by nobody, as in a pod.
        self.environ["SERVICE_PORT"] = str(self._ports.get(listening, listening))
        self._http = httpx.Client()
        self._stopping = threading.Event()
        # A file, not a pipe: a pipe that nobody reads would stop the app at its next log line.
        self._log = tempfile.TemporaryFile()  # noqa: SIM115  closed with the pod
        self.process = self._start()
        self._loop = threading.Thread(target=self._live, daemon=True)
        self._loop.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        self._loop.join(PATIENCE)
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(PATIENCE)
        self._http.close()
        if error is not None:
            print(self.output)
        self._log.close()

    @property
    def output(self) -> str:
        """Everything that the container has written, restarts included."""
        return os.pread(self._log.fileno(), 10_000_000, 0).decode(errors="replace")

    def ask(self, path: str | None, timeout: float = 10.0) -> httpx.Response:
        """A request to the container's port, over a new connection; without a path to its root."""
        address = f"http://127.0.0.1:{self._ports[self.spec.port]}{path or '/'}"
        return self._http.get(address, timeout=timeout, headers={"Connection": "close"})

    def probe(self, probe: Probe) -> bool:
        """One probe of the container, where it listens; whether it succeeds."""
        return probe.ask("127.0.0.1", self._ports.get(probe.port, probe.port)) == ""

    def until(self, happened: Callable[[], bool]) -> None:
        """Wait for something; fails when patience ends."""
        end = time.monotonic() + PATIENCE
        while not happened():
            assert time.monotonic() < end, "it never happened"
            time.sleep(0.02)

    def terminate(self) -> End:
        """Delete the pod: preStop, SIGTERM, and SIGKILL when the grace period, which began with preStop, is over."""
        begun = time.monotonic()
        self.ready = False
        self._stopping.set()
        time.sleep(min(self.spec.prestop, self.spec.grace))
        self.process.send_signal(signal.SIGTERM)
        # The kubelet leaves two seconds to a container whose preStop has used up the period.
        left = max(self.spec.grace - (time.monotonic() - begun), 2.0)
        try:
            self.process.wait(left)
            killed = False
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(PATIENCE)
            killed = True
        return End(self.process.returncode, time.monotonic() - begun, killed)

    def _start(self) -> subprocess.Popen[bytes]:
        image = {"PATH": os.environ["PATH"], "PYTHONPATH": str(SOURCES), "PYTHONUNBUFFERED": "1"}
        image["PYTHONDONTWRITEBYTECODE"] = "1"  # the sources are those of the checkout
        return subprocess.Popen(
            [sys.executable, "-m", self._module],
            env=image | self.environ,
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )

    def _live(self) -> None:
        while not self._stopping.is_set():
            if self._starts() and self._serves():
                return
            if not self._stopping.is_set():
                self._restart()

    def _starts(self) -> bool:
        """Probe until the container has started; False if it has to be restarted."""
        for _ in range(self.spec.startup.failures):
            if self._pause(self.spec.startup.period) or self.process.poll() is not None:
                return False
            if self.probe(self.spec.startup):
                self.started = True
                return True
        return False

    def _serves(self) -> bool:
        """Probe liveness and readiness, each at its own period; False if it has to be restarted."""
        due = {"liveness": 0.0, "readiness": 0.0}
        counts = {"alive": 0, "ready": 0, "unready": 0}
        while not self._pause(0.2):
            now = time.monotonic()
            if self.process.poll() is not None:
                return False
            if now >= due["liveness"]:
                due["liveness"] = now + self.spec.liveness.period * self.scale
                counts["alive"] = 0 if self.probe(self.spec.liveness) else counts["alive"] + 1
                if counts["alive"] >= self.spec.liveness.failures:
                    return False
            if now >= due["readiness"]:
                due["readiness"] = now + self.spec.readiness.period * self.scale
                success = self.probe(self.spec.readiness)
                counts["ready"] = counts["ready"] + 1 if success else 0
                counts["unready"] = 0 if success else counts["unready"] + 1
                self._set_ready(counts)
        return True

    def _set_ready(self, counts: Mapping[str, int]) -> None:
        if counts["ready"] >= self.spec.readiness.successes:
            self.ready = True
        elif counts["unready"] >= self.spec.readiness.failures:
            self.ready = False

    def _pause(self, seconds: float) -> bool:
        return self._stopping.wait(seconds * self.scale)

    def _restart(self) -> None:
        self.started = self.ready = False
        self.restarts += 1
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(PATIENCE)
        self.process = self._start()
