"""Retries; orders.server uses them."""

import ordersbook

from . import backoff
from orders.shared.backoff import __name__ as name

__all__ = ["backoff", "name", "ordersbook"]
