"""Shell scripts: parsed by bash, judged by ShellCheck, formatted as shfmt would."""

from __future__ import annotations

from pathlib import Path

from apparch.pages.proved.judges.model import Judge
from apparch.pages.proved.tools import first_failure, run, tool
from apparch.pages.written.blocks import Block


def choose(_block: Block, _root: Path) -> Judge:
    """One judge serves every script."""
    return Judge("bash, ShellCheck, shfmt", "shell", _verdict)


def _verdict(block: Block, root: Path) -> str | None:
    path = block.snippet.path
    return first_failure(
        run(["bash", "-n"], stdin=block.text + "\n"),
        run([tool("shellcheck"), "--external-sources", "--source-path=SCRIPTDIR", "--severity=style", path], cwd=root),
        run([tool("shfmt"), "--diff", "--indent=2", "--case-indent", path], cwd=root),
    )
