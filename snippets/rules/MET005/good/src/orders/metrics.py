"""What is counted."""

from prometheus_client import Counter

REQUESTS = Counter("orders_requests_total", "Requests by path.", ["path"])


def count(request: object) -> None:
    REQUESTS.labels(request.scope["route"].path if request.scope.get("route") else "unmatched").inc()
