"""Comments are held against what stands beside them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from apparch.pages.promised.bound.beside import EXAMPLE, SCHEMA, untrue_comments
from apparch.pages.promised.bound.product import Product
from apparch.pages.promised.bound.texts import Line, Writing

ROOT = Path(__file__).parents[4]
ROLLBACK = "snippets/deploy/_shared/scripts/deploy/rollback.sh"
PRODUCT = Product(ROOT)

pytestmark = pytest.mark.xdist_group("bound")


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        ("Goes back to $TO", None),
        ("Goes back to $VERSION", "$VERSION: the file has no such variable; name the one it reads"),
        ("As _shared/scripts/lib.sh has it", None),
        ("As _shared/scripts/tool.sh has it", "_shared/scripts/tool.sh: no such file; name one that exists"),
    ],
)
def test_a_comment_names_what_there_is(words: str, fault: str | None) -> None:
    """Variables of its own file, files of the repositories."""
    comment = Writing("comments", {"en": (Line(ROLLBACK, 2, "x", words),)})

    assert [f"{ROLLBACK}:2: {fault}"] * bool(fault) == list(untrue_comments(comment, PRODUCT))


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("# integer, optional, plain, from a ConfigMap\nDB_PORT",
         "# string, optional, plain, from a ConfigMap\nDB_PORT",
         "DB_PORT: the comment says 'string, optional, plain, from a ConfigMap', "
         "the schema 'integer, optional, plain, from a ConfigMap'"),
        ("runs before SIGTERM", "runs after SIGTERM",
         "PRESTOP_SECONDS: the comment says 'Length of the preStop sleep, which runs after SIGTERM', "
         "the schema 'Length of the preStop sleep, which runs before SIGTERM'"),
        ("DB_PORT=5432", "DB_PORT=5433", "DB_PORT: '5433' is not the schema's default 5432"),
    ],
)  # fmt: skip
def test_the_example_of_the_variables_says_what_the_schema_says(tmp_path: Path, old: str, new: str, fault: str) -> None:
    """Description, type, need, source and default of each key."""
    shutil.copytree(ROOT / "snippets", tmp_path / "snippets", ignore=shutil.ignore_patterns("__pycache__"))
    text = (ROOT / EXAMPLE).read_text("utf-8")
    assert (old in text, (ROOT / SCHEMA).is_file()) == (True, True)
    (tmp_path / EXAMPLE).write_text(text.replace(old, new), "utf-8")
    shutil.copy(ROOT / "dev", tmp_path)

    found = list(untrue_comments(Writing("comments", {"en": ()}), Product(tmp_path)))

    assert [fault] == [each.partition(": ")[2] for each in found]
