"""What judges leave to a project, an image or a dialect of its own, and tell of where it is none."""

from __future__ import annotations

import pytest
from tests.checks.examples import found

from apparch.app.dockerfiles import is_released
from apparch.app.source_text import literals_of
from apparch.repository import Repository

IMAGE = "FROM python@sha256:0\nCOPY . .\nCMD python -m orders\n"
DEPLOYED = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: shop}\n"
READS = "const at = process.env.AT;\n"


@pytest.mark.parametrize(("manifest", "told"), [("packages/core/pyproject.toml", 0), ("packages/core/README.md", 1)])
def test_tests_of_a_project_stand_beside_its_package(manifest: str, told: int) -> None:
    """A package of a workspace has its own tests folder; one that is no project has its tests in the source."""
    files = {"Dockerfile": IMAGE, "packages/core/core/a.py": "", "packages/core/tests/test_a.py": "", manifest: ""}
    assert len(found(Repository.of(files), select=("DIR010",))) == told


@pytest.mark.parametrize(("folder", "told"), [("Shop.User/", 0), ("", 2)])
def test_the_folder_of_a_project_of_dotnet_holds_its_source(folder: str, told: int) -> None:
    """What its template puts beside the declaration belongs there; the root of a repository has a folder for it."""
    files = {"Dockerfile": IMAGE, "Shop.User.csproj": "<Project />\n", "Program.cs": "", "appsettings.json": "{}\n"}
    repository = Repository.of({f"{folder}{path}": text for path, text in files.items()})
    assert len(found(repository, select=("DIR017",))) == told


@pytest.mark.parametrize(("image", "told"), [("src/sandbox/node/Dockerfile", 0), ("src/sandbox/node/notes.txt", 1)])
def test_what_another_image_runs_reads_its_own_variables(image: str, told: int) -> None:
    """A folder with a Dockerfile below the app's is what that image holds."""
    files = {"Dockerfile": IMAGE, ".env.example": "PORT=\n", "src/a.js": "", "src/sandbox/node/run.js": READS}
    assert len(found(Repository.of({**files, image: IMAGE}), select=("ENV002",))) == told


@pytest.mark.parametrize(("path", "told"), [("scripts/Dockerfile.clientbuild", False), ("docker/Dockerfile", True)])
def test_a_dockerfile_that_only_builds_is_not_released(path: str, told: bool) -> None:
    """Its name ends so."""
    assert is_released(path) == told


def test_of_a_line_without_end_only_so_much_is_looked_at() -> None:
    """What stands before a literal of minified code is cut, since each literal has all of the line before it."""
    [literal] = literals_of("app.js", "x" * 10_000 + "='http://orders.acme.io'")
    assert len(literal.before) == 300


@pytest.mark.parametrize(("first", "told"), [("// kept by hand", 0), ("kept by hand", 1)])
def test_json_with_comments_is_no_fault(first: str, told: int) -> None:
    """It is of a dialect that is left to its readers; what is no JSON at all is told."""
    files = {"Dockerfile": IMAGE, "src/a.js": "", "ops/a.json": f'{first}\n{{\n  "panels": []\n}}\n'}
    assert len([rule for rule, _ in found(Repository.of(files)) if rule == "UNREADABLE"]) == told


@pytest.mark.parametrize(
    ("line", "told"), [("{{- if .hosts }}", 0), ("hosts: {{ range .all }}{{ . }}{{ end }} : :", 0), ("a: b: c", 1)]
)
def test_what_a_template_engine_makes_yaml_of_is_no_broken_yaml(line: str, told: int) -> None:
    """It is a file that no judge can read, and nobody's mistake."""
    files = {"apps/shop.yaml": DEPLOYED, "apps/hosts.yaml": f"kind: ConfigMap\napiVersion: v1\n{line}\n"}
    assert len([rule for rule, _ in found(Repository.of(files)) if rule == "UNREADABLE"]) == told
