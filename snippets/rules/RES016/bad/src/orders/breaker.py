"""A circuit breaker."""

import time


class CircuitBreaker:
    def __init__(self) -> None:
        self.opened_at = 0.0

    def open(self) -> None:
        self.opened_at = time.time()
