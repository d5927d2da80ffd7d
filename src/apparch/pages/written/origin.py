"""Where this project's own repository is published: one setting, from which every address of a file is made."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlencode

from apparch.pages.errors import PageError

SETTING = "APPARCH_REPO_URL"
BRANCH = "main"
_IN_MKDOCS = re.compile(r"^repo_url: *(?:!ENV *\[[^,]*, *)?[\"']?([^\"'\]\s]*)", re.M)
_WEB_ADDRESS = re.compile(r"https?://[^/\s@]+/\S+")


@dataclass(frozen=True)
class Origin:
    """A repository on GitHub, or on a server with GitHub's addresses."""

    url: str
    """Its page, without a slash at its end; git clones from it too."""

    @property
    def name(self) -> str:
        """Its last part: the folder that a clone is made in."""
        return self.url.rpartition("/")[2].removesuffix(".git")

    def file(self, path: str, line: int | None = None) -> str:
        """The page of a file, from the repository's root, or of a line of it."""
        return f"{self.url}/blob/{BRANCH}/{quote(path)}" + (f"#L{line}" if line else "")

    def edit(self, path: str) -> str:
        """The page that edits a file and proposes the change."""
        return f"{self.url}/edit/{BRANCH}/{quote(path)}"

    def report(self, title: str, body: str = "") -> str:
        """The form of a new issue with its title, and its beginning, filled in."""
        return f"{self.url}/issues/new?{urlencode({'title': title} | ({'body': body} if body else {}))}"


def read_origin(root: Path) -> Origin | None:
    """What the environment says, or else mkdocs.yml; None where neither names a repository.

    Raises:
        PageError: it is no address that a browser opens.
    """
    setting = os.environ.get(SETTING)
    if setting is None:
        found = _IN_MKDOCS.search((root / "mkdocs.yml").read_text("utf-8"))
        setting = found.group(1) if found else ""
    if not setting:
        return None
    if not _WEB_ADDRESS.fullmatch(setting):
        raise PageError(f"{SETTING}: {setting!r} is no web address; write it as https://HOST/OWNER/NAME")
    return Origin(setting.rstrip("/").removesuffix(".git"))
