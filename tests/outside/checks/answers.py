"""Whether an app answers what it does not know or cannot read with an error of the client, in its own form."""

from __future__ import annotations

import json
from dataclasses import replace

from tests.outside.running import Running, started
from tests.outside.target import Request
from tests.outside.verdict import Attempt, NotTested
from tests.outside.wire import Answer, Gone, ask

UNREADABLE = {
    "half of it": "{",
    "NaN": '{"a": NaN}',
    "a number without bound": '{"a": 1e400}',
    "a lone surrogate": '{"a": "\\ud800"}',
    "deep nesting": "[" * 5000 + "]" * 5000,
    "a key twice": '{"a": 1, "a": 2}',
}


def an_unknown_path_is_not_found(attempt: Attempt) -> None:
    """A path that nobody declared is answered with 404, also after the known ones."""
    with started(attempt.target) as app:
        attempt.control(app.becomes(attempt.target.ready, 200), "it becomes ready")
        for path in ("/no/such/path", "/%00", "/..%2f..%2fetc/passwd"):
            status = app.status(path)
            attempt.saw(f"{path}: {status}")
            attempt.expect(status in (400, 404), f"{path} is answered with 404 or 400")


def an_unreadable_body_is_the_clients_error(attempt: Attempt) -> None:
    """A body that is no good JSON is answered with a status of 400 to 499."""
    write = attempt.target.write
    if write is None:
        raise NotTested("this app is known to take no body")
    with started(attempt.target) as app:
        attempt.control(app.becomes(attempt.target.ready, 200), "it becomes ready")
        attempt.served(app, write)
        wrong = []
        for name, body in UNREADABLE.items():
            status = _status(app, replace(write, body=body))
            attempt.saw(f"{name}: {status or 'closed'}")
            if not 400 <= status < 500:
                wrong.append(f"{name}: {status or 'closed'}")
        attempt.expect(not wrong, f"each is answered with 400 to 499 ({', '.join(wrong) or 'all'})")


def errors_have_the_form_of_answers(attempt: Attempt) -> None:
    """What the server itself refuses is of the content type of the app's other errors."""
    with started(attempt.target) as app:
        attempt.control(app.becomes(attempt.target.ready, 200), "it becomes ready")
        known = app.ask(Request(path="/no/such/path"))
        attempt.control(_is_json(known), "its own errors are JSON")
        refused = ask(app.port, b"GET / HTTP/1.1\r\nHost: app\r\nBroken header\r\n\r\n")
        attempt.saw(f"a broken header: {refused.status} {refused.headers.get('content-type')}")
        attempt.expect(refused.status == 400, "a broken header is answered with 400")
        attempt.expect(_is_json(refused), "and in JSON")


def _is_json(answer: Answer) -> bool:
    try:
        json.loads(answer.body)
    except ValueError:
        return False
    return answer.headers.get("content-type", "").startswith(("application/json", "application/problem+json"))


def _status(app: Running, request: Request) -> int:
    try:
        return app.ask(request).status
    except Gone:
        return 0
