"""What pip's account of a failure means for the user, in one line without an address or a secret."""

from __future__ import annotations

import re
from dataclasses import dataclass

UNREACHABLE, NOT_TO_BE_HAD = 5, 6
MIRROR = "an index or mirror is set with PIP_INDEX_URL or in pip.conf"


@dataclass(frozen=True)
class Fault:
    """Why pip failed, and the exit code that says so."""

    text: str
    code: int


KNOWN = (
    (r"DO NOT MATCH THE HASHES", "the index gives another file than the one pinned; nothing of it was installed",
     NOT_TO_BE_HAD),
    (r"CERTIFICATE_VERIFY_FAILED|certificate verify failed|SSLCertVerification",
     "the certificate of the package index is not trusted: name your authority's certificate in PIP_CERT", UNREACHABLE),
    (r"\b401\b.*(Error|Unauthorized)|\b403\b.*(Error|Forbidden)|\b407\b|User for ",
     "the package index or a proxy refuses the credentials: give them in PIP_INDEX_URL, pip.conf or ~/.netrc",
     UNREACHABLE),
    (r"connection broken by|[Cc]onnection ?(error|[Rr]efused|[Rr]eset)|NewConnectionError|Failed to (connect|establish)"
     r"|[Tt]imed out|Timeout|ProxyError|Name or service not known|name resolution|Network is unreachable"
     r"|\b50\d (Server )?Error",
     f"the package index cannot be reached: check the network; {MIRROR}", UNREACHABLE),
    (r"No space left on device", "the disk is full", NOT_TO_BE_HAD),
    (r"No matching distribution found for (?P<name>[^\s;]+)",
     f"the package index has no wheel of {{name}} for this Python and machine; {MIRROR}", NOT_TO_BE_HAD),
)  # fmt: skip
"""The first pattern that any line matches decides; a certificate that is refused is also a broken connection."""


def explain(account: list[str]) -> Fault:
    """What a failed pip said, as one fault."""
    for pattern, text, code in KNOWN:
        for line in account:
            if match := re.search(pattern, line):
                return Fault(text.format(**match.groupdict()), code)
    errors = [line for line in account if "rror" in line] or account or ["it said nothing"]
    return Fault(f"pip failed: {without_addresses(errors[-1]).strip()}", NOT_TO_BE_HAD)


def is_vague(account: list[str]) -> bool:
    """Whether pip names a package that it did not find on an index that may not have answered at all."""
    return "no wheel of" in explain(account).text and any("(from versions: none)" in line for line in account)


def redacted(line: str) -> str:
    """The line without the user and password of an address."""
    return re.sub(r"(?<=://)[^/\s@]*@", "****@", line)


def without_addresses(line: str) -> str:
    """The line without any address, since a mirror may carry a token in its path."""
    return re.sub(r"\w+://\S+", "(address)", line)
