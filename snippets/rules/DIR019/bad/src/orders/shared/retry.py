"""Retries."""

from orders.server import serve

__all__ = ["serve"]
