"""Whether what a build spares itself can be seen in the site."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
# A process that serves builds many times, so it takes none of the short cuts that last as long as it does.
BUILD = """
import sys
from mkdocs.commands.build import build
from mkdocs.config import load_config
config = load_config("mkdocs.yml", site_dir=sys.argv[1])
config.plugins.run_event("startup", command="serve", dirty=False)
build(config)
"""


def test_a_build_that_spares_itself_nothing_makes_the_same_site(built: Path, tmp_path: Path) -> None:
    """Every file of the site is the same, byte for byte, when converters and highlighted code are not shared."""
    done = subprocess.run(
        [sys.executable, "-c", BUILD, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert 0 == done.returncode, done.stderr

    # A compressed file holds the time at which it was made.
    files = {
        folder: {
            file.relative_to(folder): file for file in folder.rglob("*") if file.is_file() and file.suffix != ".gz"
        }
        for folder in (built, tmp_path)
    }

    assert files[built].keys() == files[tmp_path].keys()
    different = [name for name, file in files[built].items() if file.read_bytes() != files[tmp_path][name].read_bytes()]
    assert [] == different
