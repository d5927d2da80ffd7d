"""What was taken from vendors' documents: where they say it, and what of ours rests on it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from tests.pages.small import a_page, a_site, write_snippet

from apparch.pages.drawn.vendors import vendors
from apparch.pages.written.data_files import read_data
from apparch.pages.written.site import load_site

ROOT = Path(__file__).parents[3]
VENDORS = "docs/vendors.yaml"
FACTS: list[dict[str, Any]] = read_data(ROOT, VENDORS)
# What each review of the Deploy side left to be confirmed.
SUBJECTS = {
    "PodDisruptionBudget", "--wait", "local-path", "PruneLast", "Replace", "ServerSideApply", "hooks have waves",
    "--merge-into", "replicas", "30 days", "redirections", "rollback", "app delete",
}  # fmt: skip


def test_a_fact_tells_whose_it_is_where_it_stands_and_what_rests_on_it(tmp_path: Path) -> None:
    """Below its product: the document with its address and state, the fact in the page's language, the places."""
    fact = {
        "product": "k3s",
        "ko": "사실이다.",
        "en": "So it is.",
        "document": "Requirements",
        "address": "https://docs.example/r",
        "read": "k3s/docs@1",
        "used": ["arch/k8s_architecture#1-3-data", "snippets/deploy/a/b.sh"],
    }
    quoted = {**fact, "product": "Helm", "read": "as quoted in public repositories", "used": []}
    write_snippet(tmp_path, VENDORS, f"[{fact}, {quoted}]\n")
    page = a_page("", "start/execution", "en")
    assert [line for line in vendors(page, a_site(tmp_path, page)) if line] == [
        "**k3s**",
        "| Document, as read | Fact | Used in |",
        "| --- | --- | --- |",
        "| [Requirements](https://docs.example/r), [1](https://github.com/k3s/docs/commit/1) "
        "| So it is. | [[k8s_architecture.md]] 1.3, `a/b.sh` |",
        "**Helm**",
        "| Document, as read | Fact | Used in |",
        "| --- | --- | --- |",
        "| [Requirements](https://docs.example/r), as quoted in other public repositories | So it is. |  |",
    ]


@pytest.mark.parametrize("subject", sorted(SUBJECTS))
def test_what_was_to_be_confirmed_is(subject: str) -> None:
    """Each subject that cannot be run here is in some fact."""
    assert [fact for fact in FACTS if subject in fact["en"]]


def test_an_address_is_a_plain_page_of_the_vendor() -> None:
    """It is encrypted and carries no query and no place within the page."""
    assert [fact["address"] for fact in FACTS if not re.fullmatch(r"https://[\w./-]+", fact["address"])] == []


def test_the_state_that_was_read_is_named() -> None:
    """A repository with its commit; where only quotations were found, that is said."""
    form = r"[\w-]+/[\w.-]+@[0-9a-f]{7}|as quoted in public repositories"
    assert [fact["read"] for fact in FACTS if not re.fullmatch(form, fact["read"])] == []


def test_what_rests_on_a_fact_exists() -> None:
    """Every section is on its page and every file in its repository."""
    site = load_site(ROOT)
    sections = {f"{page.name}#{section.id}" for page in site.pages for section in page.sections}
    used = {place for fact in FACTS for place in fact["used"]}
    assert [place for place in sorted(used) if place not in sections and not (ROOT / place).is_file()] == []
