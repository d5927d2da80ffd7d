"""What the app asks of others."""

from urllib.request import urlopen


def price(url: str) -> bytes:
    with urlopen(url) as answer:
        return answer.read()
