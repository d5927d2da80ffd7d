"""The command line: thin commands over what the package offers, each with its options in a module of its own."""

from __future__ import annotations

import sys

from apparch import __version__

# Type checkers believe in what is below; `typing` itself would cost more than all that `--version` does.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; a wrong call ends with SystemExit(2), as argparse does it."""
    if (sys.argv[1:] if arguments is None else list(arguments)) == ["--version"]:
        # No parser is made for it: scripts ask for the version often, and wait.
        print(f"apparch {__version__}")
        return 0
    from apparch.cli.run import run

    return run(arguments)
