"""What prose says about the repositories, bound to what the repositories are."""

from __future__ import annotations

from collections.abc import Sequence

from apparch.pages.errors import PageError
from apparch.pages.promised.bound.check import Checker
from apparch.pages.promised.bound.claims import pending
from apparch.pages.promised.bound.diagrams import diagram_names, undrawn
from apparch.pages.promised.bound.product import Product
from apparch.pages.promised.bound.trees import tree_names, uncommented
from apparch.pages.written.site import Site


def bound(site: Site, texts: Sequence[str] = ()) -> list[str]:
    """What the named texts state that is bound to nothing or is not so; without names, those that are bound already.

    Raises:
        PageError: there is no such text.
    """
    checker = Checker(site, Product(site.root))
    unknown = [text for text in texts if text not in checker.writings]
    if unknown:
        raise PageError(f"{unknown[0]}: no such text; there are {', '.join(checker.writings)}")
    left = set(pending(site.root))
    faults = [] if texts else [f for name in diagram_names(site.root) for f in undrawn(name, site, checker.product)]
    faults += [] if texts else [f for name in tree_names(site.root) for f in uncommented(name, site.root)]
    faults += [
        fault for text in texts or checker.writings if texts or text not in left for fault in checker.faults(text)
    ]
    return faults if texts else [*faults, *checker.unused()]
