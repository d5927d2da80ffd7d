"""What the app asks of others."""

import httpx

CLIENT = httpx.Client()


def price(url: str) -> object:
    answer = CLIENT.get(url)
    answer.raise_for_status()
    return answer.json()
