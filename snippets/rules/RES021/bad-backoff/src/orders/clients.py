"""What the app asks of others."""

import backoff


@backoff.on_exception(backoff.expo, ConnectionError)
def price() -> None:
    """Ask for a price."""
