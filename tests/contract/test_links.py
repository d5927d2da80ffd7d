"""One judge a link, and each keeps to the rules of its own."""

from __future__ import annotations

import pytest
from tests.contract.trees import APP, DEPLOY

from apparch.app.side import AppSide
from apparch.contract.compare import JUDGES
from apparch.contract.model import LINKS
from apparch.contract.pair import Pair
from apparch.deploy.side import DeploySide
from apparch.repository import Repository


@pytest.fixture(scope="module")
def pair() -> Pair:
    """The reference repositories."""
    return Pair(AppSide(Repository(APP)), DeploySide(Repository(DEPLOY), "app"))


def test_every_link_has_its_judge() -> None:
    """In the order in which findings are shown."""
    assert list(JUDGES) == list(LINKS)


@pytest.mark.parametrize("link", LINKS)
def test_a_judge_answers_for_its_link_alone(link: str, pair: Pair) -> None:
    """What a reader looks for under a link is nowhere else."""
    assert {each.link for each in JUDGES[link](pair)} <= {link}
