"""The reference app as a package: installed from its folder, started by name, locked as it is declared."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

APP = Path(__file__).parents[2] / "snippets/app"
sys.path[:0] = [str(APP / "src"), str(APP / "tests")]

from fixtures.process import Process  # noqa: E402


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which `pip install .` has put the app, and nothing of its repository."""
    root = tmp_path_factory.mktemp("install")
    left_out = shutil.ignore_patterns(".*", "build", "*.egg-info", "__pycache__")
    shutil.copytree(APP, root / "repository", ignore=left_out)
    command: list[str | Path] = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--target",
        root / "site",
        root / "repository",
    ]
    subprocess.run(command, check=True, capture_output=True)
    shutil.rmtree(root / "repository")
    return root / "site"


@pytest.mark.rule("DIR004", "TWF006", "OWN021")
def test_python_m_starts_the_installed_package(installed: Path, tmp_path: Path) -> None:
    """From any working directory, without the repository."""
    with Process("app", {"PYTHONPATH": str(installed)}, directory=tmp_path) as process:
        assert process.until("/health/live", 200).json() == {"status": "alive"}


@pytest.mark.rule("DIR004")
def test_the_start_leads_through_main(installed: Path, tmp_path: Path) -> None:
    """`python -m app` takes the service from the module `main` of the package."""
    command = [sys.executable, "-X", "importtime", "-m", "app"]
    done = subprocess.run(
        command, cwd=tmp_path, env={"PYTHONPATH": str(installed)}, capture_output=True, text=True, check=False
    )
    assert re.search(r"\| +app\.main$", done.stderr, re.MULTILINE), done.stderr[-2000:]


@pytest.mark.rule("DIR004")
def test_the_package_holds_its_code_and_nothing_else(installed: Path) -> None:
    """No tests and no settings travel along; the type marker does."""
    top = {path.name for path in installed.iterdir() if not path.name.endswith(".dist-info")}
    assert top == {"app"}
    assert (installed / "app/py.typed").is_file()
    packaged = {str(path.relative_to(installed / "app")) for path in (installed / "app").rglob("*.py")}
    assert packaged == {str(path.relative_to(APP / "src/app")) for path in (APP / "src/app").rglob("*.py")}


def locked(name: str) -> dict[str, str]:
    """Package and version of every line of a requirements file."""
    text = (APP / name).read_text()
    return {match[1]: match[2] for match in re.finditer(r"^([a-z0-9-]+)==([^ ;]+)", text, re.MULTILINE)}


def declared() -> tuple[list[Requirement], list[Requirement]]:
    """What pyproject.toml asks for: to run, and to develop."""
    project = tomllib.loads((APP / "pyproject.toml").read_text())
    return (
        [Requirement(line) for line in project["project"]["dependencies"]],
        [Requirement(line) for line in project["dependency-groups"]["dev"]],
    )


def unmet(requirements: list[Requirement], versions: dict[str, str]) -> list[str]:
    """The requirements that the locked versions do not satisfy."""
    return [
        str(requirement)
        for requirement in requirements
        if requirement.name not in versions or not requirement.specifier.contains(versions[requirement.name])
    ]


@pytest.mark.rule("TWF002")
def test_the_lock_satisfies_the_declaration() -> None:
    """Each declared dependency is locked to a version within its bounds."""
    run, develop = declared()
    assert unmet(run, locked("requirements.txt")) == []
    assert unmet(run + develop, locked("requirements-dev.txt")) == []


@pytest.mark.rule("TWF002")
def test_every_dependency_has_an_upper_and_a_lower_bound() -> None:
    """A new major version comes in by a commit, not by itself."""
    run, develop = declared()
    unbounded = [str(each) for each in run + develop if {s.operator for s in each.specifier} != {">=", "<"}]
    assert unbounded == []


@pytest.mark.rule("TWF002")
@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_every_locked_package_has_its_hashes(name: str) -> None:
    """And no line names a host."""
    entries = (APP / name).read_text().replace("\\\n", " ").splitlines()
    assert len(entries) > 20
    assert [entry for entry in entries if "==" not in entry or "--hash=sha256:" not in entry] == []
    assert "://" not in (APP / name).read_text()


@pytest.mark.rule("TWF002")
def test_what_develops_runs_with_the_same_versions() -> None:
    """Tests that ran with other versions would prove nothing about the image."""
    run, develop = locked("requirements.txt"), locked("requirements-dev.txt")
    assert {name: develop.get(name) for name in run} == run


@pytest.mark.rule("TWF002")
def test_every_import_is_declared() -> None:
    """The packages that the code imports are asked for by name, not through another one."""
    known = {"app", *sys.stdlib_module_names}
    imports = re.compile(r"^\s*(?:from|import) ([a-z_0-9]+)", re.MULTILINE)
    used = {name for path in (APP / "src").rglob("*.py") for name in imports.findall(path.read_text())}
    assert used - known == {each.name.replace("-", "_") for each in declared()[0]}
