"""One digest of all files of a project: two records with the same one have judged the same."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path


def project_files(root: Path) -> list[str]:
    """Every file that Git knows or would take in, sorted, from the root; those that were removed are left out.

    Raises:
        subprocess.CalledProcessError: the folder is no Git repository.
    """
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True).stdout
    return sorted({name for name in listed.split("\0") if name and (root / name).is_file()})


def tree_digest(root: Path) -> str:
    """SHA-256 over the names and contents of a project's files."""
    digest = hashlib.sha256()
    for name in project_files(root):
        digest.update(f"{name}\0".encode() + hashlib.sha256((root / name).read_bytes()).digest())
    return digest.hexdigest()
