"""The .gitignore, asked of Git itself over a tree in which each path has its expected answer."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
OUTPUT = ("build", "dist", "out", "target", "bin", "obj", "lib", "tmp", "log", "logs")
"""Names that tools give to what they build or leave behind, and people to folders of sources."""
SOURCES = ("src/app", "tests/fixtures", "docker", "scripts")

CASES = {
    "IGN001": {
        "ignored": [
            ".env", ".env.local", ".env.development", ".env.test", ".env.staging", ".env.production",
            ".env.production.local", "config/.env", "config/.env.production", "docker/.env", "src/app/.envrc",
        ],
        "kept": ["config/.env.example", ".env.example"],
    },
    "IGN002": {
        "ignored": [
            "build/lib/app/x.py", "dist/app-1.0-py3-none-any.whl", "tmp/x", ".tmp/x", "debug.log",
            "src/app.egg-info/PKG-INFO",
        ],
        "kept": [
            *(f"{folder}/{name}/x" for folder in SOURCES for name in OUTPUT), "tests/fixtures/sample.log",
            "migrations/versions/0001_orders.py",
        ],
    },
    "IGN003": {
        "ignored": [
            ".venv/bin/python", "venv/bin/python", ".mypy_cache/x", ".ruff_cache/x", ".pytest_cache/x", ".hypothesis/x",
            ".coverage", ".coverage.host.1", "htmlcov/index.html", ".idea/x.xml", ".vscode/settings.json",
            "src/app/x.swp", "src/app/__pycache__/x.cpython-311.pyc", "tests/__pycache__/x.pyc",
        ],
        "kept": ["src/app/coverage.py", "tests/unit/test_cache.py", ".dockerignore", ".github/workflows/test.yml"],
    },
    "IGN004": {
        "ignored": [
            "server.key", "config/tls.pem", "config/server.key", "docker/prod.kubeconfig", "src/app/kubeconfig",
            "client.p12", "client.pfx", "id_rsa", "id_ed25519", "docker/id_rsa.pub",
            "kubeconfig", "kubeconfig.yaml", "config/prod.kubeconfig", ".kube/config",
        ],
        "kept": ["src/app/keys.py", "src/app/kube.py", "docs/key.md"],
    },
}  # fmt: skip


def cases(verdict: str) -> list[object]:
    """One test per path, marked with the rule that it proves."""
    return [
        pytest.param(path, marks=pytest.mark.rule(rule), id=path) for rule in CASES for path in CASES[rule][verdict]
    ]


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository that holds every path, with the .gitignore of each folder of this one and no other."""
    root = tmp_path_factory.mktemp("repository")
    git(root, "init", "--quiet")
    for file in ignore_files():
        (root / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(REPOSITORY / file, root / file)
    for verdicts in CASES.values():
        for path in (path for paths in verdicts.values() for path in paths):
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).touch()
    git(root, "add", "--all")
    return root


def ignore_files() -> list[Path]:
    """Every .gitignore of the repository; a tool's cache has one of its own, which is no part of it."""
    found = [file.relative_to(REPOSITORY) for file in REPOSITORY.rglob(".gitignore")]
    folders = ("src", "tests", "docker", "migrations", "config", "docs", "scripts", ".github")
    return [file for file in found if file.parts[0] in (".gitignore", *folders)]


def git(root: Path, *arguments: str) -> str:
    """Run Git as on a machine without any settings of its own."""
    environ = {
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_CONFIG_SYSTEM": "/dev/null",
        "PATH": "/usr/bin:/bin:/usr/local/bin",
    }
    run = subprocess.run(["git", *arguments], cwd=root, env=environ, capture_output=True, text=True, check=False)
    assert run.returncode in {0, 1}, run.stderr
    return run.stdout


@pytest.mark.parametrize("path", cases("ignored"))
def test_it_is_ignored(tree: Path, path: str) -> None:
    """Neither added by `git add --all` nor shown as new."""
    assert git(tree, "check-ignore", path) == f"{path}\n"
    assert path not in git(tree, "ls-files").splitlines()


@pytest.mark.parametrize("path", cases("kept"))
def test_it_is_kept(tree: Path, path: str) -> None:
    """`git add --all` takes it."""
    assert path in git(tree, "ls-files").splitlines()


@pytest.mark.rule("IGN002")
def test_no_file_of_this_repository_is_lost(tree: Path) -> None:
    """The sources, tests and fixtures that lie here are all kept."""
    folders = [REPOSITORY / name for name in ("src", "tests", "docker", "migrations", "config", "docs", "scripts")]
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc"]
    here = [str(path.relative_to(REPOSITORY)) for path in files if ".egg-info" not in str(path)]
    ignored = [path for path in here if git(tree, "check-ignore", "--no-index", path)]
    assert len(here) > 20
    assert ignored == []
