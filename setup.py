"""What pyproject.toml cannot say of the build: what the package carries that does not lie in it."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py


class Build(build_py):
    """Copies the template into the package and compiles its rules; an editable installation has both where they lie."""

    def run(self) -> None:
        """Build as ever, then copy and compile."""
        super().run()
        if not self.editable_mode:
            into = Path(self.build_lib) / "apparch/template/files"
            shutil.rmtree(into, ignore_errors=True)
            shutil.copytree(Path(__file__).parent / "template", into, ignore=shutil.ignore_patterns("__pycache__"))
            _compile_rules(Path(self.build_lib) / "apparch/catalogue")


def _compile_rules(catalogue: Path) -> None:
    sys.path.insert(0, str(Path(__file__).parent / "src"))
    from apparch.catalogue.compiled import write_compiled

    write_compiled(catalogue / "rules", catalogue)


setup(cmdclass={"build_py": Build})
