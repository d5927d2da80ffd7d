"""The built image goes to a registry, is promoted by the release's own script, and runs by its version."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.image.oci import Image, Store
from tests.release.loopback import Registry, registry_server
from tests.tools import require_tool

pytestmark = pytest.mark.xdist_group("image")

PROMOTE = Path(__file__).parents[2] / "snippets/app/docker/promote.py"
COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory, store: Store, image: Image) -> Iterator[Registry]:
    """A registry that main has pushed the image to."""
    with registry_server(require_tool("docker-registry"), tmp_path_factory.mktemp("registry")) as server:
        target = f"docker://{server.host}/org/app:sha-{COMMIT}"
        store.buildah("push", "--quiet", "--tls-verify=false", image.name, target)
        yield server


def inspect(registry: Registry, tag: str) -> dict[str, object]:
    """What skopeo, another program than ours, says about a tag."""
    name = f"docker://{registry.host}/org/app:{tag}"
    command = [require_tool("skopeo"), "inspect", "--tls-verify=false", "--no-tags", name]
    return dict(json.loads(subprocess.run(command, check=True, capture_output=True).stdout))


def promote(registry: Registry, tag: str, commit: str = COMMIT) -> tuple[int, str]:
    """Run the release's script as its step does; exit code and output."""
    env = {
        **os.environ,
        "REGISTRY": registry.host,
        "GITHUB_REPOSITORY": "Org/app",
        "GITHUB_REF": f"refs/tags/{tag}",
        "GITHUB_SHA": commit,
    }
    done = subprocess.run([sys.executable, PROMOTE], env=env, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


@pytest.mark.rule("IMG008", "WFL015")
def test_the_version_names_the_digest_that_main_pushed_and_a_rerun_changes_nothing(registry: Registry) -> None:
    """Digest and layers are equal under both names, before and after the second run."""
    assert promote(registry, "v1.0.0")[0] == 0
    first = inspect(registry, "v1.0.0")
    tested = inspect(registry, f"sha-{COMMIT}")
    assert (first["Digest"], first["Layers"]) == (tested["Digest"], tested["Layers"])
    code, output = promote(registry, "v1.0.0")
    assert (code, "nothing to do" in output) == (0, True)
    assert inspect(registry, "v1.0.0") == first


@pytest.mark.rule("IMG002")
def test_the_registry_alone_would_let_the_version_move_and_the_script_does_not(registry: Registry) -> None:
    """A second push to the same tag succeeds; a second promotion from another commit is refused."""
    other = "f" * 40
    registry.push("org/app", "unprotected", "one")
    registry.push("org/app", "unprotected", "two")
    pushed = registry.push("org/app", f"sha-{other}", "three")
    assert promote(registry, "v2.0.0")[0] == 0
    before = inspect(registry, "v2.0.0")["Digest"]
    code, output = promote(registry, "v2.0.0", other)
    assert (code, "does not move" in output) == (1, True)
    assert inspect(registry, "v2.0.0")["Digest"] == before != pushed
