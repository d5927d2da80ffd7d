"""What the app talks to."""

import redis


def connect(url: str) -> redis.Redis:
    """A client of the cache at an address such as redis://localhost:6379/0."""
    return redis.Redis.from_url(url)
