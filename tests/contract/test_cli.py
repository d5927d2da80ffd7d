"""The command line: its exit codes, its two formats, and that it runs nothing of what it reads."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from tests.contract.trees import APP, DEPLOY, ROOT, Trees

import apparch.contract as contract_of_two
from apparch import cli

pytestmark = pytest.mark.long

SCHEMA = json.loads((Path(__file__).parent / "output.schema.json").read_text("utf-8"))


def run(*arguments: str, environ: dict[str, str] | None = None, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """`python -m apparch` in a process of its own."""
    variables = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT / "src"), **(environ or {})}
    command = [sys.executable, "-m", "apparch", *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=variables, cwd=cwd, check=False)


def contract(trees: Trees, *options: str) -> subprocess.CompletedProcess[str]:
    """The command over two trees."""
    return run("contract", "--app", str(trees.app), "--deploy", str(trees.deploy), *options)


def test_two_repositories_that_agree_end_with_0() -> None:
    """One line says how much was compared."""
    done = contract(Trees(APP, DEPLOY))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("The contract holds: ")
    assert done.stdout.endswith("comparisons in production, staging.\n")


def test_a_finding_ends_with_1_and_shows_both_places_and_the_rules_page(trees: Trees) -> None:
    """The places are path:line, as editors open them."""
    trees.replace("deploy", "k8s/base/deployments/app.yaml", "path: /health/live", "path: /health/alive")
    done = contract(trees)
    assert (done.returncode, done.stderr) == (1, "")
    assert "PRB012  livenessProbe path  [production, staging]" in done.stdout
    assert "app     src/app/health.py:" in done.stdout
    assert "deploy  k8s/base/deployments/app.yaml:" in done.stdout
    assert "https://apparch.example/r/PRB012" in done.stdout
    assert done.stdout.endswith("1 finding in production, staging.\n")


def test_an_annotation_stands_in_the_repository_that_the_command_runs_in(trees: Trees) -> None:
    """In the App repository that is the app's own file, elsewhere the Deploy repository's."""
    trees.replace("deploy", "k8s/base/deployments/app.yaml", "path: /health/live", "path: /health/alive")
    arguments = ("contract", "--app", str(trees.app), "--deploy", str(trees.deploy), "--format", "github")
    for cwd, own, other in (
        (ROOT, "file=k8s/base/", "(app: src/app/"),
        (trees.app, "file=src/app/", "(deploy: k8s/base/"),
    ):
        done = run(*arguments, cwd=cwd)
        assert (done.returncode, done.stderr) == (1, "")
        assert done.stdout.startswith(f"::error {own}")
        assert "title=PRB012 " in done.stdout
        assert other in done.stdout


@pytest.mark.parametrize("form", ["sarif", "markdown", "junit"])
def test_every_form_of_a_report_names_the_rule_once(trees: Trees, form: str) -> None:
    """The comparison is shown as a check is."""
    trees.replace("deploy", "k8s/base/deployments/app.yaml", "path: /health/live", "path: /health/alive")
    done = contract(trees, "--format", form)
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.count("livenessProbe path: ") == {"sarif": 1, "markdown": 1, "junit": 2}[form]


def test_the_link_follows_the_option_before_the_environment(trees: Trees) -> None:
    """A company has the site at an address of its own."""
    trees.replace("deploy", "k8s/overlays/production/patches/replicas.yaml", "3", "1")
    arguments = ("contract", "--app", str(trees.app), "--deploy", str(trees.deploy))
    by_environment = run(*arguments, environ={"APPARCH_DOCS_URL": "https://docs.example.com/arch"})
    by_option = run(*arguments, "--url", "https://a.example/", environ={"APPARCH_DOCS_URL": "https://docs.example.com"})
    assert "https://docs.example.com/arch/r/RES020" in by_environment.stdout
    assert "https://a.example/r/RES020" in by_option.stdout


def test_the_json_fits_its_schema_with_and_without_findings(trees: Trees) -> None:
    """A program can rely on every key."""
    agreed: dict[str, Any] = json.loads(contract(trees, "--format", "json").stdout)
    trees.replace("app", "config/.env.example", "SERVICE_PORT=8080", "SERVICE_PORT=9090")
    trees.replace("deploy", "k8s/overlays/staging/kustomization.yaml", "newTag: sha-", "newTag: build-")
    broken: dict[str, Any] = json.loads(contract(trees, "--format", "json").stdout)
    for content in (agreed, broken):
        jsonschema.validate(content, SCHEMA)
    assert (agreed["agree"], agreed["findings"]) == (True, [])
    assert (broken["agree"], {each["rule"] for each in broken["findings"]}) == (False, {"NET001", "IMG007"})
    assert {each["level"] for each in broken["findings"]} == {"MUST"}
    assert [each["overlays"] for each in broken["findings"] if each["rule"] == "IMG007"] == [["staging"]]


def test_the_same_input_gives_the_same_bytes(trees: Trees) -> None:
    """However often it is asked, and from wherever."""
    trees.replace("app", "config/.env.example", "SERVICE_PORT=8080", "SERVICE_PORT=9090")
    arguments = ("contract", "--app", str(trees.app), "--deploy", str(trees.deploy), "--format", "json")
    outputs = {run(*arguments, environ={"PYTHONHASHSEED": seed}, cwd=trees.app).stdout for seed in ("1", "2", "3")}
    assert len(outputs) == 1


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("contract",),
        ("contract", "--app", str(APP)),
        ("contract", "--app", str(APP), "--deploy", "/nowhere"),
        ("contract", "--app", str(APP / "pyproject.toml"), "--deploy", str(DEPLOY)),
        ("contract", "--app", str(APP), "--deploy", str(DEPLOY), "--format", "xml"),
        ("contract", "--app", str(APP), "--contract", "x.json", "--deploy", str(DEPLOY)),
        ("contract", "--contract", "/nowhere.json", "--deploy", str(DEPLOY)),
        ("unknown",),
    ],
)
def test_a_wrong_call_ends_with_2(arguments: tuple[str, ...]) -> None:
    """The usage goes to standard error, nothing to standard output."""
    done = run(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert "usage: apparch" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_fault_of_the_tool_ends_with_3_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The traceback is shown on request only."""

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("first line\nsecond line")

    monkeypatch.setattr(contract_of_two, "compare", broken)
    arguments = ["contract", "--app", str(APP), "--deploy", str(DEPLOY)]
    assert cli.main(arguments) == 3
    assert capsys.readouterr().err == "apparch: RuntimeError: first line second line (run again with --debug)\n"
    assert cli.main([*arguments, "--debug"]) == 3
    assert "Traceback" in capsys.readouterr().err


def test_nothing_of_either_repository_is_run(trees: Trees, tmp_path: Path) -> None:
    """Every file that Python, pytest, kustomize, YAML or a shell would run leaves a mark if it is run; none appears."""
    mark = tmp_path / "mark"
    leave = f"open({str(mark)!r}, 'w').close()\n"
    for root in (trees.app, trees.deploy):
        for name in ("sitecustomize.py", "usercustomize.py", "conftest.py", "setup.py", "yaml.py", "argparse.py"):
            (root / name).write_text(leave)
    for name in ("src/app/__init__.py", "src/app/config.py", "src/app/metrics.py"):
        with (trees.app / name).open("a") as file:
            file.write(leave)
    plugin = trees.deploy / "k8s/overlays/production/plugin"
    plugin.write_text(f"#!/bin/sh\ntouch {mark}\n")
    plugin.chmod(0o755)
    (trees.deploy / "k8s/overlays/production/generator.yaml").write_text(
        "apiVersion: x/v1\nkind: Exec\nmetadata:\n  name: x\n  annotations:\n"
        "    config.kubernetes.io/function: |\n      exec: {path: ./plugin}\n"
    )
    kustomization = trees.deploy / "k8s/overlays/production/kustomization.yaml"
    kustomization.write_text(kustomization.read_text() + "generators:\n  - generator.yaml\n")
    (trees.deploy / "k8s/base/evil.yaml").write_text(f"a: !!python/object/apply:os.system ['touch {mark}']\n")
    arguments = ("contract", "--app", str(trees.app), "--deploy", str(trees.deploy), "--format", "json")
    for cwd in (trees.app, trees.deploy):
        done = subprocess.run(
            [sys.executable, "-P", "-m", "apparch", *arguments],
            capture_output=True,
            text=True,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT / "src")},
            cwd=cwd,
            check=False,
        )
        assert (done.returncode, done.stderr) == (1, "")
        messages = [each["message"] for each in json.loads(done.stdout)["findings"]]
        assert any("generators" in message for message in messages)
        assert any("python/object/apply" in message for message in messages)
    assert not mark.exists()


def test_a_terminal_gets_no_control_characters(trees: Trees) -> None:
    """A value with escape sequences is shown without them."""
    trees.replace("deploy", "k8s/base/configmaps/app-config.env", "LOG_FORMAT=json", 'LOG_FORMAT="\\e[2J\\a"')
    done = contract(trees)
    assert done.returncode == 1
    assert not [sign for sign in done.stdout if sign != "\n" and not sign.isprintable()]


def test_a_secrets_value_is_never_shown(trees: Trees) -> None:
    """Not even where the finding is that it stands in the open."""
    config = "k8s/base/configmaps/app-config.env"
    trees.replace("deploy", config, "DB_PORT=", "API_KEY=correct-horse-battery\nDB_PORT=")
    for form in ("text", "json"):
        done = contract(trees, "--format", form)
        assert done.returncode == 1
        assert "ENV012" in done.stdout
        assert "correct-horse" not in done.stdout


def test_a_password_in_an_address_is_never_shown(trees: Trees) -> None:
    """Of a variable that is no secret, of one that nobody reads, of an image."""
    config = "k8s/base/configmaps/app-config.env"
    address = "postgresql://app:correct-horse@db:5432/app"
    trees.replace("deploy", config, "LOG_LEVEL=INFO", f"LOG_LEVEL={address}")
    trees.replace("deploy", "k8s/base/deployments/app.yaml", "path: /health/live", f"path: {address}")
    for form in ("text", "json"):
        done = contract(trees, "--format", form)
        assert done.returncode == 1
        assert "postgresql://app:***@db:5432/app" in done.stdout
        assert "correct-horse" not in done.stdout


def test_the_exported_contract_fits_its_schema_and_stands_for_the_app(tmp_path: Path) -> None:
    """Either repository can be judged by itself; the file holds no secret and names no place."""
    done = run("contract", "export", "--app", str(APP))
    assert (done.returncode, done.stderr) == (0, "")
    schema = json.loads(run("contract", "export", "--schema").stdout)
    jsonschema.validate(json.loads(done.stdout), schema)
    jsonschema.Draft202012Validator.check_schema(schema)
    file = tmp_path / "contract.json"
    file.write_text(done.stdout, "utf-8")
    judged = run("contract", "--contract", str(file), "--deploy", str(DEPLOY))
    assert (judged.returncode, judged.stderr) == (0, "")
    assert judged.stdout.startswith("The contract holds: ")


def test_a_deploy_repository_is_judged_by_the_published_contract(trees: Trees, tmp_path: Path) -> None:
    """As it is beside the App repository: the same rules, and places in the file."""
    file = tmp_path / "contract.json"
    file.write_text(run("contract", "export", "--app", str(trees.app)).stdout, "utf-8")
    trees.replace("deploy", "k8s/base/configmaps/app-config.env", "LOG_LEVEL=INFO\n", "LOG_LEVL=INFO\n")
    trees.replace("deploy", "k8s/base/deployments/app.yaml", "path: /health/live", "path: /health/alive")
    trees.replace(
        "deploy",
        "k8s/base/ingress/app-ingress.yaml",
        "    traefik.ingress.kubernetes.io/router.entrypoints: websecure\nspec:\n  ingressClassName: traefik",
        "    nginx.ingress.kubernetes.io/proxy-body-size: 8k\nspec:\n  ingressClassName: nginx",
    )
    beside = json.loads(contract(trees, "--format", "json").stdout)
    alone = json.loads(
        run("contract", "--contract", str(file), "--deploy", str(trees.deploy), "--format", "json").stdout
    )
    assert [(each["rule"], each["subject"]) for each in alone["findings"]] == [
        (each["rule"], each["subject"]) for each in beside["findings"]
    ]
    paths = {p["path"] for each in alone["findings"] for p in each["places"] if p["repository"] == "app"}
    assert paths == {"contract.json"}


def test_an_app_is_judged_by_the_contract_that_its_last_image_published(trees: Trees, tmp_path: Path) -> None:
    """Nothing is said while it keeps its promise, and then what changed, on both lines."""
    file = tmp_path / "contract.json"
    run("contract", "export", "--app", str(trees.app), "--output", str(file))
    kept = run("contract", "--app", str(trees.app), "--contract", str(file))
    file.write_text(file.read_text("utf-8").replace("8080", "9090", 1), "utf-8")
    changed = run("contract", "--app", str(trees.app), "--contract", str(file), "--format", "json")
    found = [
        (each["rule"], each["subject"], each["places"][1]["value"]) for each in json.loads(changed.stdout)["findings"]
    ]
    assert (kept.returncode, changed.returncode, found) == (
        0,
        1,
        [("OWN025", "variables.SERVICE_PORT.default", "9090")],
    )


def test_an_app_that_cannot_be_read_exports_nothing(trees: Trees) -> None:
    """Half a contract would be worse than none; what is missing is said with what is there instead."""
    (trees.app / "docker/Dockerfile").rename(trees.app / "Dockerfile")
    done = run("contract", "export", "--app", str(trees.app))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "apparch: Dockerfile:1: docker/Dockerfile is missing; there is Dockerfile\n"


def test_a_reader_that_has_enough_is_no_fault(trees: Trees) -> None:
    """As `| head -1` is one: no traceback, and the exit code of findings."""
    settings = "".join(f"UNKNOWN_{n}=x\n" for n in range(2_000))
    trees.path("deploy", "k8s/base/configmaps/app-config.env").write_text(settings, "utf-8")
    command = [sys.executable, "-m", "apparch", "contract", "--app", str(trees.app), "--deploy", str(trees.deploy)]
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT / "src")}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environ)
    assert process.stdout is not None
    assert process.stdout.readline() == b"variables\n"
    process.stdout.close()
    _, errors = process.communicate()
    assert (process.returncode, errors) == (1, b"")


def test_an_environment_that_is_not_compared_is_said(trees: Trees) -> None:
    """In the summary and in the JSON, whatever has become of it."""
    kustomization = trees.deploy / "k8s/overlays/production/kustomization.yaml"
    kustomization.write_text(kustomization.read_text() + "helmCharts: [{name: x}]\n", "utf-8")
    (trees.deploy / "k8s/overlays/staging/kustomization.yaml").rename(
        trees.deploy / "k8s/overlays/staging/kustomisation.yaml"
    )
    (trees.deploy / "k8s/overlays/linked").symlink_to("staging")
    done = contract(trees)
    assert done.returncode == 1
    assert done.stdout.splitlines()[-1] == (
        "3 findings in no environment; not compared: production, k8s/overlays/linked, k8s/overlays/staging."
    )
    assert "kustomisation.yaml is not read: its name is kustomization.yaml" in done.stdout
    content = json.loads(contract(trees, "--format", "json").stdout)
    assert content["uncompared"] == ["production", "k8s/overlays/linked", "k8s/overlays/staging"]


def test_a_pattern_tells_the_environments(trees: Trees) -> None:
    """Another directory that holds them, or one environment by itself."""
    (trees.deploy / "k8s/overlays").rename(trees.deploy / "k8s/environments")
    assert contract(trees).returncode == 1
    assert contract(trees, "--overlays", "k8s/environments/").stdout.endswith("in production, staging.\n")
    assert contract(trees, "--overlays", "k8s/*/prod*").stdout.endswith("in k8s/environments/production.\n")


def test_an_app_may_lie_in_a_larger_repository(trees: Trees) -> None:
    """Its workflows are those of the whole, and places tell whole paths."""
    whole = trees.app.parent / "whole"
    (whole / "services").mkdir(parents=True)
    trees.app.rename(whole / "services/app")
    (whole / "services/app/.github").rename(whole / ".github")
    trees.replace("deploy", "k8s/base/deployments/app.yaml", "path: /health/live", "path: /health/alive")
    done = run("contract", "--app", str(whole), "--app-dir", "services/app", "--deploy", str(trees.deploy))
    assert "app     services/app/src/app/health.py:" in done.stdout
    assert done.stdout.endswith("1 finding in production, staging.\n")
