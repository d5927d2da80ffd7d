"""Refuse a pushed Git tag that is no release of main."""

from __future__ import annotations

import os
import subprocess
import sys

from image_tags import RefusedError, release_tag


# --8<-- [start:guard]
def check(ref: str, commit: str, main_branch: str = "origin/main") -> str:
    """The version to release; RefusedError unless the tag is strict SemVer and its commit is on main."""
    version = release_tag(ref)
    on_main = subprocess.run(
        ["git", "merge-base", "--is-ancestor", commit, main_branch], capture_output=True, text=True, check=False
    )
    if on_main.returncode == 1:
        raise RefusedError(f"{version} names {commit}, which is not on main: merge it first, then tag the merge")
    if on_main.returncode != 0:
        raise RefusedError(f"Git could not say whether {commit} is on main: {on_main.stderr.strip()}")
    return version


# --8<-- [end:guard]


def main() -> int:
    """Check the tag that started this run; 1 when it is refused."""
    try:
        version = check(os.environ["GITHUB_REF"], os.environ["GITHUB_SHA"])
    except RefusedError as refusal:
        print(f"::error::{refusal}")
        return 1
    print(f"{version} is a release of main")
    return 0


if __name__ == "__main__":
    sys.exit(main())
