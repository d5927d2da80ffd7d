"""Two replicas, one user: what is kept in a process is known to half of the requests."""

from collections.abc import MutableMapping


def log_in(sessions: MutableMapping[str, str], user: str) -> None:
    """One replica's handler: note that the user is there."""
    sessions[user] = "logged in"


def greet(sessions: MutableMapping[str, str], user: str) -> str:
    """A later request of the same user, which another replica may answer."""
    return sessions.get(user, "who are you?")


first: dict[str, str] = {}
second: dict[str, str] = {}
log_in(first, "kim")
print(greet(second, "kim"))
#> who are you?

shared: dict[str, str] = {}  # stands for Redis
log_in(shared, "kim")
print(greet(shared, "kim"))
#> logged in
