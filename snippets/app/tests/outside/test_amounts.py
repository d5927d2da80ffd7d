"""An amount is what the client wrote, to the last digit, or it is refused."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fixtures.process import Process

ORDER = '{"symbol": "AAPL", "side": "buy", "quantity": %s, "price": %s}'


@pytest.fixture(scope="module")
def app(shared: dict[str, str]) -> Iterator[Process]:
    """The app, ready."""
    with Process("app", shared) as process:
        process.until("/health/ready", 200)
        yield process


def post(app: Process, body: str | bytes, key: str) -> tuple[int, dict[str, str]]:
    """The status and the body of the answer to an order."""
    headers = {"Idempotency-Key": key, "Content-Type": "application/json"}
    answer = app.http.post("/orders", content=body, headers=headers)
    return answer.status_code, answer.json()


@pytest.mark.rule("TRD011")
@pytest.mark.parametrize("form", ['"%s"', "%s"], ids=["text", "number"])
@pytest.mark.parametrize("price", ["100000000000.00000001", "0.00000001", "123456789012", "10"])
def test_an_amount_comes_back_as_it_was_sent(app: Process, price: str, form: str) -> None:
    """From the request to the database and back, as a JSON number and as its text."""
    status, receipt = post(app, ORDER % ("1", form % price), f"exact-{price}-{form}")
    shown = app.http.get(f"/orders/{receipt['id']}").json()
    assert (status, receipt["price"], shown["price"]) == (201, price, price)


@pytest.mark.rule("TRD011", "RES003")
def test_a_price_that_differs_in_its_last_digit_is_another_order(app: Process) -> None:
    """Under the same key it is refused; the same price in another form is the same order."""
    first = post(app, ORDER % ("1", "100000000000.00000001"), "digit")
    other = post(app, ORDER % ("1", "100000000000.00000002"), "digit")
    again = post(app, ORDER % ("1.0", '"100000000000.00000001"'), "digit")
    assert (first[0], other[0], again[0]) == (201, 422, 200)


@pytest.mark.rule("TRD011")
@pytest.mark.parametrize(
    "amount",
    [
        '"1_0"', '"\uff11\uff10"', '" 1"', '"1\\n"', '"+1"', '"1e2"', '""', '"NaN"', '"Infinity"', "NaN", "Infinity",
        "-Infinity", "1e400", "1e999999999999999999999", "0", "-1", "true", "null", "[1]",
        '{"a": 1}', "0.000000001", '"\\ud800"',
    ],
)  # fmt: skip
def test_what_is_no_amount_is_refused(app: Process, amount: str) -> None:
    """With 422 and a reason as JSON, whatever Python would make of it."""
    for body in (ORDER % (amount, "1"), ORDER % ("1", amount)):
        status, answer = post(app, body, f"no-{amount.encode().hex()}"[:100])
        assert (status, "detail" in answer) == (422, True)


@pytest.mark.rule("TRD011")
@pytest.mark.parametrize(
    "body",
    [
        '{"symbol": "AAPL", "side": "buy", "quantity": 1, "quantity": 2, "price": 1}',
        '{"symbol": "AAPL", "side": "buy", "side": "sell", "quantity": 1, "price": 1}',
        '{"symbol": "AAPL", "side": "buy", "quantity": 1, "price": 1, "\\ud800": 1}',
        '{"symbol": "AAPL", "side": "buy", "quantity": 1, "price": 1',
        "",
        b"\xff\xfe",
        b'{"symbol": "\xff"}',
    ],
    ids=["quantity twice", "side twice", "half a character", "half a body", "no body", "UTF-16", "Latin-1"],
)
def test_a_body_that_two_readers_would_read_differently_is_refused(app: Process, body: str | bytes) -> None:
    """A key twice, half a character, half a body."""
    assert post(app, body, "bodies")[0] == 422


@pytest.mark.rule("RES025")
@pytest.mark.parametrize("path", ["/docs", "/redoc", "/openapi.json", "/positions/"])
def test_nothing_is_served_that_is_not_listed(app: Process, path: str) -> None:
    """No pages of a framework, and no redirect that repeats the caller's Host."""
    answer = app.http.get(path, headers={"Host": "evil.example"})
    assert (answer.status_code, "evil" in str(answer.headers) + answer.text) == (404, False)
