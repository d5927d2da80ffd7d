"""Which labels a selector chooses, as Kubernetes does."""

from __future__ import annotations

import pytest

from apparch.deploy.pods import selects
from apparch.repository import Node, Problem
from apparch.repository.yaml_file import parse_yaml

LABELS = "{app: app, tier: web}"


def node(text: str) -> Node:
    """A value as the repository's reader has it."""
    documents = parse_yaml(text, "x.yaml")
    assert not isinstance(documents, Problem)
    return documents[0]


@pytest.mark.parametrize(
    ("selector", "chosen"),
    [
        ("{app: app}", True),
        ("{app: api}", False),
        ("{app: app, zone: a}", False),
        ("{}", False),
        ("{matchLabels: {app: app, tier: web}}", True),
        ("{matchLabels: {app: api}}", False),
        ("{matchExpressions: [{key: app, operator: In, values: [api, app]}]}", True),
        ("{matchExpressions: [{key: app, operator: In, values: [api]}]}", False),
        ("{matchExpressions: [{key: zone, operator: In, values: [a]}]}", False),
        ("{matchExpressions: [{key: app, operator: NotIn, values: [api]}]}", True),
        ("{matchExpressions: [{key: app, operator: NotIn, values: [app]}]}", False),
        ("{matchExpressions: [{key: tier, operator: Exists}]}", True),
        ("{matchExpressions: [{key: zone, operator: Exists}]}", False),
        ("{matchExpressions: [{key: zone, operator: DoesNotExist}]}", True),
        ("{matchExpressions: [{key: app, operator: DoesNotExist}]}", False),
        ("{matchExpressions: [{key: app, operator: Is, values: [app]}]}", False),
        ("{matchLabels: {app: app}, matchExpressions: [{key: zone, operator: Exists}]}", False),
    ],
)
def test_a_selector_chooses_what_all_of_it_fits(selector: str, chosen: bool) -> None:
    """Labels, expressions, or both; an empty one chooses nothing, since no app is meant by it."""
    assert selects(node(selector), node(LABELS)) == chosen
