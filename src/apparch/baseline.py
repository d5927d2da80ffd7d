"""A baseline: an earlier JSON report, whose findings are known and do not count again."""

from __future__ import annotations

import json


class BaselineError(Exception):
    """The file is no report; the message says how to make one."""


def fingerprints(text: str) -> frozenset[str]:
    """The identities of the findings that an earlier report told as new or as known.

    Raises:
        BaselineError: the text is no JSON report of apparch check.
    """
    try:
        data = json.loads(text)
        found = frozenset(str(each["fingerprint"]) for each in data["findings"] if each["state"] != "waived")
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise BaselineError(
            "it is no report; make one with apparch check --format json --output FILE, and give that file"
        ) from error
    return found
