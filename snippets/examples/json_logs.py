"""A log line before and after the app has configured its logging."""

import json
import logging
from contextlib import redirect_stdout
from io import StringIO
from secrets import token_hex

from app import logs

api_key = token_hex()
output = StringIO()
with redirect_stdout(output):
    logging.info("nobody sees this")  # the root logger starts at WARNING
    logs.configure("INFO", "json", secrets=[api_key])
    logging.info("order accepted", extra={"order_id": "42", "sent_with": api_key})

lines = output.getvalue().splitlines()
print(len(lines))
#> 1
line = json.loads(lines[0])
print(line["level"], line["message"], line["order_id"], line["sent_with"])
#> INFO order accepted 42 ***
