"""What pip's words are taken to mean."""

from __future__ import annotations

import pytest
from requirements.faults import explain, redacted

ACCOUNTS = {
    "credentials are asked for": (
        "WARNING: 401 Error, Credentials not correct for https://mirror.example/simple/pip/",
        "the package index or a proxy refuses the credentials: give them in PIP_INDEX_URL, pip.conf or ~/.netrc", 5,
    ),
    "a proxy asks for credentials": (
        "OSError('Tunnel connection failed: 407 Proxy Authentication Required')",
        "the package index or a proxy refuses the credentials: give them in PIP_INDEX_URL, pip.conf or ~/.netrc", 5,
    ),
    "an unknown authority": (
        "WARNING: Retrying after connection broken by 'SSLError(SSLCertVerificationError(1, 'certificate verify failed",
        "the certificate of the package index is not trusted: name your authority's certificate in PIP_CERT", 5,
    ),
    "no name service": (
        "WARNING: Retrying (Retry(total=4)) after connection broken by 'NewConnectionError('[Errno -3] Temporary f",
        "the package index cannot be reached: check the network;"
        " an index or mirror is set with PIP_INDEX_URL or in pip.conf", 5,
    ),
    "a full disk": ("ERROR: Could not install packages: [Errno 28] No space left on device", "the disk is full", 6),
    "anything else": ("ERROR: https://mirror.example/t0ken/x.whl is odd", "pip failed: ERROR: (address) is odd", 6),
}  # fmt: skip


@pytest.mark.parametrize("name", ACCOUNTS)
def test_a_failure_is_one_line_that_says_what_to_do(name: str) -> None:
    """Each kind has its own text and exit code."""
    said, text, code = ACCOUNTS[name]
    fault = explain(["Collecting pip==1", said, ""])
    assert (fault.text, fault.code) == (text, code)


def test_the_password_of_an_address_is_left_out() -> None:
    """As is a token that stands for the user."""
    line = "Looking in indexes: https://me:secret@one.example/simple, https://token@two.example/simple"
    assert redacted(line) == "Looking in indexes: https://****@one.example/simple, https://****@two.example/simple"
