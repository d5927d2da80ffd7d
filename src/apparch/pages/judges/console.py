"""Console sessions: each command is parsed by the real tool that it names, without a cluster to talk to."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import tempfile
from pathlib import Path

from apparch.pages.blocks import Block
from apparch.pages.judges.kubectl import kubernetes_tool
from apparch.pages.judges.model import Judge

REFUSED = re.compile(
    r"connection refused|connect: |was refused|no configuration has been provided|unreachable|no such host", re.I
)
KUBERNETES = {"kubectl", "helm"}
SHELL = {"|", "||", "&", "&&", ";", ">", ">>", "<"}


def choose(_block: Block, _root: Path) -> Judge:
    """One judge serves every session."""
    return Judge("kubectl, helm", "console", _verdict)


def _verdict(block: Block, root: Path) -> str | None:
    commands = [line[2:] for line in block.text.replace("\\\n", " ").split("\n") if line.startswith("$ ")]
    if not commands:
        return f"{block.origin}: a console block needs at least one line that begins with '$ '"
    for command in commands:
        failure = _command(command, root)
        if failure:
            return f"{block.origin}: {command}: {failure}"
    return None


def _command(command: str, root: Path) -> str | None:
    """What is wrong with a command, or None.

    A Kubernetes command is run against an address where nothing listens: the tool then refuses a wrong
    subcommand, flag or argument before it tries to connect, so that only a well-formed one reaches the refusal.
    """
    try:
        words = shlex.split(command)
    except ValueError as error:
        return str(error)
    if not words or words[0] not in KUBERNETES:
        return "nothing judges this; begin with kubectl or helm, or show a script"
    if SHELL & set(words):
        return "a session shows one command a line; move what needs a shell to a script"
    binary = kubernetes_tool(words[0])
    with tempfile.TemporaryDirectory() as home:
        done = subprocess.run(
            [str(binary), *words[1:]],
            cwd=root / "snippets/deploy",
            env={
                "PATH": os.environ["PATH"],
                "HOME": home,
                "KUBECONFIG": "/dev/null",
                "HELM_KUBEAPISERVER": "127.0.0.1:1",
            },
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
            stdin=subprocess.DEVNULL,
        )
    output = done.stdout + done.stderr
    return None if done.returncode == 0 or REFUSED.search(output) else output.strip()
