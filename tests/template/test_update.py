"""Updates of real repositories from the older version of the template, by the command that people call."""

from __future__ import annotations

import shutil
import sys
import textwrap
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from apparch.cli.exit_codes import AGREE, CONFLICT, FINDINGS, USAGE
from apparch.cli.run import run
from apparch.template.repository import built, git, standing_in, versions_of

OLD, NEW = "1.0.0", "1.1.0"
SMALL_SOURCE = "https://git.example/small.git"
SMALL = {
    "copier.yml": """
        _subdirectory: app
        _templates_suffix: .jinja
        _answers_file: .copier-answers.yml
        _skip_if_exists: [once.py]
        name: {type: str, default: small}
    """,
    "app/{{ _copier_conf.answers_file }}.jinja": "{{ _copier_answers | to_nice_yaml -}}\n",
    "app/main.py": "import os\n\n\ndef main():\n    os.environ.clear()\n    return 0\n\n\nmain()\n",
    "app/Dockerfile": "FROM scratch\n# 1\n# 2\n# 3\nCOPY app.pyc /\n",
    "app/new.py": "new = 1\n",
    "app/once.py": "a start\n",
    "versions.yaml": """
        versions:
          - version: 1.1.0
            date: 2027-01-02
            changes:
              - {id: clean, level: must, kind: app, rules: [ENV015], files: [main.py, gone.py, new.py],
                 what: {ko: 지운다, en: It forgets.}}
              - {id: fast, level: may, kind: app, rules: [], files: [Dockerfile], what: {ko: 빠르다, en: It is fast.}}
          - {version: 1.0.0, date: 2027-01-01}
    """,
    "history/1.0.0.diff": """
        --- a/app/main.py
        +++ b/app/main.py
        @@ -3,4 +3,3 @@

         def main():
        -    os.environ.clear()
             return 0
        --- a/app/Dockerfile
        +++ b/app/Dockerfile
        @@ -4,2 +4,2 @@
         # 3
        -COPY app.pyc /
        +COPY app.py /
        --- /dev/null
        +++ b/app/gone.py
        @@ -0,0 +1 @@
        +gone = 1
        --- a/app/new.py
        +++ /dev/null
        @@ -1 +0,0 @@
        -new = 1
    """,
}
"""A template of two versions and few files, of which Copier is as sure as of the real one, and faster."""
DIVERGES = "diverges:\n  - {file: main.py, reason: it starts a child, until: 2999-12-31}\n"
DECLINES = "declines:\n  - {change: fast, reason: it stays small}\n"
LATER = """\
  - version: 1.2.0
    date: 2027-01-03
    changes:
      - {id: named, level: must, kind: app, rules: [IMG001], files: [Dockerfile], what: {ko: 이름, en: It has a name.}}
"""
WHO = {f"GIT_{role}_{what}": "somebody" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}

Changes = Mapping[str, str | None]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repository of the small template, beside one that was made from its older version."""
    folder = tmp_path_factory.mktemp("small")
    for path, text in SMALL.items():
        file = folder / "template" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(textwrap.dedent(text).lstrip("\n"))
    bare = built(folder / "template", folder)
    copied(bare, SMALL_SOURCE, OLD, folder / "repository")
    return bare


def copied(bare: Path, source: str, version: str, into: Path, **answers: str | bool) -> Path:
    """A repository that Copier makes, committed."""
    from copier import run_copy

    with standing_in(bare, source):
        run_copy(source, into, answers, vcs_ref=f"v{version}", defaults=True, quiet=True)
    git("init", "--quiet", at=into)
    committed(into)
    return into


def committed(repository: Path) -> None:
    """Commit all that is there."""
    git("add", "--all", "--force", at=repository)
    git("commit", "--quiet", "-m", "x", at=repository, more=WHO)


@pytest.fixture(name="made")
def _made(small: Path, tmp_path: Path) -> Callable[[Changes], Path]:
    """A repository of the older version with changes of its own."""

    def make(changes: Changes) -> Path:
        repository = Path(shutil.copytree(small.parent / "repository", tmp_path / "repository"))
        changed(repository, changes)
        return repository

    return make


def changed(repository: Path, changes: Changes) -> None:
    """Commit some changes: a text is added to a file, in `old>>new` replaced; None removes the file."""
    for path, change in changes.items():
        file = repository / path
        file.parent.mkdir(parents=True, exist_ok=True)
        text = file.read_text() if file.exists() else ""
        old, replaces, new = (change or "").partition(">>")
        assert not replaces or old in text
        if change is None:
            file.unlink()
        else:
            file.write_text(text.replace(old, new) if replaces else text + change)
    if changes:
        committed(repository)


def updated(repository: Path, small: Path, *arguments: str) -> int:
    """The exit code of an update by the small template."""
    return run(["update", str(repository), "--template", str(small), "--lang", "en", *arguments])


def state(repository: Path) -> tuple[str, list[str]]:
    """What git sees of a repository: its last commit, and what differs from it."""
    return git("rev-parse", "HEAD", at=repository), git("status", "--porcelain", at=repository).splitlines()


def recorded(repository: Path) -> str:
    """The version that it records."""
    lines = (repository / ".copier-answers.yml").read_text().splitlines()
    return next(line.removeprefix("_commit: v") for line in lines if line.startswith("_commit:"))


def test_an_update_brings_what_the_template_changed_and_commits_nothing(
    made: Callable[[Changes], Path], small: Path
) -> None:
    """What the repository added, changed, removed and did not commit stays as it was."""
    own = {"orders.py": "price = 1\n", "main.py": "\n# Mine.\n"}
    repository = made({**own, "once.py": None, "Dockerfile": None})
    (repository / "notes.txt").write_text("not committed")
    before, _ = state(repository)
    assert updated(repository, small) == AGREE
    files = [" M .copier-answers.yml", " D gone.py", " M main.py", "?? new.py", "?? notes.txt"]
    assert (state(repository), recorded(repository)) == ((before, files), NEW)
    assert "os.environ.clear()" in (repository / "main.py").read_text()
    assert [path for path, text in own.items() if not (repository / path).read_text().endswith(text)] == []


def test_check_says_what_is_lacking_and_changes_nothing(
    made: Callable[[Changes], Path], small: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each change with its level and rules, and which of them is declined."""
    repository = made({"config/apparch.yaml": DECLINES})
    before = state(repository)
    assert updated(repository, small, "--check") == FINDINGS
    assert capsys.readouterr().out.splitlines() == [
        "1.0.0 -> 1.1.0",
        "1.1.0  must  clean (ENV015)",
        "       It forgets.",
        "1.1.0  may   fast",
        "       It is fast.",
        "       declined: it stays small",
    ]
    assert state(repository) == before


def test_a_conflict_changes_nothing_and_is_told(
    made: Callable[[Changes], Path], small: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Lines that both changed, a file that both made, one that the template gave up; --markers leaves both sides."""
    repository = made({"main.py": "return 0>>return 1", "gone.py": "mine = 1\n", "new.py": "mine = 2\n"})
    before = state(repository)
    assert updated(repository, small) == CONFLICT
    assert capsys.readouterr().err.splitlines()[:4] == [
        "apparch: 1.1.0 changes lines that this repository changed; nothing was changed",
        "  gone.py",
        "  main.py",
        "  new.py",
    ]
    assert (state(repository), recorded(repository)) == (before, OLD)
    assert updated(repository, small, "--markers") == CONFLICT
    text = (repository / "main.py").read_text()
    assert [each in text for each in ("<<<<<<< before updating", "return 1", "environ.clear()")] == [True] * 3
    assert ((repository / "gone.py").exists(), state(repository)[0], recorded(repository)) == (True, before[0], NEW)


def test_a_declared_file_stays_as_it_is(
    made: Callable[[Changes], Path], small: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where it would conflict as well; a declined change leaves its files, the rest comes."""
    repository = made({"main.py": "return 0>>return 1", "config/apparch.yaml": DIVERGES + DECLINES})
    before, _ = state(repository)
    assert updated(repository, small) == AGREE
    assert capsys.readouterr().out.splitlines() == [
        "1.0.0 -> 1.1.0",
        "changed  .copier-answers.yml",
        "changed  gone.py",
        "changed  new.py",
        "kept  Dockerfile: it stays small (declines fast)",
        "kept  main.py: it starts a child (diverges until 2999-12-31)",
        "Look at it with git diff, then commit it.",
    ]
    assert state(repository) == (before, [" M .copier-answers.yml", " D gone.py", "?? new.py"])


def test_a_version_after_a_declined_change_is_merged_into_what_was_kept(
    made: Callable[[Changes], Path], small: Path, tmp_path: Path
) -> None:
    """The file has the later change, and not the declined one."""
    repository = made({"config/apparch.yaml": DECLINES})
    folder = shutil.copytree(small.parent / "template", tmp_path / "template")
    (folder / "app/Dockerfile").write_text("FROM scratch AS app\n# 1\n# 2\n# 3\nCOPY app.pyc /\n")
    back = "--- a/app/Dockerfile\n+++ b/app/Dockerfile\n@@ -1,2 +1,2 @@\n-FROM scratch AS app\n+FROM scratch\n # 1\n"
    (folder / "history/1.1.0.diff").write_text(back)
    (folder / "versions.yaml").write_text(
        (folder / "versions.yaml").read_text().replace("versions:\n", f"versions:\n{LATER}")
    )
    assert updated(repository, built(folder, tmp_path)) == AGREE
    assert (repository / "Dockerfile").read_text() == "FROM scratch AS app\n# 1\n# 2\n# 3\nCOPY app.py /\n"
    assert recorded(repository) == "1.2.0"


def test_a_declined_change_that_shares_a_file_is_told(
    made: Callable[[Changes], Path], small: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With another one that is taken: whose lines are whose cannot be known."""
    repository = made({"config/apparch.yaml": DECLINES})
    folder = shutil.copytree(small.parent / "template", tmp_path / "template")
    versions = folder / "versions.yaml"
    versions.write_text(versions.read_text().replace("files: [main.py,", "files: [main.py, Dockerfile,"))
    with pytest.raises(SystemExit):
        updated(repository, built(folder, tmp_path))
    told = "fast is declined, but clean changes Dockerfile too; take both, or declare that Dockerfile diverges"
    assert capsys.readouterr().err.splitlines()[-1] == f"apparch update: error: {told}"


def test_a_part_of_a_repository_is_updated_alone(
    small: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its record lies in the part and still names its source, declarations at the root; nothing beside it changes."""
    whole = tmp_path / "whole"
    part = whole / "apps/qts"
    shutil.copytree(small.parent / "repository", part, ignore=shutil.ignore_patterns(".git"))
    (whole / "README.md").write_text("All apps.\n")
    git("init", "--quiet", at=whole)
    changed(whole, {"config/apparch.yaml": DECLINES})
    assert updated(part, small, "--check", "--lang", "ko") == FINDINGS
    assert capsys.readouterr().out.splitlines()[-2:] == ["       빠르다", "       사양함: it stays small"]
    assert updated(part, small, "--to", f"v{NEW}") == AGREE
    files = [
        " M apps/qts/.copier-answers.yml",
        " D apps/qts/gone.py",
        " M apps/qts/main.py",
        "?? apps/qts/new.py",
    ]
    assert (state(whole)[1], recorded(part)) == (files, NEW)
    assert f"_src_path: {SMALL_SOURCE}\n" in (part / ".copier-answers.yml").read_text()


def test_a_repository_that_is_as_new_or_newer_is_left_alone(
    made: Callable[[Changes], Path], small: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """And says which of both it is."""
    repository = made({".copier-answers.yml": f"v{OLD}>>v{NEW}"})
    assert updated(repository, small) == AGREE
    changed(repository, {".copier-answers.yml": f"v{NEW}>>v9.0.0"})
    assert updated(repository, small, "--check") == AGREE
    assert capsys.readouterr().out.splitlines() == [
        "1.1.0 is the newest version",
        "9.0.0 is newer than 1.1.0, the template here; install a newer apparch",
    ]


@pytest.mark.parametrize(
    ("changes", "arguments", "message"),
    [
        ({".copier-answers.yml": None}, [], "there is no .copier-answers.yml: the repository was not made from a"),
        ({".copier-answers.yml": "_src_path:>>_source:"}, [], ".copier-answers.yml:1: _src_path is missing"),
        ({}, None, f"was made from {SMALL_SOURCE}, which apparch does not carry; give --template {SMALL_SOURCE}"),
        (
            {".copier-answers.yml": f"v{OLD}>>0123abc"},
            [],
            "records 0123abc, which is no version; there are 1.1.0, 1.0.0",
        ),
        ({}, ["--to", "8.0.0"], "the template has no version 8.0.0; there are 1.1.0, 1.0.0"),
        ({}, ["--template", "/nowhere"], "git clone: fatal: repository '/nowhere' does not exist"),
    ],
)
def test_what_stands_in_the_way_is_told_in_one_line(
    made: Callable[[Changes], Path],
    small: Path,
    capsys: pytest.CaptureFixture[str],
    changes: Changes,
    arguments: list[str] | None,
    message: str,
) -> None:
    """As a wrong call, and nothing is touched."""
    repository = made(changes)
    before = state(repository)
    with pytest.raises(SystemExit) as ended:
        run(["update", str(repository)]) if arguments is None else updated(repository, small, *arguments)
    assert (ended.value.code, message in capsys.readouterr().err.splitlines()[-1]) == (USAGE, True)
    assert state(repository) == before


@pytest.mark.parametrize("staged", [False, True])
def test_changes_that_are_not_committed_are_refused(
    made: Callable[[Changes], Path], small: Path, capsys: pytest.CaptureFixture[str], staged: bool
) -> None:
    """An update on top of them could not be told from them."""
    repository = made({})
    (repository / "main.py").write_text("changed\n")
    if staged:
        git("add", "main.py", at=repository)
    with pytest.raises(SystemExit):
        updated(repository, small)
    assert "main.py changed since the last commit; commit or stash it first" in capsys.readouterr().err


def test_a_file_that_is_in_the_way_is_told(
    made: Callable[[Changes], Path], small: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What nobody committed is not overwritten, and nothing else is changed either."""
    repository = made({})
    (repository / "new.py").write_text("not committed\n")
    before = state(repository)
    with pytest.raises(SystemExit):
        updated(repository, small)
    assert "a file is in the way, and nothing was changed: git apply: error: new.py" in capsys.readouterr().err
    assert (state(repository), (repository / "new.py").read_text()) == (before, "not committed\n")


def test_a_folder_that_git_does_not_know_is_refused(
    made: Callable[[Changes], Path], small: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """There, nothing could be undone."""
    repository = made({})
    shutil.rmtree(repository / ".git")
    with pytest.raises(SystemExit):
        updated(repository, small)
    assert "is no Git repository with a commit, so nothing could be undone" in capsys.readouterr().err


def test_without_copier_it_says_what_to_install(
    made: Callable[[Changes], Path], small: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In one line, as for every extra."""
    monkeypatch.setitem(sys.modules, "copier", None)
    with pytest.raises(SystemExit):
        updated(made({}), small)
    assert capsys.readouterr().err.splitlines()[-1] == (
        "apparch update: error: it needs Copier; pip install 'apparch[template]'"
    )


def test_a_template_without_a_list_is_known_by_its_tags(tmp_path: Path) -> None:
    """Of which others than versions are left out."""
    git("init", "--quiet", str(tmp_path))
    (tmp_path / "copier.yml").write_text("")
    committed(tmp_path)
    for tag in ("v1.9.0", "v1.10.0", "latest", "v2"):
        git("tag", tag, at=tmp_path)
    assert [each.version for each in versions_of(tmp_path).all] == ["1.10.0", "1.9.0"]


def test_a_version_without_its_tag_is_told(
    made: Callable[[Changes], Path], small: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A template may list a version before it is tagged; nothing is changed."""
    untagged = Path(shutil.copytree(small, tmp_path / "template.git"))
    git("tag", "--delete", f"v{NEW}", at=untagged)
    repository = made({})
    before = state(repository)
    with pytest.raises(SystemExit) as ended:
        updated(repository, untagged)

    assert (USAGE, before) == (ended.value.code, state(repository))
    assert capsys.readouterr().err.splitlines()[-1] == (
        "apparch update: error: the template lists 1.1.0 and has no tag v1.1.0; tag it, or update --to another"
    )
