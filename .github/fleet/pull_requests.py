"""The pull requests of one repository on its host, by `gh`."""

from __future__ import annotations

import json
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

from git_commands import BRANCH, FailedError, ran

_ADDRESS = re.compile(
    r"(?:\w+://)?(?:[^@/]*@)?(?P<host>[^/:]*)[:/](?:.*/)?(?P<owner>[^/]+)/(?P<name>[^/]+?)(?:\.git)?/?"
)


@dataclass(frozen=True)
class PullRequest:
    """One of the branch, whatever became of it."""

    number: int
    state: str
    """OPEN, CLOSED or MERGED."""
    title: str
    body: str
    url: str


@dataclass(frozen=True)
class GitHub:
    """A repository on its host."""

    repository: str
    """As `gh --repo` takes it."""

    @staticmethod
    def of(url: str) -> GitHub:
        """The repository at the URL that it is cloned from.

        Raises:
            FailedError: the URL names no owner and repository.
        """
        found = _ADDRESS.fullmatch(url)
        if not found:
            raise FailedError("its url names no owner and repository")
        return GitHub("/".join(filter(None, (found["host"], found["owner"], found["name"]))))

    def pull_requests(self) -> list[PullRequest]:
        """All that the branch ever had, the newest first; a fork's branch of that name is another branch."""
        fields = "number,state,title,body,url,isCrossRepository"
        text = self._gh("list", "--head", BRANCH, "--state", "all", "--limit", "50", "--json", fields)
        own = [each for each in json.loads(text) if not each.pop("isCrossRepository")]
        return [PullRequest(**each) for each in own]

    def open(self, base: str, title: str, body: str) -> str:
        """Open one; its URL."""
        return self._with(body, "create", "--head", BRANCH, "--base", base, "--title", title).splitlines()[-1]

    def edit(self, number: int, title: str, body: str) -> None:
        """Change the title and the text of one."""
        self._with(body, "edit", str(number), "--title", title)

    def _with(self, body: str, *arguments: str) -> str:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder, "body.md")
            file.write_text(body, "utf-8")
            return self._gh(*arguments, "--body-file", str(file))

    def _gh(self, action: str, *arguments: str) -> str:
        return ran(["gh", "pr", action, *arguments, "--repo", self.repository])
