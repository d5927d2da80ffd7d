"""A template of two versions and three files, and a repository that Copier made from the older one."""

from __future__ import annotations

import textwrap
from pathlib import Path

from apparch.template.repository import built, git, standing_in

SOURCE = "https://git.example/small.git"
FILES = {
    "copier.yml": """
        _subdirectory: app
        _templates_suffix: .jinja
        _answers_file: .copier-answers.yml
        name: {type: str, default: small}
    """,
    "app/{{ _copier_conf.answers_file }}.jinja": "{{ _copier_answers | to_nice_yaml -}}\n",
    "app/main.py": "import os\n\n\ndef main():\n    os.environ.clear()\n    return 0\n\n\nmain()\n",
    "app/Dockerfile": "FROM scratch\nCOPY app.pyc /\n",
    "app/other.py": "# Never changed.\n",
    "versions.yaml": """
        versions:
          - version: 1.1.0
            date: 2027-01-02
            changes:
              - {id: clean, level: must, kind: app, rules: [ENV015], files: [main.py],
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
        @@ -1,2 +1,2 @@
         FROM scratch
        -COPY app.pyc /
        +COPY app.py /
    """,
}
_WHO = {f"GIT_{role}_{what}": "somebody" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}


def small_template(folder: Path) -> Path:
    """The template's bare repository."""
    for path, text in FILES.items():
        file = folder / "template" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(textwrap.dedent(text).lstrip("\n"))
    return built(folder / "template", folder)


def of_the_older_version(bare: Path, into: Path) -> Path:
    """A repository at 1.0.0, committed on its branch main."""
    from copier import run_copy

    with standing_in(bare, SOURCE):
        run_copy(SOURCE, into, vcs_ref="v1.0.0", defaults=True, quiet=True)
    git("init", "--quiet", "--initial-branch", "main", at=into)
    git("add", "--all", "--force", at=into)
    git("commit", "--quiet", "-m", "x", at=into, more=_WHO)
    return into
