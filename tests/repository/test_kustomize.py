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

CORPUS = Path(__file__).parent / "corpus"
OBJECTS: dict[str, str] = yaml.safe_load((CORPUS / "objects.yaml").read_text("utf-8"))
CASES: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "kustomizations.yaml").read_text("utf-8"))
DRAWN: list[dict[str, Any]] = [
    {"area": name, **case}
    for name in ("transformers", "generators", "patches", "layers", "generated")
    for case in yaml.load((CORPUS / f"{name}.yaml").read_text("utf-8"), yaml.CSafeLoader)
]
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


def _of_kubectl(directory: Path) -> list[Any] | None:
    """What kubectl makes of a directory; None where it refuses it."""
    try:
        return sorted(kustomize(directory), key=_key)
    except subprocess.CalledProcessError:
        return None


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


@pytest.mark.parametrize("case", DRAWN, ids=[f"{case['area']}-{case['name'].replace(' ', '-')}" for case in DRAWN])
def test_what_kubectl_renders_is_rendered_alike_and_what_it_refuses_is_refused(
    case: dict[str, Any], tmp_path: Path
) -> None:
    """The corpus: kustomizations written by hand and drawn by Hypothesis, over one base with an object of each kind."""
    files = {f"base/{name}": text for name, text in OBJECTS.items()}
    _write({**files, "over/kustomization.yaml": case["over"], **case.get("files", {})}, tmp_path)
    rendering = render(Repository(tmp_path), "over")
    expected = _of_kubectl(tmp_path / "over")
    assert (expected is None) == bool(case.get("refused")) or case["area"] == "generated"
    assert (rendering.problem is None) == (expected is not None)
    assert sorted((node.plain for node in rendering.objects), key=_key) == (expected or [])


def test_the_corpus_is_large_enough() -> None:
    """Hand-made and drawn cases, most of which kubectl renders."""
    drawn = [case for case in DRAWN if case["area"] == "generated"]
    assert len(drawn) == 120
    assert len(DRAWN) - len(drawn) >= 180


CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n"
POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: a, image: aab}]}\n"
REFUSED = {
    "a helm chart": ("helmCharts: [{name: x}]\n", "helmCharts"),
    "a plugin": ("generators: [plugin.yaml]\n", "someteam.example.com"),
    "a transformer": ("transformers: [plugin.yaml]\n", "someteam.example.com"),
    "a validator": ("validators: [plugin.yaml]\n", "validators"),
    "notes of the build": ("buildMetadata: [managedByLabel]\n", "buildMetadata"),
    "a remote base": ("resources: ['https://github.com/org/app//k8s?ref=main']\n", "remote"),
    "a pattern that may never end": ("resources: [pod.yaml]\nimages: [{name: '(a+)+b', newTag: b}]\n", "(a+)+b"),
    "a value of the environment": ("configMapGenerator: [{name: x, envs: [names.env]}]\n", "without ="),
    "ports with and without a protocol": (
        "resources: [s.yaml]\npatches: [{path: ports.yaml}]\n",
        "protocol",
    ),
}
PLUGIN = "apiVersion: someteam.example.com/v1\nkind: Made\nmetadata: {name: made}\n"
SERVICE = "apiVersion: v1\nkind: Service\nmetadata: {{name: s}}\nspec: {{ports: [{}]}}\n"


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_understood_is_said_and_not_guessed(name: str, tmp_path: Path) -> None:
    """The problem names the field and its line."""
    text, word = REFUSED[name]
    _write({"kustomization.yaml": text, "c.yaml": CONFIG, "pod.yaml": POD, "plugin.yaml": PLUGIN}, tmp_path)
    _write({"names.env": "HOME\n", "s.yaml": SERVICE.format("{port: 80}, {port: 81, protocol: UDP}")}, tmp_path)
    _write({"ports.yaml": SERVICE.format("{port: 80, name: a}, {port: 81, name: b}")}, tmp_path)
    problem = render(Repository(tmp_path), ".").problem
    assert problem is not None
    assert "not understood" in problem.message
    assert word in problem.message


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


def test_what_is_only_decrypted_is_rendered_as_it_is_written() -> None:
    """A ksops generator passes on the objects of its files, whose values stay encrypted here; no program is run."""
    secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: login}\nstringData: {a: 'ENC[AES256_GCM]'}\nsops: {}\n"
    files = {
        "kustomization.yaml": "namespace: prod\ngenerators: [secrets.yaml]\n",
        "secrets.yaml": "apiVersion: viaduct.ai/v1\nkind: ksops\nmetadata: {name: a}\nfiles: [./login.enc.yaml]\n",
        "login.enc.yaml": secret,
    }
    rendering = render(Repository.of(files), ".")
    assert [_key(node.plain) for node in rendering.objects] == [("Secret", "prod", "login")]
