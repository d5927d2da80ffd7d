"""What pyproject.toml cannot say of the build: that the package carries the template, which lies beside src/."""

from __future__ import annotations

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py


class BuildWithTemplate(build_py):
    """Copies the template into the package; an editable installation reads it where it lies."""

    def run(self) -> None:
        """Build as ever, then copy."""
        super().run()
        if not self.editable_mode:
            into = Path(self.build_lib) / "apparch/template/files"
            shutil.rmtree(into, ignore_errors=True)
            shutil.copytree(Path(__file__).parent / "template", into, ignore=shutil.ignore_patterns("__pycache__"))


setup(cmdclass={"build_py": BuildWithTemplate})
