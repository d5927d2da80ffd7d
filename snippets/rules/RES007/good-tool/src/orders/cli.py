"""Commands for a person."""

from urllib.request import urlopen


def main(url: str) -> None:
    print(urlopen(url).read().decode())
