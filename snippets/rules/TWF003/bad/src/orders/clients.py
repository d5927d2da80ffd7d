"""What the app talks to."""

import redis

CACHE = redis.Redis(host="localhost", port=6379)
