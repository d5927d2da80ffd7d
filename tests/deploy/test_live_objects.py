"""What scripts, workflows and runbooks do to a cluster: they apply what is in Git, and edit nothing that runs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.deploy.commands import Command, calls, commands

READS = {"get", "describe", "logs", "top", "events", "explain", "version", "wait", "diff", "kustomize", "port-forward"}
READS |= {"rollout status", "rollout history"}
RESTARTS = {"rollout restart", "rollout undo"}
REMOVES = {"job", "pod", "configmap", "node"}
"""What is made anew from Git, or by a workload that is in it; settings whose name is a hash are made so, too."""
NODES = {"drain", "cordon", "uncordon"}
WRITES = re.compile(r"--\s.*(\bsed\s+-i|\btee\b|>|\b(vi|vim|nano|cp|mv|rm|touch|chmod|ln|patch|pip|apt|apk|install)\b)")


def changes_by_hand(command: Command) -> bool:
    """Whether a call gives a live object what no file in Git says."""
    words = command.rest.split()
    match command.verb:
        case "apply":
            return not any(re.match(r"-[fk]|--filename|--kustomize", word) for word in words)
        case "delete":
            # To remove an app or its data is decided by people, in the runbook that is about it.
            return words[0] not in REMOVES and command.file.name != "remove.md"
        case _ if command.verb.startswith("create"):
            return "--dry-run=client" not in words
        case "patch":
            # A change of what stands on standard input; the cluster hears nothing of it.
            return "--local" not in words
        case "exec" | "cp":
            return False
        case verb:
            return verb not in READS | RESTARTS | NODES


@pytest.mark.rule("GOP001")
def test_nothing_edits_live_objects() -> None:
    """Every call of kubectl reads, applies a file, restarts a rollout, or removes what comes again by itself."""
    found = commands()
    assert {each.file.suffix for each in found} == {".sh", ".md"}
    assert len(found) > 25
    assert [each for each in found if changes_by_hand(each)] == []


@pytest.mark.parametrize(
    ("text", "by_hand"),
    [
        ("kubectl -n prj-01-prod scale deployment/app --replicas=6", True),
        ('cluster -n "$namespace" set env deployment/app A=1', True),
        ("kubectl --context=production edit configmap app-config", True),
        ("kubectl annotate deployment/app a=b", True),
        ("kubectl delete deployment app", True),
        ("kubectl create secret generic a --from-literal=k=v", True),
        ("kubectl create secret generic a --from-env-file f --dry-run=client -o yaml", False),
        ('cluster apply -f "$rendered"', False),
        ("kubectl get pod", False),
    ],
)
def test_a_change_by_hand_is_told_from_an_apply(text: str, by_hand: bool) -> None:
    """Whatever options stand before the command, and whichever command it is."""
    (found,) = calls(Path("x.sh"), text)
    assert changes_by_hand(found) == by_hand


@pytest.mark.rule("PLT002")
def test_nothing_edits_a_file_in_a_running_container() -> None:
    """No call copies into a container or runs a command there that writes."""
    found = commands()
    assert found
    assert [each for each in found if each.verb == "cp"] == []
    assert [each for each in found if each.verb == "exec" and WRITES.search(each.rest)] == []
