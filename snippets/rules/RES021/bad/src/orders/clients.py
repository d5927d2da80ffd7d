"""What the app asks of others."""

from tenacity import retry, retry_if_exception_type, wait_random_exponential


@retry(wait=wait_random_exponential(max=5), retry=retry_if_exception_type(ConnectionError))
def price() -> None:
    """Ask for a price."""
