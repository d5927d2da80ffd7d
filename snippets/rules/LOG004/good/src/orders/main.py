"""The process."""

import logging
import os
import sys

from orders.server import serve


def main() -> None:
    logging.basicConfig(stream=sys.stdout, level=os.environ.get("LOG_LEVEL", "INFO"))
    logging.getLogger("urllib3").setLevel(logging.WARNING)
    serve(int(os.environ.get("SERVICE_PORT", "8080")))
