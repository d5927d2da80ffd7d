"""Commands for a person."""

import logging


def main() -> None:
    logging.basicConfig(level="WARNING")
