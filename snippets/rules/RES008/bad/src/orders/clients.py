"""What the app asks of others."""

import requests

SESSION = requests.Session()


def price(url: str) -> object:
    return SESSION.get(url, timeout=5).json()
