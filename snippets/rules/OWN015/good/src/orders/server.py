"""The HTTP server, once on 10.20.30.40."""

BIND = "0.0.0.0"
LOOPBACK = "127.0.0.1:8080"
METADATA = "http://169.254.169.254/latest"
SHOWN = ["192.0.2.7", "https://198.51.100.4/x", "203.0.113.9"]
NETWORKS = ["10.0.0.0/8", "192.168.0.0"]
MASK = "255.255.255.0"
VERSION = "4.1.12.3"
COUNTRY = {"2.5.4.6": "C"}
NOWHERE = "http://invalid.local"
AGENT = "Mozilla/5.0 (X11) Chrome/120.0.0.0"
PLACE = "http://{host}:8080/orders"


def serve(port: int) -> None:
    """Answer requests until the process is told to end."""
