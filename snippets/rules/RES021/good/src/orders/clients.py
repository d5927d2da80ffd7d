"""What the app asks of others."""

import backoff


@backoff.on_exception(backoff.expo, ConnectionError, max_time=10)
def price() -> None:
    """Ask for a price."""
