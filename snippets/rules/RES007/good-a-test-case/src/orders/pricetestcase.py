"""What tests of prices begin with."""

import requests


def price(url: str) -> str:
    """Ask the service that a test started."""
    return requests.get(url).text
