"""`python -m app`: start the service, or say why not."""

from __future__ import annotations

import os
import sys

from app import starting

if __name__ == "__main__":
    starting.stop_at_once()


import logging

from app import logs
from app.config import ConfigurationError, drop_undeclared, load_settings
from app.main import run

EX_CONFIG = 78
"""The exit code of sysexits.h for a configuration error: a restart will not help."""


def main() -> int:
    """The exit code of the process."""
    try:
        settings = load_settings(os.environ)
    except ConfigurationError as error:
        logs.configure("INFO", "json")
        logging.getLogger("app").critical(str(error), extra={"problems": error.problems})
        return EX_CONFIG
    return run(settings)


if __name__ == "__main__":
    drop_undeclared(os.environ)
    sys.exit(main())
