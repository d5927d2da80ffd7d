"""What is counted."""

from prometheus_client import Counter

REQUESTS = Counter("orders_requests_total", "Requests by path.", ["path", "user_id"])


def count(request: object) -> None:
    REQUESTS.labels(request.route.path, request.user.id).inc()
