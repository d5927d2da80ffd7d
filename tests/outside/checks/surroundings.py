"""Whether variables that an app does not declare steer it, as they may be set on any node or by any base image."""

from __future__ import annotations

from tests.outside.running import started
from tests.outside.verdict import Attempt
from tests.ports import free_port


def undeclared_variables_steer_nothing(attempt: Attempt) -> None:
    """With a dead proxy, other database settings and a missing certificate file around it, it serves as before."""
    target = attempt.target
    with started(target) as app:
        attempt.control(app.becomes(target.ready, 200), "it becomes ready without them")
        attempt.served(app, target.quick)
        if target.write:
            attempt.served(app, target.write)
    dead = f"http://127.0.0.1:{free_port()}"
    foreign = {
        **dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy"), dead),
        "PGSSLMODE": "verify-full",
        "PGHOST": "database.invalid",
        "SSL_CERT_FILE": "/no/such/file",
        "FORWARDED_ALLOW_IPS": "*",
        "WEB_CONCURRENCY": "4",
    }
    kept = {name: value for name, value in foreign.items() if name not in target.environment}
    attempt.saw(f"set: {', '.join(kept)}")
    with started(target, kept) as app:
        ready = app.becomes(target.ready, 200)
        attempt.evidence += [] if ready else app.tail()
        attempt.expect(ready, "it becomes ready with them")
        attempt.expect(app.answers(target.quick), f"{target.quick.path} is answered as before")
        if target.write:
            attempt.expect(app.answers(target.write), f"{target.write.path} is answered as before")
