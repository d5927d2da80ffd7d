"""Time."""

from .. import server

__all__ = ["server"]
