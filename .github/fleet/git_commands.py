"""Git for repositories that others wrote: no hook, no prompt, no filter, and the token in no file and no command."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

BRANCH = "apparch/template"
"""The one branch that an update is proposed on."""
NAME, EMAIL = "apparch", "apparch@users.noreply.github.com"
"""Who commits there; a commit of anybody else means that the branch is theirs now."""
_LIMITED = re.compile(r"rate limit|\b429\b|too many requests|abuse detection", re.IGNORECASE)
_SERVER = os.environ.get("GITHUB_SERVER_URL", "https://github.com")
_HELPER = '!f() { test "$1" = get && echo username=x-access-token && echo "password=$GH_TOKEN"; }; f'
_SETTINGS = {
    "core.hooksPath": os.devnull,
    "core.fsmonitor": "false",
    # Only the host that the token is of is told it, whatever else the inventory names.
    f"credential.{_SERVER}.helper": _HELPER,
    "protocol.ext.allow": "never",
    "commit.gpgSign": "false",
    "user.name": NAME,
    "user.email": EMAIL,
}


class FailedError(Exception):
    """A command failed; the message is its last line."""


class LimitedError(FailedError):
    """The host answers no more for now."""


def git(folder: Path, *arguments: str) -> str:
    """Run git in a folder; its output without the last line's end.

    Raises:
        FailedError: it failed.
    """
    settings = {f"GIT_CONFIG_{what}_{at}": text for at, pair in enumerate(_SETTINGS.items())
                for what, text in zip(("KEY", "VALUE"), pair, strict=True)}  # fmt: skip
    environ = {
        **os.environ,
        **settings,
        "GIT_CONFIG_COUNT": str(len(_SETTINGS)),
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_SYSTEM": os.devnull,
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_LFS_SKIP_SMUDGE": "1",
        "LC_ALL": "C",
    }
    return ran(["git", "-C", str(folder), *arguments], environ)


def ran(command: list[str], environ: Mapping[str, str] | None = None) -> str:
    """Run a command; its output without the last line's end.

    Raises:
        LimitedError: the host has had too many requests.
        FailedError: it failed otherwise.
    """
    done = subprocess.run(
        command, env=environ, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", check=False
    )
    if done.returncode:
        told = done.stderr.strip() or done.stdout.strip() or f"{command[0]} ended with {done.returncode}"
        raise (LimitedError if _LIMITED.search(told) else FailedError)(told.splitlines()[-1])
    return done.stdout.rstrip("\n")
