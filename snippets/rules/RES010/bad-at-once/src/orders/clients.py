"""What the app asks of others."""

from urllib3.util import Retry

RETRIES = Retry(total=3)
