"""The process."""

import logging
import os
import sys

from orders.logs import Json
from orders.server import serve


def main() -> None:
    logging.basicConfig(
        stream=sys.stdout,
        format="%(asctime)s %(levelname)s %(message)s",
        level=os.environ.get("LOG_LEVEL", "INFO"),
    )
    logging.getLogger().handlers[0].setFormatter(Json())
    serve(int(os.environ.get("SERVICE_PORT", "8080")))
