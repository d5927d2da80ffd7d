"""The alerts on lost targets in a real Prometheus, which scrapes pods that stop answering and pods that are gone.

kube-state-metrics is a page with the one series that the rules ask for; the waits of the rules are cut to two seconds.
"""

from __future__ import annotations

import json
import subprocess
import threading
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.deploy.alerting import RULES, alerts, load
from tests.deploy.rendering import NAMESPACES
from tests.deploy.servers import SECONDS, until_ready
from tests.ports import free_port
from tests.tools import require_tool

PRODUCTION, STAGING = NAMESPACES["production"], NAMESPACES["staging"]


class Page(ThreadingHTTPServer):
    """An exporter of a fixed text."""

    daemon_threads = True

    def __init__(self, text: str) -> None:
        self.text = text
        super().__init__(("127.0.0.1", 0), Scrape)
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def target(self) -> str:
        """Its address, as Prometheus is told it."""
        return f"127.0.0.1:{self.server_port}"

    def close(self) -> None:
        """Answer no more."""
        self.shutdown()
        self.server_close()


class Scrape(BaseHTTPRequestHandler):
    """One scrape."""

    server: Page

    def do_GET(self) -> None:
        """Give the text."""
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.end_headers()
        self.wfile.write(self.server.text.encode())

    def log_message(self, format: str, *args: object) -> None:
        """Nothing is written."""


class Prometheus:
    """A running Prometheus that finds its targets in a file, as it would find pods through the API."""

    def __init__(self, address: str, targets: Path) -> None:
        self.address, self._targets = address, targets

    def discover(self, *groups: tuple[str, str, str]) -> None:
        """Let these be the targets: job, Namespace and address of each; an empty Namespace leaves that to the page."""
        found = [
            {"targets": [address], "labels": {"job": job} | ({"namespace": namespace} if namespace else {})}
            for job, namespace, address in groups
        ]
        draft = self._targets.with_suffix(".draft")
        draft.write_text(json.dumps(found))
        draft.replace(self._targets)

    def firing(self) -> set[tuple[str, str]]:
        """Name and Namespace of each alert that fires."""
        with urllib.request.urlopen(f"{self.address}/api/v1/alerts", timeout=SECONDS) as answer:
            found: list[dict[str, Any]] = json.load(answer)["data"]["alerts"]
        return {(a["labels"]["alertname"], a["labels"]["namespace"]) for a in found if a["state"] == "firing"}

    def comes_to(self, expected: set[tuple[str, str]]) -> set[tuple[str, str]]:
        """What fires once it is what is expected and has stayed so for a second, or when the time is up."""
        deadline, since = time.monotonic() + SECONDS, time.monotonic()
        while (found := self.firing()) != expected or time.monotonic() - since < 1:
            if found != expected:
                since = time.monotonic()
            if time.monotonic() > deadline:
                break
            time.sleep(0.1)
        return found

    def scrapes(self, number: int) -> bool:
        """Whether so many targets answer, within the time."""
        query = urllib.parse.urlencode({"query": "sum(up)"})
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            with urllib.request.urlopen(f"{self.address}/api/v1/query?{query}", timeout=SECONDS) as answer:
                if [series["value"][1] for series in json.load(answer)["data"]["result"]] == [str(number)]:
                    return True
            time.sleep(0.1)
        return False


@pytest.fixture(name="prometheus")
def running(tmp_path: Path) -> Iterator[Prometheus]:
    """One with the rules of the Deploy repo, which scrapes twice and judges four times a second."""
    rules, targets = load(RULES), tmp_path / "targets.json"
    for rule in alerts(rules):
        rule["for"] = "2s"
    (tmp_path / "rules.yaml").write_text(yaml.safe_dump(rules["spec"]))
    targets.write_text("[]")
    settings = {
        "global": {"scrape_interval": "500ms", "scrape_timeout": "500ms", "evaluation_interval": "250ms"},
        "rule_files": ["rules.yaml"],
        "scrape_configs": [
            # Read again each second: a change before Prometheus watches the file would be seen minutes later.
            {
                "job_name": "pods",
                "honor_labels": True,
                "file_sd_configs": [{"files": ["targets.json"], "refresh_interval": "1s"}],
            },
        ],
    }
    (tmp_path / "prometheus.yaml").write_text(yaml.safe_dump(settings))
    address = f"127.0.0.1:{free_port()}"
    command = [
        require_tool("prometheus"),
        f"--config.file={tmp_path / 'prometheus.yaml'}",
        f"--storage.tsdb.path={tmp_path / 'data'}",
        f"--web.listen-address={address}",
        "--log.level=error",
    ]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            until_ready(f"http://{address}/-/ready")
            yield Prometheus(f"http://{address}", targets)
        finally:
            process.terminate()


@pytest.mark.rule("MON009")
def test_pods_that_stop_answering_and_pods_that_are_gone_ring_alike(prometheus: Prometheus) -> None:
    """Dead targets, vanished targets, then no word of the Deployment: each is noticed, and an intact staging is not."""
    replicas = 'kube_deployment_spec_replicas{{namespace="{}",deployment="app"}} {}\n'
    state = Page(replicas.format(PRODUCTION, 1) + replicas.format(STAGING, 1))
    pod, other = Page(""), Page("")
    known = ("kube-state-metrics", "", state.target)
    staging = ("app", STAGING, other.target)

    prometheus.discover(known, staging, ("app", PRODUCTION, pod.target))
    assert prometheus.scrapes(3)
    assert prometheus.comes_to(set()) == set()
    pod.close()
    missing = {("AppTargetMissing", PRODUCTION)}
    assert prometheus.comes_to(missing) == missing
    prometheus.discover(known, staging)
    assert prometheus.comes_to(missing) == missing
    state.text = replicas.format(STAGING, 1)
    unknown = {("AppDeploymentUnknown", PRODUCTION)}
    assert prometheus.comes_to(unknown) == unknown
    state.close()
    other.close()
