"""Python: examples run with their output compared, parts of the reference app are imported with their module."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from apparch.pages.proved.judges.memory import remembered
from apparch.pages.proved.judges.model import Judge
from apparch.pages.proved.tools import run, tool
from apparch.pages.written.blocks import Block

EXAMPLES = "snippets/examples/"
APPS = ("snippets/app/", "snippets/observer/")
APP = "snippets/app/src/"
"""The app that examples start."""


def choose(block: Block, root: Path) -> Judge | None:
    """Whole example scripts are run; what belongs to an app is run as the app runs it."""
    path = block.snippet.path
    if path.startswith(EXAMPLES) and block.snippet.section is None:
        return Judge("CPython, pytest-examples, ruff", "python-example", _example)
    if path.startswith(tuple(f"{app}src/" for app in APPS)):
        return Judge("CPython, ruff", "python-module", _module)
    if path.startswith((*APPS, EXAMPLES)):
        return Judge("CPython, ruff", "python-file", _file)
    return None


def _example(block: Block, root: Path) -> str | None:
    """Run a script in its own interpreter; its prints must equal its `#>` comments."""
    program = textwrap.dedent(
        """
        import sys
        from pathlib import Path
        from apparch.pages.proved.judges.python import check_example
        print(check_example(sys.stdin.read(), Path(sys.argv[1]), int(sys.argv[2])) or "", end="")
        """
    )
    with tempfile.TemporaryDirectory() as folder:
        # An example may start the app, whose bytecode then lies beside the sources that it was given.
        sources = Path(folder, "src")
        if (root / APP).is_dir():
            shutil.copytree(root / APP, sources, ignore=shutil.ignore_patterns("__pycache__"))
        done = subprocess.run(
            [sys.executable, "-c", program, block.snippet.path, str(block.snippet.first - 1)],
            cwd=root,
            input=block.text + "\n",
            env=_environment(root, sources),
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
    if done.returncode:
        return f"{block.snippet.path}: the example failed:\n{done.stderr.strip()}"
    return done.stdout.strip() or None


def check_example(code: str, path: Path, offset: int) -> str | None:
    """Run and lint an example through pytest-examples: what is wrong with it, or None."""
    from _pytest.outcomes import Failed
    from pytest_examples import CodeExample, EvalExample

    request = SimpleNamespace(config=_NoRewriting(), node=SimpleNamespace(nodeid=str(path)))
    example = CodeExample.create(code, path=path, start_line=offset, prefix="python")
    with tempfile.TemporaryDirectory() as folder:
        evaluate = EvalExample(tmp_path=Path(folder), pytest_request=cast(Any, request))
        evaluate.set_config(line_length=100, ruff_select=["E", "F", "B", "UP"], ruff_ignore=["E402"])
        try:
            evaluate.run_print_check(example, rewrite_assertions=False)
            evaluate.lint_ruff(example)
        except Failed as failure:
            return f"{path}: {failure.msg}"
    return None


class _NoRewriting:
    """Stands for pytest's configuration, of which the examples' runner reads one option."""

    def getoption(self, name: str) -> Any:
        return False


def _module(block: Block, root: Path) -> str | None:
    path = block.snippet.path
    app, _, file = path.partition("/src/")
    module = file.removesuffix(".py").replace("/", ".").removesuffix(".__init__")
    return _compiles(block) or _imports(root, f"{app}/src/", module) or _lints(root, path)


def _file(block: Block, root: Path) -> str | None:
    return _compiles(block) or _lints(root, block.snippet.path)


def _compiles(block: Block) -> str | None:
    """Compile the block at its own lines, so that an error names the snippet file."""
    try:
        compile("\n" * (block.snippet.first - 1) + block.text + "\n", block.snippet.path, "exec", dont_inherit=True)
    except SyntaxError as error:
        return f"{block.snippet.path}:{error.lineno}: {error.msg}"
    return None


@remembered
def _imports(root: Path, sources: str, module: str) -> str | None:
    return run([sys.executable, "-c", f"import {module}"], cwd=root, env=_environment(root, root / sources))


@remembered
def _lints(root: Path, path: str) -> str | None:
    return run([tool("ruff"), "check", "--quiet", "--no-cache", path], cwd=root)


def _environment(root: Path, sources: Path) -> dict[str, str]:
    return {
        **os.environ,
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONPATH": os.pathsep.join([str(root / "src"), str(sources), os.environ.get("PYTHONPATH", "")]),
    }
