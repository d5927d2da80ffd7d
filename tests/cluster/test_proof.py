"""`./dev cluster-proof` confirms what a cluster does, and leaves nothing behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.cluster.api import admission, security
from tests.cluster.conftest import Clients
from tests.cluster.proof.model import checks
from tests.kube import ROOT, kubectl

CONTEXT = "stand-in"
# What an API server decides alone, without a node.
ALONE = [each.id for each in checks() if not each.image]


def proof(clients: Clients, *arguments: str, wait: bool = True) -> subprocess.Popen[str]:
    """The script against the stand-in's API server."""
    environment = {"PATH": os.defpath, "HOME": str(clients.config.parent), "KUBECONFIG": str(clients.config)}
    # A run in the background inherits that Ctrl-C is ignored; a terminal's user does not.
    words = [
        "/usr/bin/env",
        "--default-signal=INT",
        sys.executable,
        "-m",
        "tests.cluster.proof",
        *arguments,
        "--kubectl",
        str(kubectl()),
    ]
    process = subprocess.Popen(
        words, cwd=ROOT, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    if wait:
        process.wait(timeout=120)
    return process


def output(process: subprocess.Popen[str]) -> str:
    """What the script has printed."""
    assert process.stdout is not None
    return process.stdout.read()


def complaint(process: subprocess.Popen[str]) -> str:
    """What the script has said beside its table."""
    assert process.stderr is not None
    return process.stderr.read()


def namespaces(clients: Clients) -> list[str]:
    """The namespaces that a run has made."""
    found = clients.store.list(clients.store.resources.named("namespaces"))[0]
    return [each["metadata"]["name"] for each in found if each["metadata"]["name"].startswith("cluster-proof-")]


def test_refuses_without_a_context(clients: Clients) -> None:
    """The current context of a kubeconfig is never taken."""
    process = proof(clients)
    assert process.returncode == 2
    assert complaint(process).splitlines()[-1].endswith("the following arguments are required: CONTEXT")


def test_refuses_an_unknown_context(clients: Clients) -> None:
    """One line says what is wrong and how to find what is there."""
    process = proof(clients, "elsewhere")
    assert process.returncode == 2
    assert complaint(process) == (
        "cluster-proof: there is no context elsewhere; kubectl config get-contexts lists those there are\n"
    )


def test_refuses_an_unknown_check(clients: Clients) -> None:
    """A name that is misspelt is no empty run."""
    process = proof(clients, CONTEXT, "--only", "evictions")
    assert (process.returncode, namespaces(clients)) == (2, [])
    assert complaint(process) == "cluster-proof: there is no check evictions; --list shows those there are\n"


def test_confirms_what_an_api_server_decides_and_touches_nothing_else(clients: Clients) -> None:
    """Each check that needs no node passes, its namespace is gone, and every object is as it was."""
    clients.kubectl("create", "configmap", "mine", "--from-literal=a=1")
    resources = [each for each in clients.store.resources if "list" in each.verbs]
    before = {each.qualified: clients.store.list(each)[0] for each in resources}
    process = proof(clients, CONTEXT, "--only", *ALONE)
    lines = output(process).splitlines()
    passed = [line.split()[1] for line in lines if line.startswith("pass ")]
    assert (process.returncode, passed, namespaces(clients)) == (0, ALONE, [])
    assert lines[-1] == f"{len(ALONE)} passed, 0 failed, 0 not tested"
    assert {each.qualified: clients.store.list(each)[0] for each in resources} == before


def test_tells_what_a_cluster_does_not_do(clients: Clients, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that lets immutable fields change and roots run fails; what it has no case for is not tested."""
    monkeypatch.setattr(admission, "problems_of_change", lambda *_: [])
    monkeypatch.setattr(security, "violations", lambda *_: "")
    chosen = ("immutable-configmap", "pod-security", "strict-fields", "claim-cannot-grow")
    process = proof(clients, CONTEXT, "--language", "ko", "--only", *chosen)
    lines = output(process).splitlines()
    outcomes = [line[:36].split() for line in lines if not line.startswith(" ")]
    assert process.returncode == 1
    assert outcomes[:4] == [
        ["pass", "strict-fields"],
        ["FAIL", "immutable-configmap"],
        ["FAIL", "pod-security"],
        ["not", "tested", "claim-cannot-grow"],
    ]
    assert "kubectl patch configmap immutable-configmap" in lines[2]
    assert lines[-3].strip() == "기본 StorageClass가 없거나 늘리기를 허락한다"


def test_interrupted_run_deletes_what_it_made(clients: Clients) -> None:
    """Ctrl-C in the middle of a check leaves no namespace."""
    # Without a node the pod never becomes ready: the check is waiting when it is interrupted.
    process = proof(clients, CONTEXT, "--only", "prestop-sleep", wait=False)
    pods = clients.store.resources.named("pods")
    end = time.monotonic() + 30
    while not clients.store.list(pods, fields="metadata.name=prestop-sleep")[0]:
        assert time.monotonic() < end, complaint(process)
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    process.wait(timeout=180)
    assert (process.returncode, namespaces(clients)) == (130, [])


def test_each_check_is_told_in_both_languages() -> None:
    """A check has a name of its own and a sentence without a full stop in each language."""
    every = checks()
    assert len({each.id for each in every}) == len(every)
    assert [each.id for each in every if not all(text and not text.endswith(".") for text in each.texts.values())] == []


def test_checks_ask_for_the_pinned_minimum() -> None:
    """The first thing asked is the version."""
    assert checks()[0].id == "minimum-version"
    assert Path(ROOT / "dev").read_text("utf-8").count("tests.cluster.proof") == 1
