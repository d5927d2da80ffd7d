"""Fill a database of one's own with orders."""

import os

print(os.environ["SEED_ORDERS"])
