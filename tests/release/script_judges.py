"""The judges of the build scripts' pure part: which tags exist, asked of the file as it stands."""

from __future__ import annotations

from typing import Any

from tests.release.judges import Files, judge

RELEASES = ("v0.0.1", "v1.2.3", "v10.20.30", "v1.2.3-rc.1", "v1.2.3-rc.10", "v1.2.3-rc.0")
NO_RELEASES = (
    "1.2.3", "vNext", "v1", "v1.2", "v1.2.3.4", "v01.2.3", "v1.02.3", "v1.2.03", "v1.2.3-rc.01", "v1.2.3-rc",
    "v1.2.3-rc1", "v1.2.3-beta.1", "v1.2.3+build.5", "v1.2.3-rc.1+5", "V1.2.3", "v1.2.3 ", "v1.2.3\n",
    "v\u0661.2.3", "latest", "",
    "release/v1.2.3",
)  # fmt: skip
FULL = "0123456789abcdef0123456789abcdef01234567"


@judge("IMG009")
def releases_are_strict_semver(files: Files) -> list[str]:
    """Every release in the table passes as it is, every other ref is refused."""
    tags = _module(files)
    wrong = [name for name in RELEASES if _answer(tags, "release_tag", f"refs/tags/{name}") != name]
    wrong += [name for name in NO_RELEASES if _answer(tags, "release_tag", f"refs/tags/{name}") is not None]
    return wrong + [ref for ref in ("refs/heads/v1.2.3", "v1.2.3") if _answer(tags, "release_tag", ref) is not None]


@judge("IMG003")
def commit_tags_are_whole_hashes(files: Files) -> list[str]:
    """A full hash becomes sha- and itself; a shortened, longer or foreign one is refused."""
    tags = _module(files)
    wrong = [] if _answer(tags, "commit_tag", FULL) == f"sha-{FULL}" else [FULL]
    others = (FULL[:7], FULL + "0", FULL.upper(), f"{FULL}\n", "g" * 40, "")
    return wrong + [repr(other) for other in others if _answer(tags, "commit_tag", other) is not None]


def _module(files: Files) -> dict[str, Any]:
    namespace: dict[str, Any] = {"__name__": "image_tags"}
    exec(compile(files["docker/image_tags.py"], "image_tags.py", "exec"), namespace)
    return namespace


def _answer(namespace: dict[str, Any], function: str, value: str) -> object:
    try:
        return namespace[function](value)
    except namespace["RefusedError"]:
        return None
