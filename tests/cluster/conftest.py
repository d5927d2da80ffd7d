"""One API server for all tests of the stand-in cluster, and a fresh namespace for each."""

from __future__ import annotations

import itertools
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.cluster.api.server import Server
from tests.cluster.store import Object, Store
from tests.kube import helm, kubectl

_NUMBERS = itertools.count(1)


class Refused(subprocess.CalledProcessError):
    """A client that failed, with its reason."""

    def __str__(self) -> str:
        return f"{super().__str__()} {self.stdout}{self.stderr}"


@dataclass(frozen=True)
class Clients:
    """The real programs, pointed at the server and at one namespace of it."""

    server: Server
    namespace: str
    config: Path

    @property
    def store(self) -> Store:
        """What the server serves."""
        return self.server.store

    def kubectl(self, *arguments: str, given: str = "") -> str:
        """What kubectl prints; raises CalledProcessError, its reason in stderr."""
        return self._run(kubectl(), *arguments, given=given)

    def refused(self, *arguments: str, given: str = "") -> str:
        """Why kubectl fails."""
        with pytest.raises(subprocess.CalledProcessError) as caught:
            self.kubectl(*arguments, given=given)
        return str(caught.value.stderr).strip()

    def helm(self, *arguments: str) -> str:
        """What helm prints; raises CalledProcessError, its reason in stderr."""
        return self._run(helm(), *arguments)

    def get(self, resource: str, name: str) -> Object:
        """An object of the namespace, straight from the store."""
        return self.store.get(self.store.resources.named(resource), self.namespace, name)

    def set_status(self, resource: str, name: str, **status: Any) -> Object:
        """Write what a controller would have found."""
        found = self.store.resources.named(resource)

        def write(thing: Object) -> None:
            thing["status"] = {"observedGeneration": thing["metadata"].get("generation", 1)} | status

        return self.store.change(found, self.namespace, name, write, "status")

    @contextmanager
    def started(self, *arguments: str) -> Iterator[subprocess.Popen[str]]:
        """kubectl while it goes on, ended at the end."""
        process = subprocess.Popen(
            [kubectl(), *arguments], text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=self._environment()
        )
        try:
            yield process
        finally:
            process.terminate()
            process.wait(timeout=10)

    def _environment(self) -> dict[str, str]:
        return {"PATH": os.defpath, "HOME": str(self.config.parent), "KUBECONFIG": str(self.config)}

    def _run(self, program: Path, *arguments: str, given: str = "") -> str:
        environment = self._environment()
        done = subprocess.run(
            [program, *arguments], input=given, capture_output=True, text=True, check=False, env=environment, timeout=60
        )
        if done.returncode:
            raise Refused(done.returncode, arguments, done.stdout, done.stderr)
        return done.stdout.strip()


@pytest.fixture(scope="session")
def api_server() -> Iterator[Server]:
    """An API server without nodes or controllers."""
    with Server() as server:
        yield server


@pytest.fixture
def clients(api_server: Server, tmp_path_factory: pytest.TempPathFactory) -> Clients:
    """kubectl and helm in a namespace of their own."""
    namespace = f"test-{next(_NUMBERS)}"
    api_server.store.create(api_server.store.resources.named("namespaces"), {"metadata": {"name": namespace}})
    # The clients remember what they discovered: all tests share it.
    home = tmp_path_factory.getbasetemp()
    config = api_server.write_kubeconfig(home / f"{namespace}.kubeconfig", namespace=namespace)
    return Clients(api_server, namespace, config)
