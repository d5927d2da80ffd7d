"""The service binds the port that its environment names, answers on it at once, and ends with 0 when it is asked to."""

import signal
import socket
import subprocess
import sys
import time
from urllib.error import URLError
from urllib.request import urlopen

SETTINGS = {
    "DB_HOST": "127.0.0.1",
    "DB_NAME": "orders",
    "DB_USER": "app",
    "DB_PASSWORD": "example",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "API_ENDPOINT": "http://127.0.0.1:1",
    "API_KEY": "example",
    "DRAIN_SECONDS": "0",
}

with socket.socket() as free:
    free.bind(("127.0.0.1", 0))
    port = free.getsockname()[1]

command = [sys.executable, "-m", "app"]
environment = {**SETTINGS, "SERVICE_PORT": str(port), "PYTHONPATH": ":".join(sys.path)}
app = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
status = None
while status is None and app.poll() is None:
    try:
        status = urlopen(f"http://127.0.0.1:{port}/health/live", timeout=5).status
    except URLError:
        time.sleep(0.05)
app.send_signal(signal.SIGTERM)
print(status, app.wait(timeout=30))
#> 200 0
