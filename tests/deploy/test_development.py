"""The overlay of a developer's own cluster: it runs any tag, and no way leads from it to staging or production."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import pytest
import yaml
from tests.kube import DEPLOY, ROOT

from apparch.cli import main

OVERLAY = ROOT / "snippets/walks/development/overlay.diff"
ANY = "retry-twice"
"""The tag that it runs, which no release has."""


@pytest.fixture
def with_dev(tmp_path: Path) -> Path:
    """The reference repo with the overlay that the page shows."""
    root = tmp_path / "deploy"
    shutil.copytree(DEPLOY, root)
    subprocess.run(["git", "apply", str(OVERLAY)], cwd=root, check=True)
    return root


@pytest.mark.rule("TAG003")
@pytest.mark.parametrize(("place", "broken"), [("dev", set()), ("staging", {"IMG007"})])
def test_the_contract_lets_a_development_overlay_run_any_tag(place: str, broken: set[str], with_dev: Path) -> None:
    """And no other overlay."""
    file = with_dev / f"k8s/overlays/{place}/kustomization.yaml"
    file.write_text(re.sub(r"newTag: .*", f"newTag: {ANY}", file.read_text()))
    app = str(ROOT / "snippets/app")
    with redirect_stdout(StringIO()) as said:
        main(["contract", "--app", app, "--deploy", str(with_dev), "--format", "json"])
    assert {each["rule"] for each in json.loads(said.getvalue())["findings"]} == broken


@pytest.mark.rule("TAG003")
def test_nothing_promotes_from_it(with_dev: Path) -> None:
    """No workflow but the validation names it, no Application applies it, and no other overlay stands on it."""
    workflows = {each.name for each in (with_dev / ".github/workflows").iterdir() if names_dev(each.read_text())}
    assert workflows == {"validate-manifests.yml"}
    applications = [yaml.safe_load(each.read_text()) for each in (with_dev / "argocd").rglob("*.yaml")]
    assert [each for each in applications if names_dev(each["spec"]["source"]["path"])] == []
    layers = [each for each in (with_dev / "k8s").rglob("kustomization.yaml") if each.parent.name != "dev"]
    assert len(layers) > 5
    assert [each for each in layers if names_dev(each.read_text())] == []


def names_dev(text: str) -> bool:
    """Whether a text names the overlay, as a word or as the end of a path."""
    return re.search(r"(?<![\w-])dev(?![\w/-])", text) is not None
