"""One repository at a time: what its record says, and that no repository ends the run."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest
from tests.fleet.fifty import MAKERS, VERSIONS, record

from apparch.contract import compare
from apparch.fleet import judge
from apparch.fleet.judge import Measure, compared, judged
from apparch.fleet.model import Entry
from apparch.repository import Repository
from apparch.template.versions import read_versions

TODAY = datetime.date(2026, 11, 27)


@pytest.fixture(name="by")
def _by(tmp_path: Path) -> Measure:
    (tmp_path / "versions.yaml").write_text(VERSIONS, "utf-8")
    return Measure(read_versions(tmp_path), TODAY)


@pytest.fixture(name="orders")
def _orders(tmp_path: Path) -> Entry:
    """An app at the version before the newest."""
    folder = tmp_path / "orders"
    folder.mkdir()
    MAKERS["behind"](folder)
    return Entry("orders", folder, str(folder))


def test_what_it_lacks_is_told_change_by_change(by: Measure, orders: Entry) -> None:
    """Only the changes that concern its kind."""
    state = judged(orders, by).template
    assert (state.state, state.versions, state.must, state.may) == ("behind", 1, ("pinned-base",), ("shorter-notes",))


def test_a_record_of_another_template_is_unknown(by: Measure, orders: Entry) -> None:
    """Its versions are not ours, whatever they are called."""
    url = "https://git.example/template.git"
    told = [judged(orders, Measure(by.versions, TODAY, each)).template for each in (url, "https://git.example/other")]
    assert [(each.state, each.reason and each.reason.en) for each in told] == [
        ("behind", None),
        ("unknown", "it is from another template"),
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("_commit: v1.0.0\n", ".copier-answers.yml:1: _src_path is missing"),
        ("_src_path: [\n", ".copier-answers.yml:2: not readable as YAML: did not find expected node content"),
        ("_src_path: x\n_commit: v1.0.7\n", "the template has no such version"),
    ],
)
def test_a_record_that_does_not_tell_is_said(by: Measure, orders: Entry, text: str, told: str) -> None:
    """With the reason, and all else of the repository is judged."""
    assert orders.folder
    (orders.folder / ".copier-answers.yml").write_text(text)
    row = judged(orders, by)
    assert (row.kind, row.template.state, row.template.reason and row.template.reason.en) == ("app", "unknown", told)


def test_a_fault_of_the_tool_is_the_row_of_that_repository(
    by: Measure, orders: Entry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its reason stands there on one line, without a password."""

    def fail(*_: object) -> None:
        raise RecursionError("deep\nbelow https://me:secret@git.example/")

    monkeypatch.setattr(judge, "assess", fail)
    monkeypatch.setattr(judge, "kinds_of", fail)
    row, contract = judged(orders, by), compared(orders, orders)
    told = "RecursionError: deep below https://me:***@git.example/"
    assert (row.unread and row.unread.en, contract.state, contract.reason and contract.reason.en) == (
        f"the tool failed: {told}",
        "unknown",
        f"failed: {told}",
    )


def test_a_password_in_a_record_is_not_told(by: Measure, orders: Entry) -> None:
    """The template's address is shown without it."""
    assert orders.folder
    (orders.folder / ".copier-answers.yml").write_text("_src_path: https://me:secret@git.example/t\n_commit: v2.0.0\n")
    assert judged(orders, by).template.source == "https://me:***@git.example/t"


def test_a_link_is_not_followed_out_of_the_repository(by: Measure, orders: Entry, tmp_path: Path) -> None:
    """A record that is one counts as none."""
    assert orders.folder
    record(tmp_path, "2.0.0")
    (orders.folder / ".copier-answers.yml").unlink()
    (orders.folder / ".copier-answers.yml").symlink_to(tmp_path / ".copier-answers.yml")
    assert judged(orders, by).template.state == "none"


def test_two_of_one_kind_are_no_pair(orders: Entry) -> None:
    """And one whose files are not there cannot be compared."""
    other = Entry("payments", orders.folder, "x")
    absent = Entry("orders-deploy", None, "https://git.example/t/d")
    told = [compared(orders, each).reason for each in (other, absent)]
    assert [each and each.en for each in told] == [
        "the two are not an App repo and a Deploy repo",
        "the files of orders-deploy are not there",
    ]


def test_a_repository_that_is_both_is_its_own_partner(tmp_path: Path) -> None:
    """Where the list says so, its app is compared with its manifests."""
    folder = tmp_path / "all"
    folder.mkdir()
    MAKERS["both"](folder)
    entry = Entry("all", folder, "x", partner="all")
    alone = len(compare(Repository(folder), Repository(folder)).findings)
    assert (compared(entry, entry).state, compared(entry, entry).count) == ("breaks", alone)
