"""What the app asks of others."""

import pybreaker

BREAKER = pybreaker.CircuitBreaker(fail_max=5, reset_timeout=60)
