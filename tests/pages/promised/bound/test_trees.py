"""Whether the comments of the drawn trees are so."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from apparch.pages.promised.bound.trees import RECORD, comments, tree_names, uncommented

ROOT = Path(__file__).parents[4]


@pytest.mark.parametrize("name", tree_names(ROOT))
def test_the_comments_of_a_tree_are_so(name: str) -> None:
    """Each is recorded in both languages, and what it stands at bears it out."""
    assert [] == list(uncommented(name, ROOT))


def test_a_comment_belongs_to_its_path() -> None:
    """Depth makes the path; a line without a comment has none."""
    tree = "app/     # the root\n├── src/\n│   └── main.py  # starts it\n└── a.txt # last"

    assert [(1, ".", "the root"), (3, "src/main.py", "starts it"), (4, "a.txt", "last")] == list(comments(tree))


@pytest.mark.parametrize("language", ["ko", "en"])
def test_an_untrue_comment_is_noticed(tmp_path: Path, language: str) -> None:
    """Words that change in one language are no longer what the record says."""
    shutil.copytree(ROOT / "snippets/trees", tmp_path / "snippets/trees")
    shutil.copytree(ROOT / "snippets/deploy", tmp_path / "snippets/deploy")
    shutil.copytree(ROOT / "docs/arch", tmp_path / "docs/arch")
    (tmp_path / "docs/claims").mkdir(parents=True)
    shutil.copy(ROOT / RECORD, tmp_path / RECORD)
    tree = tmp_path / f"snippets/trees/deploy.{language}.txt"
    before, after = ("main to staging", "every push to staging") if language == "en" else ("main을 ", "모든 푸시를 ")
    assert before in tree.read_text("utf-8")
    tree.write_text(tree.read_text("utf-8").replace(before, after), "utf-8")

    assert list(uncommented("deploy", tmp_path))
