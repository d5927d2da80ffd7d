"""How a page says to get a clone."""

from __future__ import annotations

import html
import os
import re
import subprocess
from pathlib import Path

from tests.pages.small import a_page, a_site

from apparch.pages.drawn.clone_command import UNKNOWN, commands
from apparch.pages.written.origin import Origin


def test_no_address_is_invented() -> None:
    """Where the repository has no address, the page says so."""
    assert ["", UNKNOWN.en, ""] == commands(a_page("", language="en"), a_site(Path()))


def test_the_command_makes_a_clone(tmp_path: Path) -> None:
    """What the page shows, run by bash, ends in a clone of the repository at the address."""
    here = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": f"url.{tmp_path}/.insteadOf"}
    environ = os.environ | here | {"GIT_CONFIG_VALUE_0": "https://git.example/team/"}
    subprocess.run(["git", "init", "--quiet", "--bare", "docs"], cwd=tmp_path, check=True)
    page = a_page("", language="en")
    shown = "\n".join(commands(page, a_site(tmp_path, origin=Origin("https://git.example/team/docs"))))
    found = re.search(r"<code>(.*)</code>", shown)
    assert found
    place = tmp_path / "elsewhere"
    place.mkdir()
    command = f"{html.unescape(found[1])} && git remote get-url origin && basename $PWD"
    done = subprocess.run(["bash", "-c", command], cwd=place, env=environ, capture_output=True, text=True, check=True)

    assert [f"{tmp_path}/docs", "docs"] == done.stdout.split()
