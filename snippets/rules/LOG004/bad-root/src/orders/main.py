"""The process."""

import logging
import os
import sys

from orders.server import serve


def main() -> None:
    logging.basicConfig(stream=sys.stdout)
    logging.getLogger().setLevel("DEBUG")
    serve(int(os.environ.get("SERVICE_PORT", "8080")))
