"""What the usual linters of workflows, Dockerfiles and shell say: nothing."""

from __future__ import annotations

import subprocess
import sysconfig
from pathlib import Path

import pytest
from detect_secrets.core.secrets_collection import SecretsCollection
from detect_secrets.settings import default_settings
from tests.release.dockerfile import stages
from tests.release.repository import APP, Origin, app_files
from tests.release.runner import MakeRunner

WORKFLOWS = sorted((APP / ".github/workflows").glob("*.yml"))
SCRIPTS = sorted(APP.rglob("*.sh"))


def says(tool: str, *arguments: str | Path, directory: Path = APP) -> tuple[int, str]:
    """Exit code and output of a tool from this environment."""
    done = subprocess.run(
        [Path(sysconfig.get_path("scripts")) / tool, *arguments],
        cwd=directory,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


def test_workflows_have_the_shape_that_github_reads() -> None:
    """The published schema accepts all three; zizmor says nothing about files outside it, so this comes first."""
    assert len(WORKFLOWS) == 3
    code, output = says("check-jsonschema", "--builtin-schema", "vendor.github-workflows", *WORKFLOWS)
    assert (code, output.strip()) == (0, "ok -- validation done")


def test_actionlint_finds_nothing(app_origin: Origin) -> None:
    """Expressions, contexts, shells and needs are right; it reads a called workflow from the root of the repository."""
    workflows = sorted((app_origin.directory / ".github/workflows").glob("*.yml"))
    assert says("actionlint", "-no-color", *workflows, directory=app_origin.directory) == (0, "")


def test_actionlint_finds_a_workflow_that_cannot_be_called(mutated: MakeRunner) -> None:
    """It did look: without `workflow_call` the gate is an error."""
    files = app_files()
    path = ".github/workflows/test.yml"
    origin = mutated({**files, path: files[path].replace("  workflow_call:\n", "")}).origin
    code, output = says("actionlint", origin.directory / ".github/workflows/build.yml", directory=origin.directory)
    assert (code, "workflow_call" in output) == (1, True)


@pytest.mark.rule("WFL007", "WFL008", "WFL009")
def test_zizmor_finds_nothing() -> None:
    """No pin, permission, trigger or template can be abused."""
    code, output = says("zizmor", "--offline", "--no-progress", "--color=never", APP / ".github/workflows")
    assert code == 0, output
    assert "No findings to report" in output


@pytest.mark.rule("WFL008")
def test_zizmor_finds_an_unpinned_action(tmp_path: Path) -> None:
    """It did look: a tag in the place of a commit is reported."""
    place = tmp_path / ".github/workflows"
    place.mkdir(parents=True)
    text = app_files()[".github/workflows/release.yml"]
    (place / "release.yml").write_text(text.replace("@08c6903cd8c0fde910a37f88322edcfb5dd907a8", "@v5"))
    code, output = says("zizmor", "--offline", "--no-progress", "--color=never", tmp_path)
    assert code != 0
    assert "unpinned-uses" in output


def test_hadolint_finds_nothing() -> None:
    """The Dockerfile follows the advice of Docker and ShellCheck."""
    assert says("hadolint", "--no-color", APP / "docker/Dockerfile") == (0, "")


def test_shell_scripts_are_clean() -> None:
    """ShellCheck and shfmt have nothing to say about any script of the app."""
    assert SCRIPTS, "the app has convenience scripts under scripts/dev"
    assert says("shellcheck", *SCRIPTS) == (0, "")
    assert says("shfmt", "-d", "-i", "4", *SCRIPTS) == (0, "")


@pytest.mark.rule("IMG016")
def test_a_scanner_finds_no_secret_in_what_the_build_copies() -> None:
    """detect-secrets sees no password, key or token in any file that a COPY of the Dockerfile takes in."""
    files = copied()
    found = SecretsCollection()
    with default_settings():
        for file in files:
            found.scan_file(str(file))
    assert {"config.py", "alembic.ini", "requirements.txt"} <= {file.name for file in files}
    assert sorted(found.files) == []


def copied() -> list[Path]:
    """The files of the context that the Dockerfile names in a COPY, below a directory all of them."""
    texts = [line for stage in stages(app_files()["docker/Dockerfile"]) for line in stage.all("COPY")]
    names = [name for line in texts if "--from=" not in line for name in line.split()[:-1]]
    places = [APP / name for name in names]
    below = [file for place in places if place.is_dir() for file in place.rglob("*") if file.suffix != ".pyc"]
    return sorted({file for file in [*places, *below] if file.is_file()})
