"""The kustomize reader renders what kubectl renders, and says so where it does not understand."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.contract.trees import DEPLOY
from tests.kube import kustomize

from apparch.repository import Repository
from apparch.repository.kustomize import render

CASES: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "kustomizations.yaml").read_text("utf-8"))
DIRECTORIES = sorted(
    path.parent.relative_to(DEPLOY).as_posix()
    for path in DEPLOY.rglob("kustomization.yaml")
    if "components" not in path.parts
)


def _key(manifest: Any) -> tuple[str, str, str]:
    metadata = manifest["metadata"]
    return manifest["kind"], metadata.get("namespace", ""), metadata["name"]


def _write(files: dict[str, str], to: Path) -> Path:
    for name, text in files.items():
        (to / name).parent.mkdir(parents=True, exist_ok=True)
        (to / name).write_text(text, "utf-8")
    return to


def _rendered(root: Path, directory: str) -> list[Any]:
    rendering = render(Repository(root), directory)
    assert rendering.problem is None
    return sorted((node.plain for node in rendering.objects), key=_key)


def test_the_deploy_repository_has_kustomizations_to_compare() -> None:
    """Both overlays are among them."""
    assert {"k8s/overlays/production", "k8s/overlays/staging"} <= set(DIRECTORIES)


@pytest.mark.parametrize("directory", DIRECTORIES)
def test_every_kustomization_of_the_deploy_repository_renders_as_kubectl_renders_it(directory: str) -> None:
    """Object by object, value by value."""
    assert _rendered(DEPLOY, directory) == sorted(kustomize(DEPLOY / directory), key=_key)


@pytest.mark.parametrize("case", CASES, ids=[case["name"].replace(" ", "-") for case in CASES])
def test_what_is_understood_renders_as_kubectl_renders_it(case: dict[str, Any], tmp_path: Path) -> None:
    """A small repository for each feature."""
    _write(case["files"], tmp_path)
    assert _rendered(tmp_path, case["directory"]) == sorted(kustomize(tmp_path / case["directory"]), key=_key)


CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n"
REFUSED = {
    "a prefix": ("resources: [c.yaml]\nnamePrefix: x-\n", "namePrefix"),
    "a helm chart": ("helmCharts: [{name: x}]\n", "helmCharts"),
    "a plugin": ("generators: [plugin.yaml]\n", "generators"),
    "a transformer": ("transformers: [plugin.yaml]\n", "transformers"),
    "replacements": ("replacements: [{path: x}]\n", "replacements"),
    "a remote base": ("resources: ['https://github.com/org/app//k8s?ref=main']\n", "remote"),
    "a deprecated patch": ("resources: [c.yaml]\npatchesStrategicMerge: [p.yaml]\n", "patchesStrategicMerge"),
    "a target's field": (
        "resources: [c.yaml]\npatches: [{patch: '[]', target: {annotationSelector: a=b}}]\n",
        "annotationSelector",
    ),
    "an image's suffix": ("resources: [c.yaml]\nimages: [{name: a, tagSuffix: b}]\n", "tagSuffix"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_understood_is_said_and_not_guessed(name: str, tmp_path: Path) -> None:
    """The problem names the field and its line."""
    text, word = REFUSED[name]
    _write({"kustomization.yaml": text, "c.yaml": CONFIG, "p.yaml": CONFIG}, tmp_path)
    problem = render(Repository(tmp_path), ".").problem
    assert problem is not None
    assert "not understood" in problem.message
    assert word in text.splitlines()[problem.place.line - 1] or word in problem.message


BROKEN = {
    "a missing file": "resources: [nothing.yaml]\n",
    "a patch without its object": "resources: [c.yaml]\npatches: [{path: lost.yaml}]\n",
    "an object twice": "resources: [c.yaml, d.yaml]\n",
    "itself": "resources: [../here]\n",
    "replicas of nothing": "resources: [c.yaml]\nreplicas: [{name: x, count: 2}]\n",
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_kubectl_refuses_is_refused(name: str, tmp_path: Path) -> None:
    """Both fail; ours with a place."""
    lost = CONFIG.replace("ConfigMap", "Secret")
    files = {"kustomization.yaml": BROKEN[name], "c.yaml": CONFIG, "d.yaml": CONFIG, "lost.yaml": lost}
    here = _write(files, tmp_path / "here")
    with pytest.raises(subprocess.CalledProcessError):
        kustomize(here)
    problem = render(Repository(tmp_path), "here").problem
    assert problem is not None
    assert problem.place.path.startswith("here/")
