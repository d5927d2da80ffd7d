"""The process."""

import logging
import os
import sys

from orders.server import serve


def main() -> None:
    logging.basicConfig(stream=sys.stdout, level=logging.INFO)
    serve(int(os.environ.get("SERVICE_PORT", "8080")))
