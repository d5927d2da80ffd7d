"""The README files state the catalogue's own figures."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from tests.pages.small import a_page, a_rule, a_site

from apparch.catalogue import Review, Text
from apparch.pages.put_out.readme_figures import FILES, figures, stale, write_figures
from apparch.pages.written.prose import prose
from apparch.pages.written.site import Site, load_site

ROOT = Path(__file__).parents[3]
WHY = Text("가", "a")


def small(root: Path) -> Site:
    """Four rules: two with tests, one for people, one that waits, and both README files beside them."""
    for file in FILES.values():
        shutil.copy(ROOT / file, root / file)
    rules = (
        a_rule("IMG001"),
        a_rule("IMG002"),
        a_rule("IMG003", proof="review", review=Review(WHY, WHY)),
        a_rule("IMG004"),
    )
    return a_site(root, a_page(""), rules=rules, ledger={"IMG004": WHY})


def test_the_figures_are_those_of_the_catalogue() -> None:
    """Both README files say how many rules there are and what vouches for them."""
    assert [] == stale(load_site(ROOT))


def test_figures_that_are_not_the_catalogues_are_named(tmp_path: Path) -> None:
    """With one rule more or less both files are out of date, until they are written again."""
    site = small(tmp_path)

    assert [
        f"{file}: its figures are not the catalogue's; run ./dev publish" for file in ("README.ko.md", "README.md")
    ] == stale(site)
    write_figures(site)
    assert [] == stale(site)


def test_the_figures_add_up(tmp_path: Path) -> None:
    """Rules with tests, questions for people and rules that wait are all the rules."""
    text = figures(small(tmp_path), "en")

    assert text.startswith("There are 4 rules: tests vouch for 2, 1 are questions for people, and 1 have no proof yet.")


CLAIM = re.compile(
    r"(?:every|each) (?:rule|sentence)\b[^.]{0,60}\b(?:has|with|and) (?:a|its) proof\b"
    r"|(?:규칙마다|모든 규칙에|규칙은 모두)[^.]{0,30}증명(?:이 있|을 붙|을 갖)",
    re.IGNORECASE,
)


def test_no_text_claims_a_proof_for_every_rule() -> None:
    """Some rules have no proof yet and some are questions for people: nothing that people read says otherwise."""
    assert [] == [text.place for text in prose(ROOT) if CLAIM.search(text.text)]


@pytest.mark.parametrize(
    "text",
    [
        "Every sentence of policy is a rule with an ID, a permalink and a proof.",
        "Each rule has its proof.",
        "약속을 규칙으로 적고, 규칙마다 증명을 붙인다.",
    ],
)
def test_the_claims_of_before_are_seen(text: str) -> None:
    """These stood on the home page, in the README and in the changelog."""
    assert CLAIM.search(text)


@pytest.mark.parametrize("file", FILES.values())
def test_the_address_of_the_site_is_the_one_that_dev_serves(file: str) -> None:
    """The README's block and the command's own help name one address."""
    addresses = {
        name: set(re.findall(r"http://127\.0\.0\.1:\d+/", (ROOT / name).read_text("utf-8"))) for name in (file, "dev")
    }

    assert len(addresses["dev"]) == 1
    assert addresses[file] == addresses["dev"]
