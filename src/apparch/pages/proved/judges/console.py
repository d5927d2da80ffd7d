"""Console sessions: apparch is run and its output compared, kubectl and helm parse each command without a cluster."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

from apparch.pages.proved.judges import walk
from apparch.pages.proved.judges.model import Judge
from apparch.pages.proved.tools import kubernetes_tool
from apparch.pages.written.blocks import Block

REFUSED = re.compile(
    r"connection refused|connect: |was refused|no configuration has been provided|unreachable|no such host"
    r'|context "[^"]+" does not exist',
    re.I,
)
KUBERNETES = {"kubectl", "helm"}
DEPLOY = Path("snippets/deploy")
ASSIGNMENT = re.compile(r"[A-Z][A-Z0-9_]*=")
SHELL = {"|", "||", "&", "&&", ";", ">", ">>", "<"}


def choose(block: Block, root: Path) -> Judge:
    """A session of a walk is run as a whole; every other has its commands judged one by one."""
    return walk.choose(block, root) or Judge("apparch, kubectl, helm", "console", _verdict)


def _verdict(block: Block, root: Path) -> str | None:
    sessions = _sessions(block.text)
    if not sessions:
        return f"{block.origin}: a console block needs at least one line that begins with '$ '"
    for command, shown in sessions:
        failure = _own_command(command, shown, root) if command.startswith("apparch ") else _command(command, root)
        if failure:
            return f"{block.origin}: {command}: {failure}"
    return None


def _script(words: list[str], root: Path) -> str | None:
    """A script of the Deploy repo has to be there, and to read each variable and know each option that it is given."""
    given = [word.partition("=")[0] for word in words if ASSIGNMENT.match(word)]
    path, *options = words[len(given) :]
    file = root / DEPLOY / path
    if not file.is_file():
        return f"there is no {path} in the Deploy repo"
    scripts = root / DEPLOY / "_shared/scripts"
    text = "\n".join(each.read_text("utf-8") for each in (file, scripts / "lib.sh", *(scripts / "lib").glob("*.sh")))
    for name in given:
        if not re.search(rf"\b{name}\b", text):
            return f"the script reads no variable {name}"
    unknown = [option for option in options if option.startswith("-") and f"{option.partition('=')[0]})" not in text]
    return f"the script has no option {unknown[0]}" if unknown else None


def _sessions(text: str) -> list[tuple[str, str]]:
    """Each command of a session with the output shown below it."""
    parts = re.split(r"^\$ ", text.replace("\\\n", " "), flags=re.MULTILINE)[1:]
    return [(command, output.strip("\n")) for command, _, output in (part.partition("\n") for part in parts)]


def _own_command(command: str, shown: str, root: Path) -> str | None:
    """Run apparch from the repository's root: it must print just what is shown."""
    done = subprocess.run(
        [sys.executable, "-m", *shlex.split(command)],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root / "src"), "APPARCH_DOCS_URL": ""},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    printed = (done.stdout + done.stderr).strip("\n")
    return None if printed == shown else f"it prints\n{printed}"


def _command(command: str, root: Path) -> str | None:
    """What is wrong with a command, or None.

    A Kubernetes command is run against an address where nothing listens: the tool then refuses a wrong
    subcommand, flag or argument before it tries to connect, so that only a well-formed one reaches the refusal.
    """
    try:
        words = shlex.split(command)
    except ValueError as error:
        return str(error)
    scripts = next((word for word in words if not ASSIGNMENT.match(word)), "").startswith("_shared/scripts/")
    if not words or (words[0] not in KUBERNETES and not scripts):
        return "nothing judges this; begin with kubectl, helm or a script of the Deploy repo, or show a script"
    if scripts:
        return _script(words, root)
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
