"""Paths as people give them are read on every system alike."""

from __future__ import annotations

from pathlib import PurePosixPath, PureWindowsPath

import pytest

from apparch.repository.given import repository_path


@pytest.mark.parametrize(
    ("given", "path"),
    [
        (str(PureWindowsPath("src", "app", "main.py")), "src/app/main.py"),
        (str(PurePosixPath("src", "app", "main.py")), "src/app/main.py"),
        (".\\apps\\orders\\", "apps/orders"),
        ("./apps/orders/", "apps/orders"),
        (".github", ".github"),
        (".", ""),
        ("D:\\shop\\orders", "D:/shop/orders"),
        ("한 글\\값.yaml", "한 글/값.yaml"),
    ],
)
def test_a_path_is_read_with_either_separator(given: str, path: str) -> None:
    """Slashes and backslashes separate alike, and a drive stays."""
    assert repository_path(given) == path
