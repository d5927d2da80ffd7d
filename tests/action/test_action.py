"""The GitHub Action: its scripts run as a runner would run them. `gh` is a stand-in: there is no GitHub here."""

from __future__ import annotations

import base64
import gzip
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from tests.checks.examples import RULES

from apparch.catalogue import load_catalogue
from apparch.template.repository import built, git

ROOT = Path(__file__).parents[2]
GH = """#!/bin/sh
echo "$@" >>"$RUNNER_TEMP/gh.log"
for word in "$@"; do case $word in sarif=@*) cp "${word#sarif=@}" "$RUNNER_TEMP/sent";; esac; done
"""


@dataclass(frozen=True)
class Ran:
    """What a run of the action's judge left behind."""

    code: int
    log: str
    summary: str
    outputs: dict[str, str]
    gh: list[str]
    sent: str


Judge = Callable[..., Ran]


@pytest.fixture(name="judge")
def _judge(tmp_path: Path) -> Judge:
    """A runner with apparch installed and a repository checked out."""
    temp, repository = tmp_path / "temp", Path(shutil.copytree(RULES / "app", tmp_path / "orders"))
    shutil.copy(RULES / "IMG015/bad/docker/Dockerfile", repository / "docker/Dockerfile")
    for path, text in (
        (temp / "apparch/bin/apparch", f'#!/bin/sh\nexec "{sys.executable}" -m apparch "$@"\n'),
        (tmp_path / "bin/gh", GH),
    ):
        path.parent.mkdir(parents=True)
        path.write_text(text)
        path.chmod(0o755)

    def run(**variables: str) -> Ran:
        files = {name: tmp_path / name for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
        for file in files.values():
            file.write_text("")
        environ = {
            "PATH": f"{tmp_path}/bin:{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT / "src"),
            "RUNNER_TEMP": str(temp),
            "GITHUB_REPOSITORY": "team/orders",
            "GITHUB_SHA": "0" * 40,
            "GITHUB_REF": "refs/pull/7/merge",
            "COMMAND": "check",
            "TARGET": ".",
            **{name: str(file) for name, file in files.items()},
        }
        done = subprocess.run(
            [ROOT / ".github/action/judge"],
            cwd=repository,
            env=environ | variables,
            capture_output=True,
            text=True,
            check=False,
        )
        log, sent = temp / "gh.log", temp / "sent"
        return Ran(
            done.returncode,
            done.stdout + done.stderr,
            files["GITHUB_STEP_SUMMARY"].read_text(),
            dict(line.partition("=")[::2] for line in files["GITHUB_OUTPUT"].read_text().splitlines()),
            log.read_text().splitlines() if log.exists() else [],
            gzip.decompress(base64.b64decode(sent.read_text())).decode() if sent.exists() else "",
        )

    return run


def test_findings_are_told_annotated_and_summed_up(judge: Judge) -> None:
    """And the step fails."""
    ran = judge()
    assert (ran.code, "::error file=docker/Dockerfile,line=6" in ran.log, ran.summary.splitlines()[0], ran.gh) == (
        1,
        True,
        "### apparch: `orders`: 1 finding",
        [],
    )


def test_the_report_is_an_output(judge: Judge) -> None:
    """Its file is there for later steps."""
    findings = json.loads(Path(judge().outputs["report"]).read_text())["findings"]
    assert [each["rule"] for each in findings] == ["IMG015"]


def test_a_clean_repository_passes(judge: Judge) -> None:
    """The arguments reach the command."""
    assert judge(ARGUMENTS="--ignore IMG015 --lang en").code == 0


def test_a_comment_is_kept_up_to_date(judge: Judge) -> None:
    """Only on a pull request."""
    comment = "pr comment 7 --repo team/orders --body-file {} --edit-last --create-if-none"
    ran = judge(COMMENT="true", PULL_REQUEST="7")
    file = ran.gh[0].split()[6]
    assert (ran.gh, Path(file).read_text()) == ([comment.format(file)], ran.summary)


def test_without_a_pull_request_there_is_no_comment(judge: Judge) -> None:
    """As on a push."""
    assert judge(COMMENT="true", PULL_REQUEST="").gh == []


def test_findings_go_to_code_scanning(judge: Judge) -> None:
    """Compressed and encoded, as the interface wants them."""
    ran = judge(UPLOAD_SARIF="true")
    assert (ran.gh[0].split()[:4], json.loads(ran.sent)["version"]) == (
        ["api", "--method", "POST", "repos/team/orders/code-scanning/sarifs"],
        "2.1.0",
    )


def test_a_contract_is_compared(judge: Judge) -> None:
    """Both repositories stand in the arguments."""
    ran = judge(COMMAND="contract", ARGUMENTS=f"--app {ROOT}/snippets/app --deploy {ROOT}/snippets/deploy")
    assert (ran.code, "The contract holds" in ran.log, ran.summary.splitlines()[0]) == (
        0,
        True,
        "### apparch: `deploy`",
    )


def test_a_broken_contract_is_annotated_and_goes_to_code_scanning(judge: Judge, tmp_path: Path) -> None:
    """Like the findings of a check, at the Deploy repository's own lines."""
    deploy = tmp_path / "orders-deploy"
    shutil.copytree(ROOT / "snippets/deploy", deploy)
    manifest = deploy / "k8s/base/deployments/app.yaml"
    manifest.write_text(manifest.read_text("utf-8").replace("path: /health/live", "path: /health/alive"), "utf-8")
    ran = judge(COMMAND="contract", ARGUMENTS=f"--app {ROOT}/snippets/app --deploy {deploy}", UPLOAD_SARIF="true")
    results = json.loads(ran.sent)["runs"][0]["results"]
    assert (ran.code, "::error file=k8s/base/deployments/app.yaml,line=" in ran.log, len(results)) == (1, True, 1)
    assert ran.summary.startswith("### apparch: `orders-deploy`: 1 finding")


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"COMMAND": "czech"}, "command is czech; there are check and contract"),
        ({"TARGET": "/nowhere"}, "is no folder"),
    ],
)
def test_a_wrong_call_fails_and_says_why(judge: Judge, variables: dict[str, str], words: str) -> None:
    """With the code of a wrong call."""
    ran = judge(**variables)
    assert (ran.code, words in ran.log) == (2, True)


@dataclass(frozen=True)
class Installed:
    """What the action's own installation made."""

    checkout: Path
    environ: dict[str, str]

    def run(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        """Run a program of its environment, far from the checkout."""
        program = Path(self.environ["RUNNER_TEMP"]) / "apparch/bin" / arguments[0]
        command = [program, *arguments[1:]]
        return subprocess.run(command, cwd="/", env=self.environ, capture_output=True, text=True, check=False)


@pytest.fixture(name="installed", scope="module")
def _installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """From its own checkout, with nothing but what is pinned."""
    temp = tmp_path_factory.mktemp("action")
    copy = temp / "action"
    sources = ["src", "template", "requirements", "setup.py", "pyproject.toml", "README.md", "LICENSE"]
    command = ["git", "ls-files", "-z", *sources]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    for name in filter(None, listed):
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, copy / name)
    environ = {key: each for key, each in os.environ.items() if key not in ("PYTHONPATH", "VIRTUAL_ENV")}
    environ |= {"RUNNER_TEMP": str(temp), "GITHUB_ACTION_PATH": str(copy), "PYTHON": sys.executable}
    subprocess.run([ROOT / ".github/action/install"], env=environ, check=True, capture_output=True)
    return Installed(copy, environ)


def test_the_action_installs_itself(installed: Installed) -> None:
    """And judges."""
    done = installed.run("apparch", "check", RULES.resolve() / "app")
    assert (done.returncode, done.stderr) == (0, "")


def test_an_installation_carries_the_template(installed: Installed, tmp_path: Path) -> None:
    """Every file of every version, with its mode: the tags are those that the checkout's template gets."""
    tags = "import sys, pathlib; from apparch.template.repository import *; from apparch.template import home"
    tags += "; print(git('show-ref', at=built(home(), pathlib.Path(sys.argv[1]))), end='')"
    done = installed.run("python", "-c", tags, tmp_path)
    (tmp_path / "checkout").mkdir()
    expected = git("show-ref", at=built(installed.checkout / "template", tmp_path / "checkout"))
    assert (done.stdout, done.stderr) == (expected, "")


def test_an_installation_carries_the_rules_compiled(installed: Installed) -> None:
    """So that it starts without parsing YAML: they are those of the checkout's files."""
    rules = "from apparch.catalogue.compiled import read_compiled; from apparch.catalogue import load_catalogue"
    done = installed.run("python", "-c", f"{rules}; print(read_compiled() is not None, load_catalogue())")
    assert (done.stdout, done.stderr) == (f"True {load_catalogue()}\n", "")


def test_its_inputs_are_those_that_its_script_reads() -> None:
    """Each reaches the step as a variable."""
    action = yaml.safe_load((ROOT / "action.yml").read_text())
    given = " ".join(action["runs"]["steps"][-1]["env"].values())
    assert [name for name in action["inputs"] if f"inputs.{name} " not in given] == []


def test_it_keeps_the_schema_of_actions() -> None:
    """Of the schema store."""
    command = [
        sys.executable,
        "-m",
        "check_jsonschema",
        "--builtin-schema",
        "vendor.github-actions",
        str(ROOT / "action.yml"),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "ok -- validation done\n")


def test_the_hook_of_pre_commit_is_a_command_that_there_is() -> None:
    """Its entry parses."""
    from apparch.cli.run import build_parser

    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    program, *arguments = hooks[0]["entry"].split()
    assert (program, build_parser().parse_args(arguments).command, hooks[0]["pass_filenames"]) == (
        "apparch",
        "check",
        False,
    )
