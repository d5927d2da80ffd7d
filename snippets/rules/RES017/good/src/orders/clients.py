"""What the app asks of others."""

from tenacity import retry, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from orders.breaker import CircuitBreaker

breaker = CircuitBreaker()


@retry(stop=stop_after_attempt(3), wait=wait_random_exponential(max=5), retry=retry_if_exception_type(ConnectionError))
@breaker
def price() -> None:
    """Ask for a price."""
