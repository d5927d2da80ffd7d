"""Give the digest that main built and tested its version tag."""

from __future__ import annotations

import os
import sys

from image_registry import Registry, RegistryError
from image_tags import RefusedError, commit_tag, release_tag


# --8<-- [start:promote]
def promote(ref: str, commit: str, registry: Registry) -> str:
    """What happened, as one line; RefusedError where main has no image of this commit or the version names another."""
    version, source = release_tag(ref), commit_tag(commit)
    tested = registry.read(source)
    if tested is None:
        raise RefusedError(f"main has not published {source}: wait for its build, or repair it, then run this again")
    released = registry.read(version)
    if released is None:
        registry.write(version, tested)
        return f"{version} now names {tested.digest} ({source})"
    if released.digest != tested.digest:
        raise RefusedError(f"{version} already names {released.digest} and does not move: release a new version")
    return f"{version} already names {tested.digest} ({source}): nothing to do"


# --8<-- [end:promote]


def main() -> int:
    """Promote the commit of the tag that started this run; 1 when it is refused or the registry is unsure."""
    env = os.environ
    registry = Registry(
        env["REGISTRY"], env["GITHUB_REPOSITORY"], env.get("REGISTRY_USER", ""), env.get("REGISTRY_TOKEN", "")
    )
    try:
        print(promote(env["GITHUB_REF"], env["GITHUB_SHA"], registry))
    except (RefusedError, RegistryError) as error:
        print(f"::error::{error}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
