"""Every script: well written, and unwilling to guess."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from tests.deploy.sandbox import BIN, PRODUCTION, Sandbox
from tests.kube import DEPLOY

SCRIPTS = sorted((DEPLOY / "_shared" / "scripts").rglob("*.sh"))

COMMANDS = [script for script in SCRIPTS if script.name != "lib.sh" and script.parent.name != "lib"]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda s: s.name)
def test_a_script_passes_shellcheck_and_shfmt(script: Path) -> None:
    """No warning, one format."""
    checked = subprocess.run(
        [BIN / "shellcheck", "-x", "-P", "SCRIPTDIR", script], capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stdout
    formatted = subprocess.run(
        [BIN / "shfmt", "-i", "2", "-ci", "-d", script], capture_output=True, text=True, check=False
    )
    assert formatted.returncode == 0, formatted.stdout


@pytest.mark.parametrize("script", [s for s in COMMANDS if s.name != "test-rules.sh"], ids=lambda s: s.name)
@pytest.mark.rule("MAN014")
def test_a_script_without_its_variables_names_them_and_does_nothing(script: Path, sandbox: Sandbox) -> None:
    """What depends on an environment comes from variables: without them, exit code 1, one line, no call."""
    done = sandbox.run(str(script.relative_to(DEPLOY / "_shared" / "scripts")))
    assert done.returncode == 1
    assert done.stderr.startswith("error: ")
    assert done.stderr.count("\n") == 1
    assert sandbox.calls == []


@pytest.mark.parametrize("script", COMMANDS, ids=lambda s: s.name)
def test_a_script_refuses_an_argument_it_does_not_know(script: Path, sandbox: Sandbox) -> None:
    """A misspelt --dry-run does not deploy."""
    done = sandbox.run(str(script.relative_to(DEPLOY / "_shared" / "scripts")), "--dryrun", **PRODUCTION)
    assert (done.returncode, sandbox.calls) == (1, [])
    assert "--dryrun" in done.stderr
