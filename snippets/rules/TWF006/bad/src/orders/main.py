"""The process."""

import logging
import os
import sys

from orders.server import serve


def main() -> None:
    logging.basicConfig(stream=sys.stdout, level=os.environ.get("LOG_LEVEL", "INFO"))
    serve(object())
