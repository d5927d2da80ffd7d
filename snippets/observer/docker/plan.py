"""What the build on main publishes: its tag, and whether the registry has it already."""

from __future__ import annotations

import os
import subprocess
import sys

from image_registry import Registry, RegistryError
from image_tags import RefusedError, commit_tag


# --8<-- [start:plan]
def plan(commit: str, registry: Registry) -> dict[str, str]:
    """The outputs of the step; a commit whose image exists is not built again, because its tag would move."""
    tag = commit_tag(commit)
    epoch = subprocess.run(
        ["git", "show", "--no-patch", "--format=%ct", commit], check=True, capture_output=True, text=True
    )
    return {
        "reference": f"{registry.host}/{registry.repository}:{tag}",
        "publish": "true" if registry.read(tag) is None else "false",
        "epoch": epoch.stdout.strip(),
    }


# --8<-- [end:plan]


def main() -> int:
    """Write the outputs where GitHub reads them; 1 when nothing may be published."""
    env = os.environ
    registry = Registry(
        env["REGISTRY"], env["GITHUB_REPOSITORY"], env.get("REGISTRY_USER", ""), env.get("REGISTRY_TOKEN", "")
    )
    try:
        outputs = plan(env["GITHUB_SHA"], registry)
    except (RefusedError, RegistryError) as error:
        print(f"::error::{error}")
        return 1
    with open(env["GITHUB_OUTPUT"], "a", encoding="utf-8") as file:
        file.writelines(f"{name}={value}\n" for name, value in outputs.items())
    print(f"{outputs['reference']}: {'will be built' if outputs['publish'] == 'true' else 'is already published'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
