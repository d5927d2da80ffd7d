"""Checks done on a cluster with kubectl, in a namespace that is there for them alone and goes with them."""

from __future__ import annotations

import json
import re
import secrets
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.cluster.proof.model import Check, Outcome, Result, Step

LABEL = "apparch-cluster-proof"
_KINDS = "deployment,job,pod,pdb,configmap,secret,pvc,resourcequota,networkpolicy,service"
_PAUSE_SECONDS = 0.5


class Failure(Exception):
    """A step did not do what it has to."""


class Skipped(Exception):
    """The cluster is not such that the check can be done; the reasons are by language."""

    def __init__(self, reasons: dict[str, str]) -> None:
        super().__init__(reasons)
        self.reasons = reasons


@dataclass(frozen=True)
class Answer:
    """What kubectl printed, and how long it took."""

    code: int
    text: str
    seconds: float


@dataclass(frozen=True)
class Kubectl:
    """kubectl for one context; nothing is ever asked of another."""

    program: str
    context: str
    namespace: str = ""
    environment: dict[str, str] | None = field(default=None, repr=False)

    def __call__(self, *arguments: str, given: str = "", limit: float = 300) -> Answer:
        """Run a command; one that takes longer than `limit` seconds has failed."""
        words = [self.program, "--context", self.context]
        words += ["--namespace", self.namespace] if self.namespace else []
        started = time.monotonic()
        try:
            done = subprocess.run(
                [*words, *arguments],
                input=given,
                capture_output=True,
                text=True,
                check=False,
                timeout=limit,
                env=self.environment,
            )
        except subprocess.TimeoutExpired:
            return Answer(124, f"no answer within {limit:.0f} seconds", limit)
        return Answer(done.returncode, (done.stdout + done.stderr).strip(), time.monotonic() - started)


@contextmanager
def own_namespace(kubectl: Kubectl, say: Callable[[str], None]) -> Iterator[Kubectl]:
    """A new namespace, deleted at the end whatever happens; raises Failure where it cannot be made."""
    name = f"cluster-proof-{secrets.token_hex(3)}"
    labels = {LABEL: name, "pod-security.kubernetes.io/enforce": "restricted"}
    manifest = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}
    made = kubectl("create", "-f", "-", given=json.dumps(manifest))
    if made.code:
        raise Failure(f"the namespace {name} cannot be made in {kubectl.context}: {made.text}")
    inside = Kubectl(kubectl.program, kubectl.context, name, kubectl.environment)
    try:
        # A pod is refused until its namespace has an account for it.
        _await(
            inside,
            ["get", "serviceaccount", "default", "--ignore-not-found", "-o", "name"],
            "serviceaccount/default",
            30,
        )
        yield inside
    finally:
        say(f"deleting the namespace {name}")
        _delete(kubectl, name, say)


def perform(kubectl: Kubectl, check: Check, image: str, language: str = "en") -> Result:
    """One check, and what it made taken away; what a skipped one lacks is told in the language."""
    values = {"id": check.id, "namespace": kubectl.namespace, "image": image}
    try:
        for step in check.steps:
            _do(kubectl, step, values)
    except Failure as failure:
        return Result(check, Outcome.FAILED, str(failure))
    except Skipped as skipped:
        return Result(check, Outcome.NOT_TESTED, skipped.reasons[language])
    finally:
        kubectl("delete", _KINDS, "-l", f"{LABEL}={check.id}", "--wait=false", "--now", "--ignore-not-found")
    return Result(check, Outcome.PASSED)


def _do(kubectl: Kubectl, step: Step, values: dict[str, str]) -> None:
    if any("{pod}" in each for each in (*step.command, step.given)):
        values = values | {"pod": _pod(kubectl, values["id"])}
    arguments, given = step.arguments(values), _labelled(step.content(values), values["id"])
    shown = "kubectl " + " ".join(arguments)
    if step.kind == "until":
        answer = _await(kubectl, arguments, step.says, step.within)
        if not _holds(step, answer):
            raise Failure(f"{shown} was not {step.says!r} within {step.within:.0f} seconds but {_short(answer.text)!r}")
        return
    answer = kubectl(*arguments, given=given)
    if step.kind == "unless":
        if not _holds(step, answer):
            assert step.reason is not None
            raise Skipped(step.reason)
        return
    if (answer.code != 0) != (step.kind == "fails"):
        raise Failure(f"{shown} {'succeeded' if answer.code == 0 else 'failed'}: {_short(answer.text)}")
    if not _holds(step, answer):
        raise Failure(f"{shown} said {_short(answer.text)!r}, not {step.says!r}")
    if step.seconds and not step.seconds[0] <= answer.seconds <= step.seconds[1]:
        least, most = step.seconds
        raise Failure(f"{shown} took {answer.seconds:.1f} seconds, not between {least:.0f} and {most:.0f}")


def _pod(kubectl: Kubectl, check: str) -> str:
    path = 'jsonpath={range .items[*]}{.metadata.name} {.metadata.deletionTimestamp}{"\\n"}{end}'
    listed = kubectl("get", "pods", "-l", f"app={check}", "-o", path).text.splitlines()
    alive = [line.split()[0] for line in listed if len(line.split()) == 1]
    if not alive:
        raise Failure(f"there is no pod with app={check}")
    return alive[0]


def _labelled(given: str, check: str) -> str:
    """A manifest with the label by which its check's objects are taken away."""
    if not given:
        return ""
    manifest = json.loads(given)
    if manifest["kind"] != "Eviction":
        manifest["metadata"].setdefault("labels", {})[LABEL] = check
    return json.dumps(manifest)


def _await(kubectl: Kubectl, arguments: list[str], says: str, within: float) -> Answer:
    end = time.monotonic() + within
    while True:
        answer = kubectl(*arguments)
        if (answer.code == 0 and re.search(says, answer.text, re.MULTILINE)) or time.monotonic() > end:
            return answer
        time.sleep(_PAUSE_SECONDS)


def _holds(step: Step, answer: Answer) -> bool:
    if step.kind in {"until", "unless"} and answer.code:
        return False
    return re.search(step.says, answer.text, re.MULTILINE) is not None


def _delete(kubectl: Kubectl, name: str, say: Callable[[str], None]) -> None:
    # Only what this run has made: the label is its own.
    gone = kubectl("delete", "namespace", "-l", f"{LABEL}={name}", "--wait", "--timeout=180s", "--ignore-not-found")
    if gone.code:
        again = f"kubectl --context {kubectl.context} delete namespace {name}"
        say(f"the namespace {name} is still there ({_short(gone.text)}); delete it with: {again}")


def _short(text: str, most: int = 200) -> str:
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1] + "…"
