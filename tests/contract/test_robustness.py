"""Whatever two folders hold, the command ends with findings or a usage error, never with a traceback."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.contract.trees import APP, DEPLOY, ROOT, Trees, copy_trees

from apparch import cli
from apparch.contract import compare
from apparch.repository import Repository
from apparch.repository.kustomize import render

pytestmark = pytest.mark.long

READ = [
    ("app", "config/.env.example"),
    ("app", "config/settings.schema.json"),
    ("app", "docker/Dockerfile"),
    ("app", "pyproject.toml"),
    ("app", "src/app/metrics.py"),
    ("app", "src/app/health.py"),
    ("app", ".github/workflows/release.yml"),
    ("deploy", "k8s/base/kustomization.yaml"),
    ("deploy", "k8s/base/deployments/app.yaml"),
    ("deploy", "k8s/base/configmaps/app-config.env"),
    ("deploy", "k8s/base/services/app-svc.yaml"),
    ("deploy", "k8s/overlays/production/kustomization.yaml"),
    ("deploy", "k8s/overlays/production/patches/config.env"),
    ("deploy", "_shared/migrations/job-template.yaml"),
    ("deploy", "_shared/monitoring/rules/app-alerts.yaml"),
    ("deploy", "_shared/monitoring/servicemonitor.yaml"),
    ("deploy", "_shared/monitoring/dashboards/app.json"),
    ("deploy", "_shared/secrets/sealed/production/app-secrets.yaml"),
    ("deploy", "_shared/secrets/templates/app-secrets.env"),
]
HARMLESS = {
    # Only the place where tags come from is read of it.
    ".github/workflows/release.yml",
    # Alerts that are gone use no metric; a form that is gone asks for no key.
    "_shared/monitoring/rules/app-alerts.yaml",
    "_shared/secrets/templates/app-secrets.env",
    # A Secret that is not in the rendering is known by its form.
    "_shared/secrets/sealed/production/app-secrets.yaml",
    # What the base does not say has a default, or is an overlay's.
    "k8s/base/configmaps/app-config.env",
}
"""What may be replaced by something else that can be read."""
BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 20)
)
HOSTILE: dict[str, bytes] = {
    "empty": b"",
    "binary": bytes(range(256)) * 20,
    "not-utf8": b"a: \xff\n",
    "half-a-line": b"a: [",
    "bomb": BOMB.encode(),
    "deep": b"[" * 50_000,
    "deep-json": b'{"a":' * 50_000,
    "huge": b"# x\n" * 300_000,
    "a-list": b"- a\n- b\n",
    "a-scalar": b"just text\n",
    "many-documents": b"---\na: 1\n" * 2_000,
    "null-byte": b"a: \0\n",
    "python-tag": b"a: !!python/object/apply:os.system [x]\n",
}


def end(trees: Trees, capsys: pytest.CaptureFixture[str]) -> int:
    """The exit code in this process; what was printed must be whole JSON, and nothing else."""
    code = cli.main(["contract", "--app", str(trees.app), "--deploy", str(trees.deploy), "--format", "json"])
    out, err = capsys.readouterr()
    assert (code, err) == (code, ""), err
    assert json.loads(out)["agree"] == (code == 0)
    return code


@pytest.mark.parametrize("content", HOSTILE)
def test_a_hostile_file_is_a_finding(content: str, trees: Trees, capsys: pytest.CaptureFixture[str]) -> None:
    """Each file that the comparison reads is replaced in turn."""
    accepted = []
    for repository, name in READ:
        file = trees.path(repository, name)
        before = file.read_bytes()
        file.write_bytes(HOSTILE[content])
        code = end(trees, capsys)
        assert code in (0, 1)
        if code == 0:
            accepted.append(name)
        file.write_bytes(before)
    assert set(accepted) <= HARMLESS, accepted


@pytest.mark.parametrize(("repository", "name"), READ)
def test_a_missing_file_is_no_error(
    repository: str, name: str, trees: Trees, capsys: pytest.CaptureFixture[str]
) -> None:
    """The file is gone, or a folder has its name, or a link that leads outside."""
    file = trees.path(repository, name)
    file.unlink()
    assert end(trees, capsys) in (0, 1)
    file.mkdir()
    assert end(trees, capsys) in (0, 1)
    file.rmdir()
    file.symlink_to(APP / "pyproject.toml")
    assert end(trees, capsys) in (0, 1)


def test_a_link_out_of_the_repository_is_not_read(trees: Trees) -> None:
    """The overlay's patch is the right file, but outside: the overlay cannot be rendered."""
    file = trees.path("deploy", "k8s/overlays/production/patches/replicas.yaml")
    file.unlink()
    file.symlink_to(DEPLOY / "k8s/overlays/production/patches/replicas.yaml")
    (finding,) = trees.comparison.findings
    assert finding.rule == "OWN025"
    assert "symbolic link" in finding.wrong


@pytest.mark.parametrize("folder", ["k8s", "k8s/overlays", "k8s/base", "_shared", "_shared/migrations"])
def test_a_missing_folder_of_deploy_is_a_finding(folder: str, trees: Trees, capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever is left is still compared."""
    shutil.rmtree(trees.deploy / folder)
    assert end(trees, capsys) == 1


@pytest.mark.parametrize("folder", ["config", "docker", "src", "migrations", ".github"])
def test_a_missing_folder_of_app_is_no_error(folder: str, trees: Trees, capsys: pytest.CaptureFixture[str]) -> None:
    """An app that is not written in Python has no src/ that could be read."""
    shutil.rmtree(trees.app / folder)
    assert end(trees, capsys) in (0, 1)


BOMBS = {
    "layers that name each other often": {
        "kustomization.yaml": "resources: [a0, a0]\n",
        **{f"a{n}/kustomization.yaml": f"resources: [../a{n + 1}, ../a{n + 1}]\n" for n in range(19)},
        "a19/kustomization.yaml": "resources: []\n",
    },
    "more patches than anybody writes": {"kustomization.yaml": "patches:\n" + "- path: p.yaml\n" * 20_000},
    "a long text with many aliases": {
        "kustomization.yaml": f"a: &a {'x' * 100_000}\nb: [{', '.join(['*a'] * 5_000)}]\n"
    },
    "two layers that stand on each other": {
        "kustomization.yaml": "resources: [a]\n",
        "a/kustomization.yaml": "resources: [../]\n",
    },
}


@pytest.mark.parametrize("name", BOMBS)
def test_files_that_grow_when_rendered_are_refused(name: str, tmp_path: Path) -> None:
    """A few lines that would take for ever are a problem at once."""
    for path, text in BOMBS[name].items():
        (tmp_path / "repo" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "repo" / path).write_text(text, "utf-8")
    assert render(Repository(tmp_path / "repo"), ".").problem is not None


def test_long_lines_and_many_names_take_no_time(trees: Trees, capsys: pytest.CaptureFixture[str]) -> None:
    """Texts that would make a careless pattern or a comparison of everything with everything run for hours."""
    trees.path("deploy", "_shared/scripts/long.sh").write_text("a/" * 400_000)
    trees.path("deploy", ".github/workflows/long.yml").write_text(
        "jobs: {a: {steps: [{run: " + "gh workflow run " * 50_000 + "}]}}\n"
    )
    trees.path("app", "config/.env.example").write_text("".join(f"VARIABLE_{n}=\n" for n in range(50_000)))
    config = trees.path("deploy", "k8s/base/configmaps/app-config.env")
    config.write_text(config.read_text() + "".join(f"UNKNOWN_{n}=x\n" for n in range(2_000)))
    assert end(trees, capsys) == 1


def test_empty_folders_are_findings(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing to compare is not agreement."""
    assert end(Trees(tmp_path, tmp_path), capsys) == 1


def test_the_wrong_way_round_is_a_finding(capsys: pytest.CaptureFixture[str]) -> None:
    """An App repository has no overlays, a Deploy repository publishes nothing."""
    assert end(Trees(DEPLOY, APP), capsys) == 1


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Trees:
    """Trees that the fuzzing restores after each example."""
    return copy_trees(tmp_path_factory.mktemp("fuzzed"))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    target=st.sampled_from(READ),
    at=st.floats(0, 1),
    length=st.integers(0, 40),
    noise=st.text(alphabet="ab:-[]{}&*!|>'\"%@`#\n\t \\<,?~0$(", max_size=12) | st.text(max_size=6),
)
def test_a_fuzzed_file_ends_the_comparison_in_judgements(
    shared: Trees, target: tuple[str, str], at: float, length: int, noise: str
) -> None:
    """A stretch of a real file is replaced by noise: no exception, and every finding has two places."""
    file = shared.path(*target)
    before = file.read_text("utf-8")
    begin = int(at * len(before))
    file.write_bytes((before[:begin] + noise + before[begin + length :]).encode("utf-8", "surrogatepass"))
    try:
        comparison = compare(Repository(shared.app), Repository(shared.deploy))
    finally:
        file.write_text(before, "utf-8")
    assert all(len(each.sides) >= 2 for each in comparison.findings)


def test_the_project_itself_is_read_without_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    """A repository that is neither."""
    assert end(Trees(ROOT / "tests", ROOT / "src"), capsys) == 1
