"""What the app asks of others."""

import requests


def price(url: str) -> object:
    answer = requests.get(url, timeout=5)
    answer.raise_for_status()
    return answer.json()


def order(url: str, body: dict[str, str]) -> None:
    requests.post(url, json=body, timeout=5).raise_for_status()
