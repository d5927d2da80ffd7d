"""Path patterns: which files of a repository they mean."""

from __future__ import annotations

import pytest

from apparch.repository import Repository

TREE = (
    "Dockerfile",
    "a.sql",
    "docs/a.sql",
    "docs/deep/b.sql",
    "scripts/x.sh",
    "scripts/in/y.sh",
    "src/x.py",
    "x/[1].py",
)


@pytest.mark.parametrize(
    ("patterns", "meant"),
    [
        (["*.sql"], ["a.sql", "docs/a.sql", "docs/deep/b.sql"]),
        (["/*.sql"], ["a.sql"]),
        (["docs/*.sql"], ["docs/a.sql"]),
        (["docs/**/*.sql"], ["docs/a.sql", "docs/deep/b.sql"]),
        (["**/b.sql"], ["docs/deep/b.sql"]),
        (["**/deep/**"], ["docs/deep/b.sql"]),
        (["scripts/"], ["scripts/in/y.sh", "scripts/x.sh"]),
        (["in/"], ["scripts/in/y.sh"]),
        (["scripts/**", "!*.sh"], []),
        (["*.sh", "!scripts/in/*"], ["scripts/x.sh"]),
        (["scripts"], []),
        (["?.sql"], ["a.sql", "docs/a.sql", "docs/deep/b.sql"]),
        (["[!a].sql"], ["docs/deep/b.sql"]),
        (["[[:alpha:]].py"], ["src/x.py"]),
        ([r"\[1].py"], ["x/[1].py"]),
        (["[1.py"], []),
        (["[]-"], []),
    ],
)
def test_a_pattern_means_files_as_git_reads_it(patterns: list[str], meant: list[str]) -> None:
    """A star stops at a slash; the last pattern that speaks of a file decides."""
    assert Repository.of(dict.fromkeys(TREE, "")).matching(*patterns) == meant


@pytest.mark.parametrize("pattern", ["a*" * 200 + "b", "**/a/" * 150 + "b", "*" * 500 + "b", "[" * 500, "[a-" * 300])
def test_a_hostile_pattern_is_answered(pattern: str) -> None:
    """No pattern makes matching try the same thing twice."""
    assert Repository.of({"a" * 250: "", "a/" * 300 + "c": ""}).matching(pattern) == []
