"""The reader of PromQL finds the series that a full parser finds, and refuses what it refuses."""

from __future__ import annotations

from contextlib import suppress

import promql_parser
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apparch.deploy.promql import Selector, UnreadableError, selectors

CASES = {
    'sum by (namespace) (rate(http_requests_total{job="app",status=~"5.."}[5m]))': ["http_requests_total"],
    "sum(rate(a_total[5m])) by (job) / on (job) group_left (x) b > bool 0.05": ["a_total", "b"],
    "histogram_quantile(0.99, sum by (le) (rate(h_bucket[5m])))": ["h_bucket"],
    'up == 0 or absent(x{a!~"b{c}"}) unless on () y offset 5m': ["up", "x", "y"],
    "max_over_time(rate(a[5m])[1h:5m] @ end())": ["a"],
    '{__name__="named", job="app"}': ["named"],
    "job:requests:rate5m ^ 2 % -3e5 + 0x1f": ["job:requests:rate5m"],
    'label_replace(a, "dst", "$1", "src", "(.*) b_total")': ["a"],
    "count_values('version', build_info) # not_a_metric\n+ Inf": ["build_info"],
    "topk without (a) (3, m) and ignoring (z) n": ["m", "n"],
    "rate(a[$__rate_interval]) * ${scale:raw}": ["a"],
}
GRAFANA = "$__rate_interval"


@pytest.mark.parametrize(("expression", "expected"), CASES.items())
def test_the_series_of_an_expression_are_found(expression: str, expected: list[str]) -> None:
    """Functions, groupings, strings, comments and durations are no series."""
    assert [each.name for each in selectors(expression)] == expected


def test_matchers_are_read_with_their_operator() -> None:
    """Brackets inside quotes end nothing."""
    assert selectors("""a{b="c",d!="e}",f=~'g\\'h',i!~`j`}""") == [
        Selector("a", (("b", "=", "c"), ("d", "!=", "e}"), ("f", "=~", "g\\'h"), ("i", "!~", "j")))
    ]


@pytest.mark.parametrize("expression", ["", "  ", "sum(", "a{", "a[5m", "a)", "'open", "a ; b", "a" * 30_000, "(]"])
def test_what_is_no_expression_is_refused(expression: str) -> None:
    """An error, not an empty list: nothing found would look like nothing wrong."""
    with pytest.raises(UnreadableError):
        selectors(expression)


def test_it_agrees_with_a_full_parser() -> None:
    """promql-parser reads the same names out of every case that is pure PromQL."""
    for expression, expected in CASES.items():
        if "$_" in expression:
            continue
        found: list[str] = []

        def visit(node: object, found: list[str] = found) -> bool:
            if isinstance(node, promql_parser.VectorSelector):
                named = [each.value for each in node.matchers.matchers if each.name == "__name__"]
                found.append(node.name or named[0])
            return True

        promql_parser.walk(promql_parser.parse(expression), visit)
        assert sorted(found) == sorted(expected)


@given(st.text(max_size=200) | st.text(alphabet="ab{}()[]\"'`=~!,$#\\ \n", max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    """No other error, whatever a dashboard holds."""
    with suppress(UnreadableError):
        assert all(isinstance(each, Selector) for each in selectors(text))
