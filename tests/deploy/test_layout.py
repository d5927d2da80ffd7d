"""The Deploy repo's files: which there are, where they are, and what does not belong there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.deploy.rendering import ENVIRONMENTS, OVERLAYS, documents, rendering, scalars
from tests.kube import DEPLOY, Manifest, of_kind, only

K8S = DEPLOY / "k8s"
SOURCE = {".py", ".pyi", ".sql", ".js", ".ts", ".go", ".java", ".kt", ".rb", ".rs", ".sh"}
DEPENDENCIES = {"pyproject.toml", "uv.lock", "Pipfile", "package.json", "go.mod", "Cargo.toml", "pom.xml"}
BUILDS = re.compile(
    r"\b(docker|podman|nerdctl|buildah)\s+(buildx|build|bud|push|image\s+build)\b|build-push-action|\bkaniko\b"
)
ENVIRONMENT_WORD = re.compile(r"(^|[^a-z])(prod|production|stage|staging|dev|development)([^a-z]|$)")


def files() -> list[Path]:
    """Every file of the repo."""
    return sorted(f for f in DEPLOY.rglob("*") if f.is_file())


@pytest.mark.rule("MAN001")
def test_nothing_here_makes_an_app() -> None:
    """No source outside the scripts, no Dockerfile, no list of dependencies, nothing that builds."""
    scripts = DEPLOY / "_shared" / "scripts"
    found = files()
    assert [f for f in found if f.suffix in SOURCE and not (f.suffix == ".sh" and f.is_relative_to(scripts))] == []
    assert [f for f in found if re.search(r"(?i)(docker|container)file", f.name)] == []
    assert [f for f in found if f.name in DEPENDENCIES or re.fullmatch(r"requirements.*\.(txt|in)", f.name)] == []
    assert [f for f in found if BUILDS.search(f.read_text())] == []


@pytest.mark.rule("MAN001")
def test_no_config_map_carries_code() -> None:
    """What a ConfigMap holds is settings and dashboards; none of its keys is a file of source."""
    maps = [m for _, m in documents() if isinstance(m, dict) and m.get("kind") == "ConfigMap"]
    maps += [m for where in (*OVERLAYS, "_shared/monitoring") for m in of_kind(rendering(where), "ConfigMap")]
    assert len(maps) >= 3
    assert [key for m in maps for key in m.get("data", {}) if Path(key).suffix in SOURCE] == []


@pytest.mark.rule("MAN002")
def test_the_tree_is_the_standard_one() -> None:
    """base, an overlay for each environment and _shared; in base a directory per kind, with one object a file."""
    assert {d.name for d in (K8S / "overlays").iterdir()} == set(ENVIRONMENTS)
    assert all((K8S / "overlays" / environment / "kustomization.yaml").is_file() for environment in ENVIRONMENTS)
    assert (DEPLOY / "_shared").is_dir()
    listed = [K8S / "base" / name for name in listed_files(K8S / "base")]
    kinds: dict[str, list[str]] = {}
    for file in listed:
        assert file.parent.parent == K8S / "base"
        kinds.setdefault(file.parent.name, []).extend(m["kind"] for m in yaml.safe_load_all(file.read_text()))
    assert len(kinds) >= 6
    assert {directory: set(found) for directory, found in kinds.items() if len(set(found)) > 1} == {}
    assert len({found[0] for found in kinds.values()}) == len(kinds)
    assert sum(len(found) for found in kinds.values()) == len(listed)


def listed_files(directory: Path) -> list[str]:
    """The files that a kustomization lists as resources."""
    return [str(name) for name in yaml.safe_load((directory / "kustomization.yaml").read_text())["resources"]]


def test_the_files_of_base_are_all_rendered() -> None:
    """base has no file that its kustomization forgot."""
    base = K8S / "base"
    there = {str(f.relative_to(base)) for f in base.rglob("*.yaml")} - {"kustomization.yaml"}
    assert set(listed_files(base)) == there


@pytest.mark.rule("MAN003")
def test_base_knows_no_environment() -> None:
    """No name of an environment in any key or value, and no setting that every overlay sets to its own."""
    base = rendering("k8s/base")
    said = [(path, value) for m in base for path, value in scalars(m)]
    assert said
    assert [s for s in said if any(ENVIRONMENT_WORD.search(str(part)) for part in (*s[0], s[1]))] == []
    assert [path for path, _ in said if path[-1] in ("environment", "host", "hosts")] == []
    settings = only(base, "ConfigMap")["data"]
    theirs = [only(rendering(each), "ConfigMap")["data"] for each in OVERLAYS]
    assert {key for key in settings if all(settings[key] != each[key] for each in theirs)} == set()
    assert {"DB_HOST", "DB_NAME", "DB_USER", "API_ENDPOINT"}.isdisjoint(settings)


@pytest.mark.rule("MAN004")
@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_an_overlay_is_patches_by_purpose(environment: str) -> None:
    """Every patch is a file of patches/ with one object, changes something, and repeats no object of the base whole."""
    directory = K8S / "overlays" / environment
    kustomization = yaml.safe_load((directory / "kustomization.yaml").read_text())
    listed = [patch.get("path", "written into the kustomization") for patch in kustomization["patches"]]
    assert all(re.fullmatch(r"patches/[a-z-]+\.yaml", path) for path in listed)
    assert {str(f.relative_to(directory)) for f in directory.rglob("*.yaml")} == {"kustomization.yaml", *listed}
    base = {(m["kind"], m["metadata"]["name"]): said(m) for m in rendering("k8s/base")}
    for path in listed:
        (patch,) = yaml.safe_load_all((directory / path).read_text())
        if isinstance(patch, dict):
            of_base = base[patch["kind"], patch["metadata"]["name"]]
            assert not said(patch) <= of_base, f"{path} changes nothing"
            assert not of_base <= said(patch), f"{path} repeats the whole object"


def said(manifest: Manifest) -> set[tuple[tuple[str, ...], Any]]:
    """What an object says, without its labels for the whole of base."""
    return {(path, value) for path, value in scalars(manifest) if path[-1] != "app.kubernetes.io/part-of"}


@pytest.mark.rule("MAN006")
def test_kustomizations_use_current_fields_only() -> None:
    """Base, overlays, components, examples and what is shared: none names a field that kustomize has retired."""
    found = {f: yaml.safe_load(f.read_text()) for f in DEPLOY.rglob("kustomization.y*ml")}
    assert len(found) > 10
    retired = {"bases", "commonLabels", "commonAnnotations", "patchesStrategicMerge", "patchesJson6902", "vars"}
    assert {str(f): retired & set(keys) for f, keys in found.items() if retired & set(keys)} == {}


@pytest.mark.rule("PLT014")
def test_nothing_here_is_for_docker_compose() -> None:
    """No file is one of Compose, by its name or by what it holds, and none calls it."""
    names = re.compile(r"(docker-)?compose([.-].*)?\.ya?ml|container-compose.*")
    assert [f for f in files() if names.fullmatch(f.name)] == []
    found = [(f, m) for f, m in documents() if isinstance(m, dict) and "kind" not in m]
    assert [f for f, m in found if isinstance(m.get("services"), dict)] == []
    assert [f for f in files() if re.search(r"\bdocker[ -]compose\b", f.read_text())] == []
