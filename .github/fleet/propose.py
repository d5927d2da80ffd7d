"""Bring one repository to the newest template on a branch of its own, and keep one pull request for it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from git_commands import BRANCH, EMAIL, FailedError, LimitedError, git
from proposal_text import body, title
from pull_requests import GitHub, PullRequest

from apparch.app.template_record import TemplateRecord, read_template_record
from apparch.catalogue.model import Language
from apparch.cli.exit_codes import CONFLICT
from apparch.fleet.model import Update
from apparch.links import DOCS_URL
from apparch.repository import Repository
from apparch.repository.safe_text import printable

BAD = ("failed", "rate-limited")
"""The outcomes that make the job fail, so that it can be run again."""
TRAILER = "Apparch-Template"
"""Marks the commits of updates."""
REMOTE = f"refs/remotes/origin/{BRANCH}"


@dataclass(frozen=True)
class Work:
    """What is to be proposed to whom."""

    folder: Path
    """The checkout; nothing in it is anybody's."""
    row: Mapping[str, Any]
    """What `apparch fleet` says of the repository."""
    version: str
    """The newest of the template."""
    language: Language = "en"
    url: str = DOCS_URL
    template: str = ""
    """Where the template is fetched from; empty for the one that apparch carries."""

    @property
    def title(self) -> str:
        """Of the pull request and of the commit."""
        return title(self.version, self.language)


def propose(work: Work) -> Update:
    """What came of it. What is done already is not done again, so a run that was stopped is simply run again."""
    try:
        if work.row["unread"]:
            return Update("failed", reason=work.row["unread"][work.language])
        if work.row["template"]["state"] != "behind":
            reason = work.row["template"]["reason"]
            return Update("current", reason=reason[work.language] if reason else "")
        return _proposed(work, GitHub.of(git(work.folder, "remote", "get-url", "origin")))
    except LimitedError as error:
        return Update("rate-limited", reason=printable(str(error)))
    except FailedError as error:
        return Update("failed", reason=printable(str(error)))


def _proposed(work: Work, hub: GitHub) -> Update:
    base = git(work.folder, "symbolic-ref", "--short", "refs/remotes/origin/HEAD").removeprefix("origin/")
    known = hub.pull_requests()
    open_one = next((each for each in known if each.state == "OPEN"), None)
    closed = next((each for each in known if each.state == "CLOSED" and each.title == work.title), None)
    if closed and not open_one:
        return Update("declined", closed.url)
    theirs = _foreign(work.folder, base)
    if theirs:
        return Update("foreign", open_one.url if open_one else "", printable(theirs))
    return _pushed(work, hub, base, open_one)


def _pushed(work: Work, hub: GitHub, base: str, open_one: PullRequest | None) -> Update:
    """Commit what the branch lacks, push it, and see to the pull request."""
    folder, begin = work.folder, f"origin/{base}"
    if _is_proposed(folder) and not _is_within(folder, REMOTE, begin):
        begin = REMOTE
    git(folder, "checkout", "--quiet", "--force", "--no-track", "-B", BRANCH, begin)
    if _version(folder) != work.version:
        if begin == REMOTE:
            try:
                git(folder, "merge", "--quiet", "--no-edit", f"origin/{base}")
            except FailedError:
                files = git(folder, "diff", "--name-only", "--diff-filter=U").splitlines()
                git(folder, "merge", "--abort")
                return Update("conflict", open_one.url if open_one else "", printable(", ".join(files)))
        code, told = _updated(work)
        if code:
            outcome = "conflict" if code == CONFLICT else "failed"
            return Update(outcome, open_one.url if open_one else "", printable(told))
        git(folder, "add", "--all")
        git(folder, "commit", "--quiet", "-m", work.title, "-m", f"{told}\n\n{TRAILER}: {work.version}".strip())
    pushed = not _is_proposed(folder) or git(folder, "rev-parse", "HEAD") != git(folder, "rev-parse", REMOTE)
    if pushed:
        # Never by force: where somebody was faster, the branch is theirs, and the next run says so.
        git(folder, "push", "--quiet", "origin", f"HEAD:refs/heads/{BRANCH}")
    text = body(work.row, work.version, _changed(folder), work.language, work.url)
    if open_one is None:
        return Update("opened", hub.open(base, work.title, text))
    if pushed or open_one.title != work.title:
        hub.edit(open_one.number, work.title, text)
        return Update("updated", open_one.url)
    return Update("unchanged", open_one.url)


def _is_proposed(folder: Path) -> bool:
    """Whether the branch is there already."""
    return bool(git(folder, "for-each-ref", REMOTE))


def _foreign(folder: Path, base: str) -> str:
    """Who else has committed on the branch; empty where nobody has."""
    if not _is_proposed(folder):
        return ""
    commits = git(folder, "log", "--format=%ce %h %s", f"origin/{base}..{REMOTE}").splitlines()
    return next((line.partition(" ")[2] for line in commits if line.partition(" ")[0] != EMAIL), "")


def _is_within(folder: Path, one: str, other: str) -> bool:
    """Whether a commit is part of another's history."""
    return git(folder, "merge-base", one, other) == git(folder, "rev-parse", one)


def _version(folder: Path) -> str:
    """The version that the checkout records."""
    record = read_template_record(Repository(folder))
    return record.version if isinstance(record, TemplateRecord) else ""


def _changed(folder: Path) -> list[str]:
    """What the newest update on the branch said of each file: its commit holds that."""
    text = git(folder, "log", "-1", "--format=%b", "--grep", f"^{TRAILER}:", "HEAD")
    return [line for line in text.splitlines() if line and not line.startswith(TRAILER)]


def _updated(work: Work) -> tuple[int, str]:
    """Run `apparch update`: its exit code, and what it said of each file, or what it complained of."""
    command = [sys.executable, "-m", "apparch", "update", str(work.folder), "--lang", work.language]
    command += ["--template", work.template] if work.template else []
    # It needs no token, and what it runs gets none.
    environ = {key: value for key, value in os.environ.items() if not key.endswith("TOKEN")}
    done = subprocess.run(command, env=environ, capture_output=True, text=True, errors="replace", check=False)
    files = "\n".join(line for line in done.stdout.splitlines() if "  " in line)
    return done.returncode, done.stderr if done.returncode else files


def main() -> int:
    """Propose to each of $NAMES, and write what came of it into its result; 1 when one has to be tried again."""
    env = os.environ
    code = 0
    for name in env["NAMES"].split():
        file = Path(env["RESULTS"], f"{name}.json")
        result = json.loads(file.read_text("utf-8"))
        row = result["repositories"][0]
        language: Language = "ko" if env.get("LANGUAGE") == "ko" else "en"
        url = env.get("APPARCH_DOCS_URL") or DOCS_URL
        work = Work(Path(env["CHECKOUTS"], name), row, result["newest"], language, url, env.get("TEMPLATE", ""))
        update = propose(work)
        row["update"] = asdict(update)
        file.write_text(json.dumps(result, indent=2, ensure_ascii=False) + "\n", "utf-8")
        mark = (
            "::error::" if update.outcome in BAD else "::warning::" if update.outcome in ("conflict", "foreign") else ""
        )
        print(f"{mark}{name}: {' '.join(filter(None, (update.outcome, update.pull_request, update.reason)))}")
        code = code or int(update.outcome in BAD)
        if update.outcome == "rate-limited":
            break
    return code


if __name__ == "__main__":
    sys.exit(main())
