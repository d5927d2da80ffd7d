"""The process."""

import logging
import os
import sys

from orders.server import serve


def main() -> None:
    logging.basicConfig(level=os.environ.get("LOG_LEVEL", "INFO"))
    serve(int(os.environ.get("SERVICE_PORT", "8080")))
