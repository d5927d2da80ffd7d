"""The metrics: what is counted, under which labels, and what is not."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import APIRouter, FastAPI
from prometheus_client.parser import text_string_to_metric_families
from starlette.requests import Request
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from app import metrics as module
from app.config import load_settings
from app.health import Check
from app.main import create_app
from app.metrics import Metrics, Record
from fixtures.asgi import STARTUP, lifespan_through
from fixtures.environment import ENVIRONMENT

orders = APIRouter(prefix="/orders")
hold, reached = asyncio.Event(), asyncio.Event()
clock = [1000.0]


@orders.api_route("/{number}", methods=["GET", "POST"])
async def order(number: int) -> int:
    """A route with a parameter."""
    return number


@orders.get("/{number}/fail")
async def fail(number: int) -> None:
    """A route with a bug."""
    raise RuntimeError("no")


@orders.get("/{number}/stream")
async def stream(number: int) -> StreamingResponse:
    """A route whose answer begins, takes 2.5 s of the test's clock, and ends, with number 0 in an error."""

    async def pieces() -> AsyncIterator[bytes]:
        yield b"begun"
        clock[0] += 2.5
        if number == 0:
            raise RuntimeError("no")
        yield b"ended"

    return StreamingResponse(pieces())


@orders.get("/held/up")
async def held() -> None:
    """A route that does not end yet."""
    reached.set()
    await hold.wait()


class Parts:
    """Services with the routes above and one dependency."""

    def __init__(self, up: bool) -> None:
        async def probe() -> None:
            if not up:
                raise OSError

        self.checks, self.routers = [Check("exchange", probe)], [orders]

    async def start(self) -> None:
        """Nothing to wait for."""

    async def work(self) -> None:
        """No loop."""

    async def close(self) -> None:
        """Nothing to give back."""


def app_where(up: bool = True, **environ: str) -> FastAPI:
    """The app with these routes."""
    return create_app(load_settings(ENVIRONMENT | environ), lambda *_: Parts(up))


@pytest.fixture
def app() -> FastAPI:
    """The app, its dependency up."""
    return app_where()


def client_of(app: ASGIApp) -> httpx.AsyncClient:
    """A client that gets a 500 where the app raises, as over a socket."""
    return httpx.AsyncClient(transport=httpx.ASGITransport(app, raise_app_exceptions=False), base_url="http://app")


async def series(app: FastAPI) -> dict[tuple[str, ...], float]:
    """Every sample of a scrape, by its name and label values."""
    async with client_of(app) as client:
        text = (await client.get("/metrics")).text
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def requests(samples: dict[tuple[str, ...], float]) -> dict[tuple[str, ...], float]:
    """The request counter alone: (method, route, status) and its value."""
    return {key[1:]: value for key, value in samples.items() if key[0] == "http_requests_total"}


def of_http(samples: dict[tuple[str, ...], float]) -> dict[tuple[str, ...], float]:
    """All that is said of requests."""
    return {key: value for key, value in samples.items() if key[0].startswith("http_")}


@pytest.mark.rule("MET002", "MET005")
async def test_a_request_counts_under_its_route_template(app: FastAPI) -> None:
    """Not under the path that was asked for."""
    async with client_of(app) as client:
        for number in range(3):
            await client.get(f"/orders/{number}")
        await client.post("/orders/1")
        await client.get("/orders/none")
        await client.get("/nowhere")
    assert requests(await series(app)) == {
        ("GET", "/orders/{number}", "200"): 3,
        ("POST", "/orders/{number}", "200"): 1,
        ("GET", "/orders/{number}", "422"): 1,
        ("GET", "unmatched", "404"): 1,
    }


@pytest.mark.rule("MET002")
async def test_an_exception_counts_as_500(app: FastAPI) -> None:
    """An error rate that leaves out the worst errors is worth nothing."""
    async with client_of(app) as client:
        assert (await client.get("/orders/1/fail")).status_code == 500
    samples = await series(app)
    assert requests(samples) == {("GET", "/orders/{number}/fail", "500"): 1}
    assert samples["http_request_duration_seconds_count", "GET", "/orders/{number}/fail"] == 1


@pytest.mark.rule("MET002")
async def test_an_exception_counts_as_500_though_the_answer_had_begun(app: FastAPI) -> None:
    """The caller got half of it."""
    async with client_of(app) as client:
        await client.get("/orders/0/stream")
    samples = await series(app)
    assert requests(samples) == {("GET", "/orders/{number}/stream", "500"): 1}
    assert samples["http_request_duration_seconds_count", "GET", "/orders/{number}/stream"] == 1


@pytest.mark.rule("MET002")
async def test_an_app_that_raises_before_it_answers_counts_as_500() -> None:
    """The server answers for it, out of sight."""

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        raise RuntimeError("no")

    metrics = Metrics()
    async with client_of(Record(broken, metrics)) as client:
        await client.get("/")
    labels = {"method": "GET", "route": "unmatched", "status": "500"}
    assert metrics.registry.get_sample_value("http_requests_total", labels) == 1


@pytest.mark.rule("MET002")
async def test_the_duration_is_the_time_from_the_request_to_the_end_of_its_answer(
    app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By a clock whose beginning is anywhere, and not only to the first byte."""
    monkeypatch.setattr(module, "perf_counter", lambda: clock[0])
    async with client_of(app) as client:
        await client.get("/orders/1/stream")
    assert (await series(app))["http_request_duration_seconds_sum", "GET", "/orders/{number}/stream"] == 2.5


@pytest.mark.parametrize("path", ["/orders", "/health/live"])
async def test_an_app_gets_the_body_of_its_request(path: str) -> None:
    """Counted or not."""

    async def echo(scope: Scope, receive: Receive, send: Send) -> None:
        await PlainTextResponse(await Request(scope, receive).body())(scope, receive, send)

    async with client_of(Record(echo, Metrics())) as client:
        assert (await client.post(path, content=b"an order")).text == "an order"


async def test_what_is_no_request_is_not_counted() -> None:
    """The lifespan of the app has neither method nor path, and its messages pass in both directions."""
    assert await lifespan_through(lambda app: Record(app, Metrics())) == [STARTUP]


@pytest.mark.rule("MET002")
async def test_a_request_past_its_deadline_counts_as_504() -> None:
    """A caller that waited in vain is an error under its route."""
    app = app_where(REQUEST_SECONDS="0.02")
    async with client_of(app) as client:
        assert (await client.get("/orders/held/up")).status_code == 504
    assert requests(await series(app)) == {("GET", "/orders/held/up", "504"): 1}


@pytest.mark.rule("MET006")
@pytest.mark.parametrize("up", [True, False])
async def test_probes_and_scrapes_are_not_counted(up: bool) -> None:
    """They would be most of the traffic of a quiet service: whatever they are answered, no series of HTTP moves."""
    app = app_where(up)
    before = of_http(await series(app))
    async with client_of(app) as client:
        for path in ("/health/live", "/health/ready", "/health/startup", "/metrics"):
            await client.get(path)
    assert of_http(await series(app)) == before == {("http_requests_in_flight",): 0}


@pytest.mark.rule("MET005")
async def test_what_callers_invent_makes_no_series(app: FastAPI) -> None:
    """6,000 paths and 50 methods end in a handful of series."""
    async with client_of(app) as client:
        before = len(await series(app))
        for number in range(6000):
            await client.get(f"/orders/{number}" if number % 2 else f"/scan/{number}.php")
        for number in range(50):
            await client.request(f"VERB{number}", "/orders/1")
            await client.request(f"VERB{number}", f"/health/{number}")
    samples = await series(app)
    assert requests(samples) == {
        ("GET", "/orders/{number}", "200"): 3000,
        ("GET", "unmatched", "404"): 3000,
        ("OTHER", "/orders/{number}", "405"): 50,
        ("OTHER", "unmatched", "404"): 50,
    }
    assert len(samples) - before < 100


@pytest.mark.rule("MET003")
async def test_requests_in_flight_are_shown(app: FastAPI) -> None:
    """Saturation: one more while a request runs, none after it, failed or not."""
    async with client_of(app) as client:
        running = asyncio.create_task(client.get("/orders/held/up"))
        async with asyncio.timeout(10):
            await reached.wait()
        during = (await series(app))["http_requests_in_flight",]
        hold.set()
        await running
        hold.clear()
        await client.get("/orders/1/fail")
    assert (during, (await series(app))["http_requests_in_flight",]) == (1, 0)


@pytest.mark.rule("MET003", "RUN002")
@pytest.mark.parametrize("up", [True, False])
async def test_a_scrape_shows_the_state_of_the_connections(up: bool) -> None:
    """As it is now, even if no probe has asked before."""
    assert (await series(app_where(up)))["connection_up", "exchange"] == up


@pytest.mark.rule("MET003")
def test_the_metrics_have_their_names() -> None:
    """Dashboards and alerts are written against them."""
    names = {metric.name for metric in Metrics().registry.collect()}
    assert {
        "http_requests", "http_request_duration_seconds", "http_requests_in_flight", "connection_up",
        "memory_working_set_bytes", "memory_limit_bytes",
        "process_open_fds", "process_cpu_seconds",
    } <= names  # fmt: skip


async def test_the_metrics_have_their_labels(app: FastAPI) -> None:
    """What a query groups by."""
    metrics: Metrics = app.state.metrics
    metrics.self_check.labels("orders").set(1)
    async with client_of(app) as client:
        await client.get("/orders/1")
        text = (await client.get("/metrics")).text
    assert {
        'http_requests_total{method="GET",route="/orders/{number}",status="200"} 1.0',
        'http_request_duration_seconds_count{method="GET",route="/orders/{number}"} 1.0',
        'connection_up{name="exchange"} 1.0',
        'self_check_ok{name="orders"} 1.0',
    } <= set(text.splitlines())


def test_each_metric_is_explained_in_a_sentence() -> None:
    """Whoever meets one in Prometheus reads there what it is."""
    own = [each for each in Metrics().registry.collect() if not each.name.startswith("process_")]
    sentence = re.compile(r"[A-Z0-9][^A-Z].*[a-z]\.")
    assert [each.name for each in own if not sentence.fullmatch(each.documentation)] == []


def test_two_apps_in_one_process_do_not_clash() -> None:
    """Each has a registry of its own."""
    first, second = Metrics(), Metrics()
    first.connection_up.labels("exchange").set(1)
    assert second.registry.get_sample_value("connection_up", {"name": "exchange"}) is None


def test_buckets_reach_beyond_the_deadline() -> None:
    """Ten seconds is the deadline by default: a timeout falls into a bucket of its own."""
    (histogram,) = [m for m in _with_one_observation().registry.collect() if m.name == "http_request_duration_seconds"]
    bounds = [float(sample.labels["le"]) for sample in histogram.samples if "le" in sample.labels]
    assert [bound for bound in bounds if 10 < bound < float("inf")] == [20, 30, 60]


def _with_one_observation() -> Metrics:
    metrics = Metrics()
    metrics.duration.labels("GET", "/").observe(1)
    return metrics


@pytest.fixture(autouse=True)
def fresh_hold() -> None:
    """The event belongs to one test's loop."""
    global hold, reached
    hold, reached = asyncio.Event(), asyncio.Event()
