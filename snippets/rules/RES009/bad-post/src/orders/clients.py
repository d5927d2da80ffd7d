"""What the app asks of others."""

from urllib3.util import Retry

RETRIES = Retry(total=3, backoff_factor=0.2, backoff_jitter=0.2, allowed_methods=None)
