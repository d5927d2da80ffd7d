"""The metrics as Prometheus sees them: its own linter, and its own server scraping the running app."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from tests.tools import require_tool

APP = Path(__file__).parents[2] / "snippets/app"
sys.path[:0] = [str(APP / "src"), str(APP / "tests")]

from fixtures.environment import free_port  # noqa: E402
from fixtures.process import PATIENCE, Process  # noqa: E402

SERIES = {
    "http_requests_total",
    "http_request_duration_seconds_count",
    "http_requests_in_flight",
    "connection_up",
    "memory_limit_bytes",
    "memory_working_set_bytes",
    "order_queue_depth",
    "process_open_fds",
    "process_max_fds",
}


@pytest.fixture(scope="module")
def app() -> Iterator[Process]:
    """The app with nothing to connect to, after a few requests."""
    with Process("app") as process:
        process.until("/health/live", 200)
        for path in ("/orders", "/nowhere", "/positions"):
            process.http.get(path)
        yield process


@pytest.mark.rule("MET001")
def test_promtool_accepts_what_the_app_exposes(app: Process) -> None:
    """Format, names, units and help texts."""
    promtool = require_tool("promtool")
    answer = app.http.get("/metrics")
    assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (200, "text/plain")
    families = list(text_string_to_metric_families(answer.text))
    assert len(families) > 10
    assert len({family.name for family in families}) == len(families)
    run = subprocess.run([promtool, "check", "metrics"], input=answer.content, capture_output=True, check=False)
    assert (run.returncode, run.stdout.decode(), run.stderr.decode()) == (0, "", "")


@pytest.fixture
def prometheus(app: Process, tmp_path: Path) -> Iterator[str]:
    """The address of a Prometheus server that scrapes the app."""
    binary, port = require_tool("prometheus"), free_port()
    config = {
        "global": {"scrape_interval": "1s"},
        "scrape_configs": [{"job_name": "app", "static_configs": [{"targets": [f"127.0.0.1:{app.port}"]}]}],
    }
    (tmp_path / "prometheus.yml").write_text(json.dumps(config))
    command = [
        binary,
        f"--config.file={tmp_path / 'prometheus.yml'}",
        f"--storage.tsdb.path={tmp_path / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--log.level=error",
    ]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    yield f"http://127.0.0.1:{port}"
    server.kill()
    server.wait()


def query(address: str, expression: str) -> list[dict[str, Any]]:
    """The samples of an instant query; none while the server is still starting."""
    try:
        with urllib.request.urlopen(f"{address}/api/v1/query?query={expression}", timeout=PATIENCE) as answer:
            samples: list[dict[str, Any]] = json.load(answer)["data"]["result"]
    except OSError:
        return []
    return samples


@pytest.mark.rule("MET001", "MET002", "MET003")
def test_a_real_prometheus_scrapes_the_app(app: Process, prometheus: str) -> None:
    """Its target is up, and rate, errors, duration, use and connections can be asked for."""
    end = time.monotonic() + PATIENCE
    while not (up := query(prometheus, "up==1")) and time.monotonic() < end:
        time.sleep(0.2)
    assert [sample["metric"]["instance"] for sample in up] == [f"127.0.0.1:{app.port}"]
    scraped = {sample["metric"]["__name__"] for sample in query(prometheus, "%7Bjob%3D%22app%22%7D")}
    assert scraped >= SERIES
    (unmatched,) = query(prometheus, "http_requests_total%7Broute%3D%22unmatched%22%7D")
    assert (unmatched["metric"]["status"], unmatched["value"][1]) == ("404", "1")
