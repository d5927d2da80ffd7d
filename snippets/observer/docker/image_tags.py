"""The two kinds of image tags, and the release tags that are none."""

from __future__ import annotations

import re

# --8<-- [start:tags]
COMMIT = re.compile(r"[0-9a-f]{40}")
NUMBER = r"(?:0|[1-9][0-9]*)"
RELEASE = re.compile(rf"v{NUMBER}\.{NUMBER}\.{NUMBER}(?:-rc\.{NUMBER})?")


class RefusedError(Exception):
    """This event may not become an image tag; the message says why and what to do."""


def commit_tag(commit: str) -> str:
    """The tag of the image that was built from a commit; RefusedError for a shortened or malformed hash."""
    if not COMMIT.fullmatch(commit):
        raise RefusedError(f"{commit!r} is not a full commit hash: 40 hexadecimal digits are needed")
    return f"sha-{commit}"


def release_tag(ref: str) -> str:
    """The version that a pushed Git ref names; RefusedError unless it is strict SemVer, vX.Y.Z or vX.Y.Z-rc.N."""
    name = ref.removeprefix("refs/tags/")
    if name == ref or not RELEASE.fullmatch(name):
        raise RefusedError(f"{ref!r} is not a release tag: push vX.Y.Z or vX.Y.Z-rc.N, without build metadata")
    return name


# --8<-- [end:tags]
