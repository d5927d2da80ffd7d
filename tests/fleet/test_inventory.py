"""The list of repositories: what it takes, and what it says about what it does not."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from apparch.fleet.inventory import chosen, of_paths, pairs, read_inventory
from apparch.fleet.matrix import as_matrix
from apparch.fleet.model import Entry, FleetError

HEAD = "repositories:\n"


def _read(folder: Path, text: str, checkouts: Path | None = None) -> tuple[Entry, ...]:
    file = folder / "fleet.yaml"
    file.write_text(text, "utf-8")
    return read_inventory(file, checkouts)


def test_an_entry_has_what_the_file_says(tmp_path: Path) -> None:
    """A path is one from the inventory's folder on, a URL is looked for by its name."""
    entries = _read(
        tmp_path,
        f"{HEAD}  - {{name: a, path: x/a, kind: app, partner: b, app_dir: services/a}}\n"
        "  - {name: b, url: https://git.example/t/b, overlays: envs/}\n",
        tmp_path / "out",
    )
    assert entries == (
        Entry("a", tmp_path / "x/a", "x/a", kind="app", partner="b", app_dir="services/a"),
        Entry("b", tmp_path / "out/b", "https://git.example/t/b", "https://git.example/t/b", overlays="envs/"),
    )


def test_nothing_is_looked_for_where_nothing_was_checked_out(tmp_path: Path) -> None:
    """The row will say so."""
    assert [each.folder for each in _read(tmp_path, f"{HEAD}  - {{name: b, url: git@git.example:t/b.git}}\n")] == [None]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (f"{HEAD}  - [", "fleet.yaml:3: not readable as YAML"),
        ("[]", "needs the key repositories with a list"),
        (f"{HEAD}  - {{name: a, path: a}}\nrepos: []\n", "fleet.yaml:3: unknown key repos; there is repositories"),
        (f"{HEAD}  - a\n", "fleet.yaml:2: each repository needs a mapping"),
        (f"{HEAD}  - {{name: a, path: a, partnr: b}}\n", "fleet.yaml:2: unknown key partnr; did you mean partner?"),
        (f"{HEAD}  - {{name: ../a, path: a}}\n", "fleet.yaml:2: name must be of letters"),
        (f"{HEAD}  - {{name: .., path: a}}\n", "fleet.yaml:2: name must be of letters"),
        (f'{HEAD}  - {{name: "$(id)", path: a}}\n', "fleet.yaml:2: name must be of letters"),
        (f"{HEAD}  - {{name: 7, path: a}}\n", "fleet.yaml:2: name needs a text"),
        (f"{HEAD}  - {{name: a}}\n", "fleet.yaml:2: a needs either path or url"),
        (f"{HEAD}  - {{name: a, path: a, url: https://git.example/a}}\n", "fleet.yaml:2: a needs either path or url"),
        (f"{HEAD}  - {{name: a, path: a, kind: lib}}\n", "fleet.yaml:2: kind is app or deploy"),
        (f"{HEAD}  - {{name: a, url: --upload-pack=x}}\n", "fleet.yaml:2: url is no address"),
        (f"{HEAD}  - {{name: a, url: 'https://u:pass@git.example/a'}}\n", "fleet.yaml:2: the url holds credentials"),
        (f"{HEAD}  - {{name: a, path: a}}\n  - {{name: A, path: b}}\n", "fleet.yaml:3: the name A stands twice"),
        (
            f"{HEAD}  - {{name: orders, path: a, partner: order-deploy}}\n  - {{name: orders-deploy, path: b}}\n",
            "fleet.yaml:2: no repository is named order-deploy; did you mean orders-deploy?",
        ),
    ],
)
def test_what_is_wrong_is_said_with_its_line(tmp_path: Path, text: str, told: str) -> None:
    """One message, and no password in it."""
    with pytest.raises(FleetError) as error:
        _read(tmp_path, text)
    assert (told in str(error.value), "pass@" in str(error.value)) == (True, False)


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    """With the system's own reason."""
    with pytest.raises(FleetError, match=r"fleet\.yaml cannot be read: No such file or directory"):
        read_inventory(tmp_path / "fleet.yaml")


def test_paths_have_their_partners_by_name(tmp_path: Path) -> None:
    """Two folders of one name are told apart by the folder above; a path that stands twice is one repository."""
    paths = [tmp_path / each for each in ("x/a", "x/a-deploy", "y/a", "x/a", "x/../x/a")]
    assert [(each.name, each.partner) for each in of_paths(paths)] == [
        ("x/a", ""),
        ("a-deploy", ""),
        ("y/a", ""),
    ]
    assert [(each.name, each.partner) for each in of_paths(paths[:2])] == [("a", "a-deploy"), ("a-deploy", "")]


def test_a_pair_is_one_pair_whoever_names_whom() -> None:
    """Also where both do, and where one Deploy repository serves two apps."""
    a, b, d = Entry("a", None, "a", partner="d"), Entry("b", None, "b", partner="d"), Entry("d", None, "d", partner="a")
    assert pairs((a, b, d)) == ((d, a), (b, d))


def test_only_a_name_of_the_list_can_be_chosen() -> None:
    """A slip is met with the name that was meant."""
    entries = (Entry("orders", None, "x"), Entry("payments", None, "y"))
    assert chosen(entries, ["payments"]) == entries[1:]
    with pytest.raises(FleetError, match=r"the list has no order; did you mean orders\?"):
        chosen(entries, ["order"])


def _listed(*urls: str, partner: str = "") -> list[Entry]:
    return [Entry(f"r{at}", None, url, url, partner=partner) for at, url in enumerate(urls)]


def _matrix(entries: list[Entry], **given: Any) -> list[tuple[str, ...]]:
    return [tuple(each.values()) for each in json.loads(as_matrix(entries, **given))["include"]]


def test_a_matrix_has_a_job_for_each_repository() -> None:
    """With its owner, and with its partner among what is read: what a token has to be for."""
    entries = [*_listed("https://git.example/t/orders.git", partner="d"), *_listed("git@git.example:u/pay")]
    entries[1] = replace(entries[1], name="pay")
    deploy = Entry("d", None, "x", "https://git.example/t/orders-deploy")
    assert _matrix(entries, known=[*entries, deploy]) == [
        ("r0", "r0", "t", "orders", "orders,orders-deploy"),
        ("pay", "pay", "u", "pay", "pay"),
    ]


def test_repositories_share_jobs_where_there_is_no_room() -> None:
    """Evenly, none of them lost, and never with those of another owner."""
    entries = _listed(*(f"https://git.example/{owner}/{at}" for owner in "tu" for at in range(3)))
    assert [each[1:3] for each in _matrix(entries, most=4)] == [
        ("r0 r1", "t"),
        ("r2", "t"),
        ("r3 r4", "u"),
        ("r5", "u"),
    ]


def test_a_path_needs_no_token() -> None:
    """It is there, and belongs to nobody on a host."""
    assert _matrix([Entry("a", Path("a"), "a")]) == [("a", "a", "", "", "")]
