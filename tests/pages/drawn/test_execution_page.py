"""What the page "What execution found" tells of each defect and each ruling."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.pages.small import a_page, a_site

from apparch.catalogue.model import RULE_ID
from apparch.pages.drawn.execution_page import findings, rulings
from apparch.pages.proofs import Proofs, RuleProof
from apparch.pages.written.site import Site, load_site

ROOT = Path(__file__).parents[3]

INDEX = 6
"""Lines of the index that stands before the entries: its box, its form, its head, its row."""
DATA: dict[str, Any] = {
    "findings": [
        {
            "id": "F01",
            "section": "6-1",
            "title": {"ko": "제목", "en": "Title"},
            "found": {"ko": "실패", "en": "It\nfailed."},
            "now": {"ko": "고침", "en": "It works."},
            "rules": ["IMG002"],
            "snippets": ["snippets/a.py"],
        }
    ],
    "rulings": [
        {
            "id": "R01",
            "title": {"ko": "판정", "en": "Ruled"},
            "sections": [{"document": "k8s_app_architecture", "section": "a-2"}],
            "was": {"ko": "전", "en": "Before."},
            "is": {"ko": "후", "en": "After."},
            "why": {"ko": "까닭", "en": "Reason."},
        }
    ],
}


def site(*tests: str) -> Site:
    """A site with one defect, one ruling and these passed tests of the defect's rule."""
    proofs = Proofs((), {"IMG002": tuple(RuleProof(test, "run", "passed") for test in tests)}, recorded=True)
    return a_site(Path(), a_page("", "start/execution", "en"), findings=DATA, proofs=proofs)


def test_a_defect_tells_its_evidence_and_its_guard() -> None:
    """A defect names its section, what happened, what is now, its rule, its snippet and its test."""
    assert [
        "### F01 Title {#f01}",
        "[[k8s_app_architecture.md]] 6.1",
        "- **When it ran** It failed.",
        "- **Now** It works.",
        "- **Rules** IMG002",
        "- **Snippet** [snippets/a.py](../source/a.py/index.html)",
        "- **Prevented by**",
        "    - `t1`",
    ] == [line for line in findings(site("t1").pages[0], site("t1")) if line][INDEX:]


def test_many_tests_are_counted() -> None:
    """Four tests are named, the others counted."""
    found = site("t1", "t2", "t3", "t4", "t5", "t6")

    lines = findings(found.pages[0], found)
    first = lines.index("- **Prevented by** and 2 more")
    assert ["    - `t1`", "    - `t2`", "    - `t3`", "    - `t4`", ""] == lines[first + 1 : first + 6]


def test_no_test_is_claimed_without_a_run() -> None:
    """Without a record no test is named."""
    assert not any("Prevented by" in line for line in findings(site().pages[0], site()))


def test_a_ruling_tells_what_changed_and_why() -> None:
    """A ruling names its places, what was, what is and why."""
    assert [
        "### R01 Ruled {#r01}",
        "[[k8s_app_architecture.md]] A.2",
        "- **Was** Before.",
        "- **Is** After.",
        "- **Why** Reason.",
    ] == [line for line in rulings(site().pages[0], site()) if line][INDEX:]


def test_an_index_stands_before_them() -> None:
    """Each defect and each ruling is listed with its address and title before the first is told."""
    found = site()

    assert "| [F01](#f01) | Title | IMG002 |" in findings(found.pages[0], found)
    assert "| [R01](#r01) | Ruled |  |" in rulings(found.pages[0], found)


def test_every_entry_has_a_title_of_its_own() -> None:
    """No two findings or rulings share a title in either language, so that a list of them can be read."""
    data = load_site(ROOT).findings or {}
    titles = [entry["title"][language] for entry in [*data["findings"], *data["rulings"]] for language in ("ko", "en")]

    assert len(titles) == len(set(titles))


def test_every_finding_names_what_exists() -> None:
    """Each real finding and ruling names rules of the catalogue and snippet files of the repository."""
    real = load_site(ROOT)
    data = real.findings or {}
    entries = [*data["findings"], *data["rulings"]]
    unknown = [
        f"{entry['id']}: {rule}"
        for entry in entries
        for rule in [*entry.get("rules", []), *RULE_ID.findall(str(entry))]
        if rule not in real.catalogue.rules
    ]
    missing = [
        f"{entry['id']}: {path}"
        for entry in entries
        for path in entry.get("snippets", [])
        if not (ROOT / path).is_file()
    ]

    assert ([], []) == (unknown, missing)
