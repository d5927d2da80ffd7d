"""Which judge a block gets, what it accepts, what it turns red and how it says where."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest
from tests.pages.small import a_block, write_snippet

from apparch.pages.errors import PageError
from apparch.pages.proved.judges.choice import fault, judge_of
from apparch.pages.proved.tools import Unavailable

ROOT = Path(__file__).parents[3]
PLACE = "docs/arch/k8s_app_architecture.md:7: "

EXAMPLE = "snippets/examples/a.py"
MODULE = "snippets/app/src/demo/a.py"
OTHER = "snippets/app/docker/a.py"
OBJECT = "snippets/deploy/k8s/base/services/a.yaml"

SERVICE = """\
apiVersion: v1
kind: Service
metadata:
  name: app
spec:
  ports:
    - name: http
      port: 80
"""
APPLICATION = """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: app
spec:
  project: default
  destination:
    namespace: prj-01
"""
ENV = "# The port.\nSERVICE_PORT=8080\nDB_PASSWORD=\n"
SCRIPT = '#!/usr/bin/env bash\nset -euo pipefail\n\nif [[ -n "${1:-}" ]]; then\n  echo "$1"\nfi\n'
DOCKERFILE = "FROM scratch\nCOPY a /a\n"

# Each row: the snippet's path, the fence's language, its text.
GOOD: dict[str, tuple[str, str, str]] = {
    "example": (EXAMPLE, "python", '"""A."""\n\nprint("a")\n#> a\n'),
    "example without output": (EXAMPLE, "python", '"""A."""\n\nx = 1\n'),
    "part of the app": (OTHER, "python", '"""A."""\n\nX = 1\n'),
    "Kubernetes object": (OBJECT, "yaml", SERVICE),
    "two objects": (OBJECT, "yaml", f"{SERVICE}---\n{SERVICE.replace('name: app', 'name: b')}"),
    "object of a known custom kind": (
        OBJECT,
        "yaml",
        "apiVersion: monitoring.coreos.com/v1\nkind: ServiceMonitor\nmetadata:\n  name: a\n"
        "spec:\n  selector: {}\n  endpoints:\n    - port: http\n",
    ),
    "environment": ("snippets/a.env", "dotenv", ENV),
    "script": ("snippets/deploy/a.sh", "shell", SCRIPT),
    "Dockerfile": ("snippets/Dockerfile", "dockerfile", DOCKERFILE),
    "JSON": ("snippets/a.json", "json", '{"a": [1, null]}'),
    "JSON Schema": (
        "snippets/a.json",
        "json",
        '{"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object"}',
    ),
    "TOML": ("snippets/a.toml", "toml", "[a]\nb = 1\n"),
    "inventory": ("snippets/a/fleet.yaml", "yaml", "repositories:\n  - {name: a, path: ../a}\n"),
    "session": ("snippets/a.console", "console", "$ kubectl get pods -n prj-01 -l app=app\n$ helm list\n"),
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository with the settings and folders that judges look for."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (tmp_path / "snippets/deploy").mkdir(parents=True)
    (tmp_path / "src").symlink_to(ROOT / "src")
    return tmp_path


@pytest.mark.parametrize(("path", "language", "text"), GOOD.values(), ids=GOOD)
def test_a_good_block_is_accepted(root: Path, path: str, language: str, text: str) -> None:
    """What a reader may copy as it stands has no fault."""
    assert None is fault(a_block(root, path, language, text), root)


# Each row: the snippet's path, the fence's language, its text, what its fault must say.
BAD: dict[str, tuple[str, str, str, str]] = {
    "stale output": (EXAMPLE, "python", 'print("a")\n#> b\n', "#> a"),
    "missing output": (EXAMPLE, "python", 'print("a")\n', "#> a"),
    "output too many": (EXAMPLE, "python", 'print("a")\n#> a\n#> b\n', "#> b"),
    "exception": (EXAMPLE, "python", "1 / 0\n", "ZeroDivisionError"),
    "unused import": (EXAMPLE, "python", "import os\n", "F401"),
    "syntax of an example": (EXAMPLE, "python", "x =\n", "invalid syntax"),
    "syntax of a module": (OTHER, "python", '"""A."""\n\nx =\n', f"{OTHER}:3: invalid syntax"),
    "module that fails on import": (MODULE, "python", '"""A."""\n\nimport nosuchmodule\n', "nosuchmodule"),
    "undefined name": (OTHER, "python", '"""A."""\n\nx = y\n', "F821"),
    "unknown key": (
        OBJECT,
        "yaml",
        SERVICE.replace("ports:", "portz:"),
        "Additional properties are not allowed ('portz' was unexpected)",
    ),
    "wrong type": (OBJECT, "yaml", SERVICE.replace("80", "eighty"), "'eighty' is not of type 'integer'"),
    "unknown kind": (OBJECT, "yaml", SERVICE.replace("Service", "Servise"), "unknown kind Servise of v1"),
    "second object": (
        OBJECT,
        "yaml",
        f"{SERVICE}---\n{SERVICE.replace('ports:', 'portz:')}",
        "'portz' was unexpected",
    ),
    "key twice": (OBJECT, "yaml", f"{SERVICE}spec: {{}}\n", "key 'spec' stands twice"),
    "not YAML": (OBJECT, "yaml", "a: [", "not readable as YAML"),
    "custom object": (OBJECT, "yaml", APPLICATION.replace("project:", "projekt:"), "'projekt' was unexpected"),
    "inline comment": (
        "snippets/a.env",
        "dotenv",
        "PORT=8080 # the port\n",
        "PORT is '8080' to python-dotenv and '8080 # the port' to docker --env-file; "
        "put comments on lines of their own",
    ),
    "quoted value": ("snippets/a.env", "dotenv", 'NAME="a b"\n', "NAME is 'a b' to python-dotenv and '\"a b\"'"),
    "export": ("snippets/a.env", "dotenv", "export NAME=a\n", "NAME"),
    "interpolation": ("snippets/a.env", "dotenv", "A=1\nB=$A\n", "B is '1' to bash and '$A'"),
    "no variable": ("snippets/a.env", "dotenv", "# nothing\n", "no variable is defined"),
    "shell syntax": ("snippets/deploy/a.sh", "shell", SCRIPT.replace("fi\n", ""), "syntax error"),
    "unquoted variable": ("snippets/deploy/a.sh", "shell", SCRIPT.replace('echo "$1"', "echo $1"), "SC2086"),
    "shell format": ("snippets/deploy/a.sh", "shell", SCRIPT.replace("  echo", "    echo"), '-    echo "$1"'),
    "Dockerfile without tag": ("snippets/Dockerfile", "dockerfile", "FROM python\n", "DL3006"),
    "Dockerfile keyword": ("snippets/Dockerfile", "dockerfile", "FROM scratch\nCPY a b\n", "unexpected"),
    "JSON": ("snippets/a.json", "json", '{"a": 1,}', "Expecting property name"),
    "JSON Schema": (
        "snippets/a.json",
        "json",
        '{"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "objekt"}',
        "'objekt' is not valid under any of the given schemas",
    ),
    "TOML": ("snippets/a.toml", "toml", "[a\n", "Expected ']'"),
    "inventory": (
        "snippets/a/fleet.yaml",
        "yaml",
        "repositories:\n  - {name: a, path: a, partner: b}\n",
        "no repository is named b",
    ),
    "subcommand": ("snippets/a.console", "console", "$ kubectl gett pods\n", 'unknown command "gett"'),
    "flag": ("snippets/a.console", "console", "$ kubectl get pods --nosuch\n", "unknown flag: --nosuch"),
    "helm flag": ("snippets/a.console", "console", "$ helm list --nosuch\n", "unknown flag: --nosuch"),
    "quotes": ("snippets/a.console", "console", "$ kubectl get 'pods\n", "No closing quotation"),
    "other command": ("snippets/a.console", "console", "$ rm -rf x\n", "nothing judges this"),
    "pipe": ("snippets/a.console", "console", "$ kubectl get pods | kubectl gett\n", "one command a line"),
    "output alone": ("snippets/a.console", "console", "pod/app created\n", "at least one line that begins with '$ '"),
}


@pytest.mark.parametrize(("path", "language", "text", "message"), BAD.values(), ids=BAD)
def test_a_bad_block_is_named(root: Path, path: str, language: str, text: str, message: str) -> None:
    """What would mislead a reader is a fault with the page's line, the snippet file and what is wrong."""
    found = fault(a_block(root, path, language, text), root)

    assert found
    assert found.startswith(PLACE)
    assert path in found
    assert message in found


STARTING = """\
\"\"\"A.\"\"\"

import subprocess
import sys

print(subprocess.call([sys.executable, "-m", "demo.a"], env={"PYTHONPATH": ":".join(sys.path)}))
#> 0
"""


def test_judging_the_app_leaves_nothing_beside_it(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No cache and no bytecode, an example's own process included: a changed file would have the site built again."""
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    write_snippet(root, "snippets/app/src/demo/__init__.py", "")
    module = a_block(root, MODULE, "python", '"""A."""\n\nNAME = "app"\n')
    example = a_block(root, EXAMPLE, "python", STARTING)
    before = sorted(root.rglob("*"))

    assert [None, None] == [fault(module, root), fault(example, root)]
    assert before == sorted(root.rglob("*"))


# Each row: the snippet's path, the fence's language, its text.
UNJUDGED: dict[str, tuple[str, str, str]] = {
    "unknown language": ("snippets/a.rb", "ruby", "puts 1"),
    "plain text": ("snippets/a.txt", "text", "a"),
    "short name": (EXAMPLE, "py", "x = 1"),
    "Python elsewhere": ("snippets/a.py", "python", "x = 1"),
    "YAML of no kind": ("snippets/a.yaml", "yaml", "a: 1"),
    "typo in apiVersion": (OBJECT, "yaml", SERVICE.replace("apiVersion", "apiversion")),
    "one of two documents": (OBJECT, "yaml", f"{SERVICE}---\na: 1\n"),
    "ignore file without answers": ("snippets/.gitignore", "gitignore", "a"),
    "Docker ignore file without answers": ("snippets/.dockerignore", "dockerignore", "a"),
    "tree of nothing known": ("snippets/trees/other.ko.txt", "tree", "a/"),
}


@pytest.mark.parametrize(("path", "language", "text"), UNJUDGED.values(), ids=UNJUDGED)
def test_a_block_that_nothing_judges_is_refused(root: Path, path: str, language: str, text: str) -> None:
    """No kind of block is let pass: without a judge the page is wrong."""
    with pytest.raises(PageError) as refused:
        fault(a_block(root, path, language, text), root)

    assert str(refused.value).startswith(f"{PLACE}no judge for {language} of {path}; use one of ")


@pytest.mark.parametrize(
    ("path", "language", "kind"),
    [
        ("snippets/examples/json_logs.py", "python", "python-example"),
        ("snippets/app/src/app/health.py", "python", "python-module"),
        ("snippets/observer/src/app/ticks/sql.py", "python", "python-module"),
        ("snippets/app/docker/plan.py", "python", "python-file"),
        ("snippets/app/.github/workflows/test.yml", "yaml", "workflow"),
        ("snippets/deploy/k8s/base/kustomization.yaml", "yaml", "kustomization"),
        ("snippets/deploy/k8s/overlays/production/patches/resources.yaml", "yaml", "kustomize-patch"),
        ("snippets/deploy/helm/apps/app/values.yaml", "yaml", "helm"),
        ("snippets/deploy/.sops.yaml", "yaml", "sops"),
        ("snippets/fleet/fleet.yaml", "yaml", "inventory"),
        ("snippets/deploy/k8s/base/deployments/app.yaml", "yaml", "kubernetes"),
        ("snippets/app/.gitignore", "gitignore", "gitignore"),
        ("snippets/app/.dockerignore", "dockerignore", "dockerignore"),
        ("snippets/trees/app.ko.txt", "tree", "tree"),
    ],
)
def test_a_block_gets_the_judge_of_its_kind(path: str, language: str, kind: str) -> None:
    """A block's judge follows from its language, its place and its content."""
    assert kind == judge_of(a_block(ROOT, path, language), ROOT).kind


def test_an_example_of_a_section_is_not_run(root: Path) -> None:
    """Only a whole example runs: a part of one would run without what stands before it."""
    block = a_block(root, EXAMPLE, "python", "x = 1\n")
    part = type(block)(
        block.page,
        block.line,
        "ko",
        "python",
        type(block.snippet)(EXAMPLE, "one", 1, 1, "x = 1"),
    )

    assert ("python-example", "python-file") == (judge_of(block, root).kind, judge_of(part, root).kind)


def test_a_missing_tool_is_no_verdict(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a tool cannot be had the judge says how to get it, and gives no verdict."""
    monkeypatch.setattr(sys, "executable", str(root / "python"))

    with pytest.raises(Unavailable, match=r"hadolint is not installed; run ./dev test, which installs it"):
        fault(a_block(root, "snippets/Dockerfile", "dockerfile", "FROM scratch\nCOPY b /b\n"), root)


def test_a_file_of_another_form_is_a_fault(root: Path) -> None:
    """A settings file without the keys that its judge reads is a fault, not a traceback."""
    found = fault(a_block(root, "snippets/deploy/.sops.yaml", "yaml", "rules: []\n"), root)

    assert (
        f"{PLACE}snippets/deploy/.sops.yaml:1-1: not of the form that its judge knows: KeyError('creation_rules')"
        == found
    )


GITIGNORE = (ROOT / "snippets/app/.gitignore").read_text("utf-8")
DOCKERIGNORE = (ROOT / "snippets/app/.dockerignore").read_text("utf-8")


APP = "snippets/app"

# Each row: the file, its text, the end of its fault.
IGNORES: dict[str, tuple[str, str, str]] = {
    "folder at any depth": (
        ".gitignore",
        f"{GITIGNORE}\nbuild/\n",
        "docker/build/steps.sh should be kept but is ignored",
    ),
    "file at any depth": (
        ".gitignore",
        f"{GITIGNORE}\n*.log\n",
        "tests/fixtures/sample.log should be kept but is ignored",
    ),
    "schema": (
        ".gitignore",
        GITIGNORE.replace("!.env.example", ""),
        "config/.env.example should be kept but is ignored",
    ),
    "secret": (".gitignore", "!.env.example", ".env should be ignored but is kept"),
    "history": (".dockerignore", f"{DOCKERIGNORE}\n!.git\n", ".git/config should be ignored but is kept"),
}


@pytest.mark.parametrize(("name", "text", "message"), IGNORES.values(), ids=IGNORES)
def test_an_ignore_file_answers_as_expected(root: Path, name: str, text: str, message: str) -> None:
    """An ignore file that loses a source file, or lets a secret in, is a fault that names the path."""
    found = fault(a_block(root, f"{APP}/{name}", name.removeprefix("."), text), root)

    assert found
    assert found.startswith(f"{PLACE}{APP}/{name}")
    assert found.endswith(message)


TREE = "app/\n├── README.md\n└── src/\n    └── a.py\n"


@pytest.fixture
def app(root: Path) -> Path:
    """A repository whose App repo has two files, and one that Git ignores."""
    (root / ".gitignore").write_text("*.pyc\n", "utf-8")
    for path in ("README.md", "src/a.py", "src/a.pyc", "empty/b.pyc"):
        write_snippet(root, f"snippets/app/{path}", "x\n")
    return root


# Each row: the drawn tree, then its fault behind the place.
TREES: dict[str, tuple[str, str | None]] = {
    "as it is": (TREE, None),
    "with comments": (TREE.replace("README.md", "README.md    # what it is"), None),
    "open-ended": ("app/\n├── src/\n└── ...\n", None),
    "folder left closed": ("app/\n├── README.md\n└── src/\n", None),
    "removed line": (
        "app/\n└── src/\n    └── a.py\n",
        "snippets/trees/app.ko.txt:1: snippets/app/README.md has no line; add it",
    ),
    "removed line below": (
        "app/\n├── README.md\n└── src/\n    └── ...\n",
        None,
    ),
    "file that is not there": (
        TREE.replace("a.py", "b.py"),
        "snippets/trees/app.ko.txt:4: snippets/app/src/b.py does not exist; remove the line",
    ),
    "folder drawn as a file": (
        TREE.replace("src/", "src"),
        "snippets/trees/app.ko.txt:3: snippets/app/src does not exist; remove the line",
    ),
    "no line of a tree": (
        TREE.replace("└── src/", "src/"),
        "snippets/trees/app.ko.txt: line 3 is no line of a tree: 'src/'",
    ),
}


@pytest.mark.parametrize(("text", "message"), TREES.values(), ids=TREES)
def test_a_tree_is_the_real_tree(app: Path, text: str, message: str | None) -> None:
    """A drawn tree and the real one agree in both directions, what Git ignores left out."""
    found = fault(a_block(app, "snippets/trees/app.ko.txt", "tree", text), app)

    assert (message and PLACE + message) == found


@pytest.fixture
def deploy(root: Path) -> Path:
    """A repository with a Deploy repo of one Service and one overlay."""
    base, overlay = "snippets/deploy/k8s/base", "snippets/deploy/k8s/overlays/staging"
    write_snippet(root, f"{base}/service.yaml", SERVICE)
    write_snippet(root, f"{base}/kustomization.yaml", "resources:\n  - service.yaml\n")
    write_snippet(root, f"{overlay}/patches/port.yaml", SERVICE.replace("80", "81"))
    write_snippet(
        root,
        f"{overlay}/kustomization.yaml",
        "resources:\n  - ../../base\npatches:\n  - path: patches/port.yaml\n",
    )
    return root


OVERLAY = "snippets/deploy/k8s/overlays/staging"


@pytest.mark.parametrize("path", [f"{OVERLAY}/kustomization.yaml", f"{OVERLAY}/patches/port.yaml"])
def test_an_overlay_is_rendered(deploy: Path, path: str) -> None:
    """A kustomization and its patch are good where kubectl renders the overlay."""
    assert None is fault(a_block(deploy, path, "yaml"), deploy)


def test_an_overlay_without_its_base_is_named(deploy: Path) -> None:
    """A kustomization that names what is not there is a fault."""
    text = (deploy / OVERLAY / "kustomization.yaml").read_text("utf-8").replace("../../base", "../../bass")
    found = fault(a_block(deploy, f"{OVERLAY}/kustomization.yaml", "yaml", text), deploy)

    assert found
    assert "k8s/bass" in found


def test_a_verdict_changes_with_a_file_that_it_depends_on(deploy: Path) -> None:
    """A block that was good is judged anew once another file, which its tool reads, has changed."""
    overlay = a_block(deploy, f"{OVERLAY}/kustomization.yaml", "yaml")
    before = fault(overlay, deploy)
    shutil.move(deploy / "snippets/deploy/k8s/base", deploy / "snippets/deploy/k8s/other")

    assert before is None
    assert "base" in (fault(overlay, deploy) or "")


def test_a_patch_of_nothing_is_named(deploy: Path) -> None:
    """A patch whose target is not in the overlay is a fault."""
    text = SERVICE.replace("name: app", "name: web")
    found = fault(a_block(deploy, f"{OVERLAY}/patches/port.yaml", "yaml", text), deploy)

    assert found
    assert "no matches for Id Service" in found


def test_a_patch_that_no_overlay_uses_is_named(deploy: Path) -> None:
    """A patch that nothing applies is a fault."""
    found = fault(a_block(deploy, f"{OVERLAY}/patches/other.yaml", "yaml", SERVICE), deploy)

    assert f"{PLACE}{OVERLAY}/patches/other.yaml: no kustomization uses this patch" == found


WORKFLOW = """\
name: test
on: pull_request
permissions: {}
jobs:
  test:
    name: test
    runs-on: ubuntu-24.04
    timeout-minutes: 5
    steps:
      - run: echo ok
"""


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (WORKFLOW, None),
        (WORKFLOW.replace("runs-on", "run-on"), "'runs-on' is a required property"),
        (WORKFLOW.replace("echo ok", "echo ${{ github.evnt }}"), 'property "evnt" is not defined'),
        (WORKFLOW.replace("pull_request", "pull_request_target"), "dangerous-triggers"),
    ],
    ids=["good", "key", "expression", "trigger"],
)
def test_a_workflow_is_judged_by_three_tools(root: Path, text: str, message: str | None) -> None:
    """A wrong key, a wrong expression and an unsafe trigger are faults, each found by its tool."""
    found = fault(a_block(root, "snippets/app/.github/workflows/a.yml", "yaml", text), root)

    assert (message is None) == (found is None)
    assert (message or "") in (found or "")


@pytest.mark.parametrize(
    ("text", "message"),
    [("flowchart LR\n  a --> b\n", None), ("flowchart LR\n  a --> \n", "Parse error"), ("flowchrt LR\n", "No diagram")],
    ids=["good", "edge", "type"],
)
def test_a_diagram_is_drawn(root: Path, text: str, message: str | None) -> None:
    """A diagram that Mermaid cannot draw is a fault."""
    (root / "docs").symlink_to(ROOT / "docs")

    found = fault(a_block(root, "snippets/a.mmd", "mermaid", text), root)

    assert (message is None) == (found is None)
    assert (message or "") in (found or "")
