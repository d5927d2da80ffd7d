"""What the app asks of others."""

import requests

SESSION = requests.Session()


def price(url: str) -> object:
    answer = SESSION.get(url, timeout=(1, 5))
    answer.raise_for_status()
    return answer.json()
