"""What is in the image, and what is not."""

from __future__ import annotations

import importlib.util
import json
import re
from pathlib import Path, PurePosixPath

import pytest
from tests.image.oci import Image, Store
from tests.image.workspace import CANARY

pytestmark = pytest.mark.xdist_group("image")

STRANGERS = re.compile(
    r"(^|/)(\.env[^/]*|\.git|\.github|\.[a-z]+_cache|\.venv|\.coverage|node_modules|kubeconfig|id_rsa)(/|$)"
    r"|^(app|opt/app)/(tests|docs|scripts|config|docker)/"
)
UNCHECKED_HASH = 1
"""The flags of bytecode that names its source by a hash, and is never compared with it."""


@pytest.mark.rule("IMG012")
def test_a_dirty_checkout_leaves_nothing_in_the_image(image: Image) -> None:
    """No environment file, Git data, test or cache is among the files of any layer."""
    assert [path for path in image.files if STRANGERS.search(path)] == []
    assert not any(path.startswith("opt/app/app/tests/") for path in image.files)


@pytest.mark.rule("OWN021", "OWN006")
def test_the_app_and_its_migrations_are_in_the_image(image: Image) -> None:
    """The package, its metadata and the revisions are there, so that nothing else has to be fetched or mounted."""
    names = {path.removeprefix("opt/app/") for path in image.files}
    assert {"app/__main__.py", "app/main.py", "app/migrate.py", "app/migrations/env.py"} <= names
    assert any(re.fullmatch(r"app/migrations/versions/\w+\.py", name) for name in names)
    assert any(re.fullmatch(r"app-[\d.]+\.dist-info/METADATA", name) for name in names)


@pytest.mark.rule("IMG016")
def test_no_secret_of_the_checkout_or_of_the_builder_is_in_any_layer(image: Image) -> None:
    """The canary that lay in every stray file is in no file of any layer, nor in the configuration or history."""
    assert [path for path, content in image.files.items() if CANARY.encode() in content] == []
    assert CANARY not in json.dumps(image.config)
    baked = " ".join(
        [*image.config["config"]["Env"], *(step.get("created_by", "") for step in image.config["history"])]
    )
    assert not re.search(r"token|secret|password|api_?key", baked, re.IGNORECASE)


@pytest.mark.rule("IMG013", "IMG014", "NET001")
def test_the_image_says_how_it_runs(image: Image) -> None:
    """A numeric user that is not root, an exec-form command without a shell, and the one port."""
    config = image.config["config"]
    assert config["User"] == "10001:10001"
    assert config["Cmd"] == ["python", "-m", "app"]
    assert "Entrypoint" not in config
    assert list(config["ExposedPorts"]) == ["8080/tcp"]
    assert config["Labels"]["org.opencontainers.image.revision"] == "0123456"


@pytest.mark.rule("IMG011", "DIR007")
def test_two_builds_of_one_commit_have_the_same_layers(image: Image, again: Image) -> None:
    """Without a cache, from two places, one of them dirty: every digest is equal, and so is the configuration."""
    assert [layer.digest for layer in image.layers] == [layer.digest for layer in again.layers]
    assert image.config == again.config


@pytest.mark.rule("IMG017")
@pytest.mark.parametrize("place", ["opt/app/", "opt/venv/lib/", "usr/local/lib/"])
def test_every_module_has_its_bytecode_which_no_start_checks(image: Image, place: str) -> None:
    """The app's, its dependencies' and the interpreter's: one for each, of the kind that is the same in every build."""
    everything = {path: content for layer in image.layers for path, content in layer.files.items()}
    modules = [path for path in everything if _is_module(path, place)]
    found = {path: _flags(content) for path, content in everything.items() if path.endswith(".pyc") and place in path}
    assert len(modules) > 30
    assert found == {_bytecode(path): UNCHECKED_HASH for path in modules}


def test_a_change_of_code_changes_only_the_last_layer(store: Store, image: Image, context: Path) -> None:
    """The dependencies keep their layer, so a new version is a download of kilobytes."""
    (context / "src/app/added.py").write_text('"""New."""\n')
    changed = store.build(context, "localhost/app:changed", cached=True)
    assert [layer.digest for layer in changed.own[:-1]] == [layer.digest for layer in image.own[:-1]]
    assert changed.own[-1].digest != image.own[-1].digest
    assert changed.own[-1].size < image.own[0].size / 20


def _is_module(path: str, place: str) -> bool:
    return path.startswith(place) and path.endswith(".py") and (place == "opt/venv/lib/" or "-packages/" not in path)


def _bytecode(path: str) -> str:
    """Where the image's Python looks for it; this machine's has the same version."""
    return str(PurePosixPath(importlib.util.cache_from_source(path)))


def _flags(content: bytes) -> int:
    return int.from_bytes(content[4:8], "little")
