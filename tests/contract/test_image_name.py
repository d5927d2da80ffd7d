"""The image's name: what the App's workflows publish is what every manifest of the Deploy repo runs."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.contract.trees import APP, DEPLOY
from tests.deploy.rendering import RENDERINGS, containers, rendering, workloads
from tests.release.triggers import load

ORGANIZATION = "org"
PUBLISHED = f"ghcr.io/{ORGANIZATION}/app"
LAYERS = ("k8s/base", "_shared/migrations")


@pytest.mark.rule("TAG005")
@pytest.mark.parametrize(("script", "workflow"), [("plan", "build"), ("promote", "release")])
def test_the_app_publishes_under_the_name_of_its_repository(
    script: str, workflow: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The script that the workflow runs, started as the workflow starts it, asks GHCR for organization and app."""
    jobs = load((APP / f".github/workflows/{workflow}.yml").read_text())["jobs"].values()
    (job,) = [job for job in jobs if f"docker/{script}.py" in yaml.safe_dump(job)]
    monkeypatch.setenv("REGISTRY", job["env"]["REGISTRY"])
    monkeypatch.setenv("GITHUB_REPOSITORY", f"{ORGANIZATION}/app")
    for name in ("GITHUB_SHA", "GITHUB_REF"):
        monkeypatch.setenv(name, "0" * 40)
    monkeypatch.setenv("GITHUB_OUTPUT", str(tmp_path / "output"))
    asked: list[str] = []

    def noted(*arguments: Any) -> Any:
        asked.append(f"{arguments[-1].host}/{arguments[-1].repository}")
        return {"reference": "", "publish": ""}

    monkeypatch.syspath_prepend(str(APP / "docker"))
    module = _module(APP / "docker" / f"{script}.py")
    monkeypatch.setattr(module, script, noted)
    assert module.main() == 0
    assert asked == [PUBLISHED]


@pytest.mark.rule("TAG005")
@pytest.mark.parametrize("carrier", [*LAYERS, *RENDERINGS])
def test_every_manifest_names_the_image_that_the_app_publishes(carrier: str) -> None:
    """Overlays, chart, base and Job alike, every container; only an overlay's newName may say otherwise."""
    names = [each["image"].rpartition(":")[0] for m in workloads(rendering(carrier)) for each in containers(m)]
    assert names
    assert set(names) == {expected_of(carrier)}


def expected_of(carrier: str) -> str:
    """The name that a carrier must run; the examples are layers above production."""
    if carrier.startswith("k8s/overlays"):
        return renamed(DEPLOY / carrier)
    return renamed(DEPLOY / "k8s/overlays/production") if carrier.startswith("k8s/examples") else PUBLISHED


def renamed(overlay: Path) -> str:
    """What an overlay's one images entry makes of the published name, which it must select."""
    (image,) = yaml.safe_load((overlay / "kustomization.yaml").read_text())["images"]
    assert image["name"] == PUBLISHED
    return str(image.get("newName", PUBLISHED))


def _module(file: Path) -> Any:
    specification = importlib.util.spec_from_file_location(f"published_by_{file.stem}", file)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    sys.modules[specification.name] = module
    specification.loader.exec_module(module)
    return module
