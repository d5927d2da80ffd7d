"""What an operation is played on: a cluster with the app in it, an operator's console, clients that ask."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from tests.cluster.backing import Backing
from tests.cluster.cluster import Cluster
from tests.cluster.controllers.progress import complete
from tests.cluster.load import Load
from tests.cluster.objects import Object, deleting, name, ready, uid
from tests.operations.console import Console, Done

PRODUCTION, STAGING = "prj-01-prod", "prj-01-staging"
NAMESPACES = {"production": PRODUCTION, "staging": STAGING}
DATABASES = {PRODUCTION: "trading", STAGING: "trading_staging"}


class Unmet(AssertionError):
    """The operation did not end in what the page promises."""


@dataclass
class Stage:
    """One cluster, one console, and what is asserted of them."""

    cluster: Cluster
    backing: Backing
    console: Console
    loads: list[Load] = field(default_factory=list)
    left_running: str = ""
    """The environment that the last operation left as operations begin in; empty where it did not."""

    # What an operator does.

    def sh(self, command: str, **variables: str) -> Done:
        """A command of a page; Unmet if it fails."""
        done = self.console.run(command, **variables)
        self.demand(done.ok, str(done))
        return done

    def refused(self, command: str, why: str, **variables: str) -> Done:
        """A command that has to fail and say why; Unmet otherwise."""
        done = self.console.run(command, **variables)
        self.demand(not done.ok, f"it was not refused:\n{done}")
        self.demand(re.search(why, done.out + done.err) is not None, f"it does not say {why!r}:\n{done}")
        return done

    def release(self, tag: str, environment: str = "production") -> None:
        """Write a tag into an overlay, as the page says, and commit it."""
        self.sh(f"ENVIRONMENT={environment} IMAGE_TAG={tag} _shared/scripts/deploy/set-tag.sh")
        self.console.commit(f"{environment} {tag}")

    def apply(self, environment: str = "production") -> Done:
        """Deploy what is committed."""
        return self.sh(f"ENVIRONMENT={environment} KUBE_CONTEXT={environment} _shared/scripts/deploy/apply.sh")

    # What is there.

    def demand(self, right: object, otherwise: str) -> None:
        """Unmet unless something holds."""
        if not right:
            raise Unmet(otherwise)

    def until(self, happened: Callable[[], object], what: str) -> None:
        """Wait for a state of the cluster; Unmet when patience ends."""
        try:
            self.cluster.until(happened, what)
        except AssertionError as error:
            raise Unmet(f"{error}\n{self.told()}") from error

    def deployment(self, where: str = PRODUCTION, called: str = "app") -> Object:
        """The Deployment; Unmet where there is none."""
        found = self.cluster.control.get("deployments.apps", where, called)
        self.demand(found, f"there is no Deployment {called} in {where}")
        assert found is not None
        return found

    def tag(self, where: str = PRODUCTION) -> str:
        """The tag that the Deployment names."""
        image = self.deployment(where)["spec"]["template"]["spec"]["containers"][0]["image"]
        return str(image).rpartition(":")[2]

    def serving(self, where: str = PRODUCTION) -> set[str]:
        """The tags of the pods that are ready."""
        pods = self.cluster.pods(where, app="app")
        return {
            each["spec"]["containers"][0]["image"].rpartition(":")[2]
            for each in pods
            if ready(each) and not deleting(each)
        }

    def pods(self, where: str = PRODUCTION) -> set[str]:
        """The identities of the app's pods that nobody deletes."""
        return {uid(each) for each in self.cluster.pods(where, app="app") if not deleting(each)}

    def complete(self, where: str = PRODUCTION, called: str = "app") -> bool:
        """Whether all pods of the Deployment are of its newest template and available."""
        thing = self.cluster.control.get("deployments.apps", where, called)
        return thing is not None and complete(thing)

    def settled(self, where: str = PRODUCTION) -> bool:
        """Whether the Service sends to the ready pods and to no other: it hears of a change a moment later."""
        pods = [each for each in self.cluster.pods(where, app="app") if ready(each) and not deleting(each)]
        behind = {address.partition("#")[0] for address, _ in self.cluster.network.endpoints(where, "app")}
        return bool(behind) and behind == {each["status"]["podIP"] for each in pods}

    def runs(self, tag: str, where: str = PRODUCTION) -> None:
        """Unmet unless this version, and no other, is what is deployed and ready."""
        self.until(lambda: self.complete(where), f"{tag} in all pods of {where}")
        self.demand(self.tag(where) == tag, f"{self.tag(where)} is deployed, not {tag}")
        self.demand(self.serving(where) == {tag}, f"{self.serving(where)} serve, not {tag}")

    def schema(self, where: str = PRODUCTION) -> str:
        """The migration that the environment's database is at."""
        return self.backing.ask(DATABASES[where], "SELECT version_num FROM alembic_version")

    def variable(self, key: str, where: str = PRODUCTION) -> set[str]:
        """A variable's values in the processes of the ready pods."""
        found = set()
        for node in self.cluster.nodes.values():
            for life in node.pods:
                if life.process and life.process.exit_code is None and life.namespace == where and life.serving:
                    text = Path(f"/proc/{life.process.pid}/environ").read_text("utf-8")
                    found |= {each.partition("=")[2] for each in text.split("\0") if each.startswith(f"{key}=")}
        return found

    def told(self) -> str:
        """What the cluster says, for whoever reads a failure."""
        events = [f"{each['reason']}: {each['message'][:200]}" for each in self.cluster.control.all("events")]
        pods = [
            f"{name(each)} {(each.get('status') or {}).get('phase')}"
            f" {json.dumps((each.get('status') or {}).get('containerStatuses', [{}])[0].get('state', {}))}"
            for each in self.cluster.control.all("pods")
        ]
        return "\n".join([*events[-20:], *pods])

    # Clients.

    @contextmanager
    def clients(self, where: str = PRODUCTION) -> Iterator[Load]:
        """Clients of the app, from before the operation to after it."""
        with Load(lambda: self.cluster.network.service(where, "app")) as load:
            self.loads.append(load)
            self.cluster.until(lambda: load.asked > 0, "a request")
            yield load

    @property
    def asked(self) -> int:
        """Requests of all clients so far."""
        return sum(each.asked for each in self.loads)

    @property
    def lost(self) -> list[str]:
        """Of them those that got no answer with status 200, and what came instead."""
        return [problem for each in self.loads for problem in each.lost]

    # The state that operations begin in.

    def running(self, environment: str = "production") -> None:
        """The good version runs and serves, the copy of the repository is as committed; nothing of it is a step."""
        self.console.fresh()
        self.loads.clear()
        where = NAMESPACES[environment]
        if self.left_running != environment:
            self.empty()
            self.backing.new_database(DATABASES[where])
            done = self.console.look(
                f"ENVIRONMENT={environment} KUBE_CONTEXT={environment} _shared/scripts/deploy/apply.sh"
            )
            assert done.ok, f"{done}\n{self.told()}"
        self.cluster.until(lambda: self.complete(where), "the good version")
        self.cluster.until(lambda: self.settled(where), "endpoints")
        self.console.done.clear()
        self.left_running = ""

    def outside(self, where: str, database: str, role: str = "app") -> None:
        """Let a namespace of that name reach an empty database, as whoever runs PostgreSQL does."""
        if self.backing.ask("postgres", f"SELECT 1 FROM pg_roles WHERE rolname = '{role}'") != "1":
            self.backing.server.psql(f"CREATE ROLE {role} SUPERUSER LOGIN;")
        self.cluster.names[f"postgres.{where}.svc.cluster.local"] = str(self.backing.socket)
        self.backing.new_database(database, "template0")

    def beside(self, cluster: Cluster, *contexts: str) -> Stage:
        """The same operator before another cluster, which the console knows by these contexts from now on."""
        cluster.registry.login, cluster.registry.images = self.cluster.registry.login, self.cluster.registry.images
        kubeconfig = cluster.kubeconfig(cluster.directory / "kubeconfig", *contexts)
        # Of two contexts with one name the first counts.
        self.console.environment["KUBECONFIG"] = f"{kubeconfig}:{self.console.kubeconfig}"
        return replace(self, cluster=cluster, loads=[])

    def empty(self) -> None:
        """Nothing but the cluster itself."""
        self.left_running = ""
        self.cluster.reset()
