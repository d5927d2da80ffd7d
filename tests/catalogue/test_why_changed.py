"""Why an edition changed its rules."""

from __future__ import annotations

from apparch.catalogue.editions import recorded, steps
from apparch.catalogue.why_changed import notes, why, why_between

CHANGES = {new.name: changes for old, new, changes in steps() if old}


def test_every_change_has_a_reason() -> None:
    """Of each rule that was there before; one that an edition added has its own reason on its page."""
    missing = [
        f"{edition}: {change.rule}"
        for edition, changes in CHANGES.items()
        for change in changes
        if change.kinds != ("added",) and not why(change, edition)
    ]
    assert missing == []


def test_no_reason_is_left_of_a_change_that_is_none() -> None:
    """Each note's rule was changed by the edition, and no rule has two."""
    changed = {edition: {change.rule for change in changes if change.before} for edition, changes in CHANGES.items()}
    assert {name: sorted({*of.of_rules} - changed.get(name, set())) for name, of in notes().items()} == {
        name: [] for name in notes()
    }


def test_between_two_editions_each_reason_after_the_first_is_told() -> None:
    """None from an edition to itself."""
    change = next(each for each in CHANGES["3.1.0"] if each.rule == "OWN007")
    new = next(new for _, new, _ in steps() if new.name == "3.1.0")
    told = [[each.en for each in why_between(change, old, new)] for old in (recorded()[0], new)]
    assert told == [["It was an obligation in 2.0.0, and is one again."], []]
