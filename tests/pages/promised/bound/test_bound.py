"""Whether the texts of this project say what is so."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from apparch.pages.promised.bound.check import Checker
from apparch.pages.promised.bound.claims import pending
from apparch.pages.promised.bound.product import Product
from apparch.pages.promised.bound.texts import writings
from apparch.pages.written.site import load_site

ROOT = Path(__file__).parents[4]
SITE = load_site(ROOT)
NAMES = sorted(writings(SITE))
PENDING = pending(ROOT)

# One reading of the product serves all texts.
pytestmark = pytest.mark.xdist_group("bound")


@pytest.fixture(scope="module")
def checker() -> Checker:
    """The checker of this project."""
    return Checker(SITE, Product(ROOT))


@pytest.mark.parametrize("name", [name for name in NAMES if name not in PENDING])
def test_a_text_says_what_is_so(checker: Checker, name: str) -> None:
    """Its names exist, its figures equal what they are bound to, both languages carry the same."""
    assert [] == checker.faults(name)


def test_a_text_that_is_bound_leaves_the_list(checker: Checker) -> None:
    """What docs/claims/pending.yaml still lists has something that is bound to nothing."""
    assert [] == [name for name in PENDING if not checker.faults(name)]


def test_foreign_names_are_used_and_exist_nowhere(checker: Checker) -> None:
    """The list of names that are others' holds nothing more than needed."""
    assert [] == checker.unused()


def test_the_other_commands_need_no_tool_of_the_tests() -> None:
    """`./dev confirm` and `./dev publish` run in the site's environment, which has no judges' packages."""
    code = "import sys; sys.modules.update(dict.fromkeys(['jsonschema', 'kubernetes_validate', 'sybil'])); "
    done = subprocess.run(
        [sys.executable, "-c", code + "import apparch.pages.__main__"], capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stderr) == (0, "")


def test_every_claims_file_belongs_to_a_text() -> None:
    """A claims' file that no text reads would prove nothing."""
    files = {path.relative_to(ROOT / "docs/claims").as_posix() for path in (ROOT / "docs/claims").rglob("*.yaml")}

    assert set() == files - {
        f"{name}.yaml" for name in [*NAMES, "common", "foreign", "pending", "references", "diagrams", "trees"]
    }
