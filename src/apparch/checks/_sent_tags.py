"""What the tags tell that CI other than GitHub's pushes images under."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

from apparch.app.recipes import sent
from apparch.app.references import split
from apparch.app.repo import AppRepo
from apparch.repository import Place

Kind = Literal["release", "commit", "short", "moving", "other", "unknown"]
_COMMIT = (
    r"\$[{(]?(?:env[.])?(?:CI_COMMIT_SHA|GIT_COMMIT|CIRCLE_SHA1|TRAVIS_COMMIT|DRONE_COMMIT(?:_SHA)?|CI_COMMIT|COMMIT_SHA"
    r"|BITBUCKET_COMMIT|BUILDKITE_COMMIT|CODEBUILD_RESOLVED_SOURCE_VERSION|Build[.]SourceVersion)[})]?(?!\w)"
)
_WHOLE = re.compile(rf"sha-(?:{_COMMIT}|\$\(git rev-parse HEAD\))")
_SHORT = re.compile(
    r"rev-parse\s+--short|SHORT_(?:COMMIT_)?SHA|COMMIT_SHORT|SHORT_COMMIT|(?:COMMIT|SHA1?)(?:_SHA)?:0:[0-9]+",
    re.IGNORECASE,
)
_COUNTED = re.compile(
    r"BUILD_(?:NUMBER|NUM|ID)\b|PIPELINE_I?ID\b|JOB_ID\b|Build[.]Build(?:Id|Number)|REF_(?:NAME|SLUG)\b|BRANCH(?:_NAME)?\b"
    r"|DRONE_BUILD|BITBUCKET_BUILD|git describe",
    re.IGNORECASE,
)
"""What counts builds, or names a branch."""
_MOVING = re.compile(r"latest|.+-latest|latest-.+|.*(?:\$\(date\b|BUILD_TIMESTAMP).*")
_RELEASE = re.compile(r"v[0-9]+[.][0-9]+[.][0-9]+(?:-rc[.][0-9]+)?")


def sent_tags(app: AppRepo) -> Iterator[tuple[Kind, str, Place]]:
    """Each tag that is pushed so, what it tells, and where; an empty one means `latest`."""
    for each in sent(app):
        if each.by == "ci":
            name, tag = split(each.name)
            yield _kind(name, tag), tag, each.place


def _kind(name: str, tag: str) -> Kind:
    if not tag:
        return "unknown" if "$" in name.rpartition("/")[2] else "moving"
    if "{{" in tag:  # a template of what makes releases
        return "unknown"
    if _MOVING.fullmatch(tag):
        return "moving"
    if _RELEASE.fullmatch(tag) or _WHOLE.fullmatch(tag):
        return "release" if tag.startswith("v") else "commit"
    if _SHORT.search(tag):
        return "short"
    return "other" if "$" not in tag or _COUNTED.search(tag) or re.search(_COMMIT, tag) else "unknown"
