"""Where alerts go: routed by real amtool, then sent and held back by a real Alertmanager."""

from __future__ import annotations

import json
import re
import subprocess
import threading
import time
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import yaml
from tests.deploy.alerting import MONITORING, alerts, load
from tests.deploy.rendering import NAMESPACES, scalars
from tests.deploy.servers import until_ready
from tests.ports import free_port
from tests.tools import require_tool

SECRETS = "/etc/alertmanager/secrets/"
SECONDS = 60.0
"""Longer than it takes Alertmanager to start and to send."""


def config() -> dict[str, Any]:
    """Alertmanager's configuration, as the chart takes it."""
    found: dict[str, Any] = load(MONITORING / "values.yaml")["alertmanager"]["config"]
    return found


def receivers(file: Path, labels: dict[str, str]) -> list[str]:
    """Who gets an alert with these labels, by amtool."""
    command = [require_tool("amtool"), "config", "routes", "test", "--config.file", str(file)]
    done = subprocess.run(
        [*command, *(f"{name}={value}" for name, value in labels.items())], capture_output=True, text=True, check=True
    )
    return done.stdout.strip().split(",")


@pytest.fixture(name="written")
def written_config(tmp_path: Path) -> Path:
    """The configuration in a file of its own."""
    file = tmp_path / "alertmanager.yaml"
    file.write_text(yaml.safe_dump(config()))
    return file


@pytest.mark.rule("MON004")
def test_alerts_reach_a_chat_whose_address_is_a_secret(written: Path) -> None:
    """Real amtool takes the configuration; each alert goes to somebody, at an address read from a mounted Secret."""
    values = load(MONITORING / "values.yaml")["alertmanager"]
    mounted = [f"{SECRETS}{name}/" for name in values["alertmanagerSpec"]["secrets"]]
    known = {receiver["name"]: receiver for receiver in config()["receivers"]}
    for rule in alerts():
        for namespace in NAMESPACES.values():
            labels = {"alertname": rule["alert"], "namespace": namespace, **rule["labels"]}
            for name in receivers(written, labels):
                addresses = list(addresses_of(known[name]))
                assert addresses, f"{rule['alert']} goes to {name}, which reaches nobody"
                for key, address in addresses:
                    assert key.endswith("_file")
                    assert any(str(address).startswith(directory) for directory in mounted)
    assert re.fullmatch(r"[1-9]\d*[smh]", config()["global"]["resolve_timeout"])


def addresses_of(receiver: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Where a receiver sends to: the addresses and keys in its configurations, with their names."""
    for path, value in scalars(receiver):
        if re.fullmatch(r"(api_url|url|webhook_url|service_key|routing_key|bot_token|api_key|to)(_file)?", path[-1]):
            yield path[-1], value


@pytest.mark.rule("MON010")
def test_staging_rings_where_production_does_not(written: Path) -> None:
    """No alert of staging goes to a receiver of production's; what belongs to no environment goes to production's."""
    environment = {
        name: {
            receiver
            for rule in alerts()
            for receiver in receivers(written, {"alertname": rule["alert"], "namespace": namespace, **rule["labels"]})
        }
        for name, namespace in NAMESPACES.items()
    }
    assert environment == {"production": {"chat"}, "staging": {"chat-staging"}}
    addresses = {r["name"]: {value for _, value in addresses_of(r)} for r in config()["receivers"]}
    assert addresses["chat"].isdisjoint(addresses["chat-staging"])
    assert receivers(written, {"alertname": "KubeNodeNotReady", "severity": "warning"}) == ["chat"]
    assert receivers(written, {"alertname": "Watchdog", "severity": "none"}) == ["null"]


@pytest.mark.rule("MON010")
def test_alerts_are_grouped_by_environment() -> None:
    """One message never speaks of two environments at once."""
    assert "namespace" in config()["route"]["group_by"]


CASES = {
    "no pod is seen": (
        [("AppTargetMissing", "critical", "prj-01-prod"), ("AppPodCrashLooping", "warning", "prj-01-prod")],
        {("AppPodCrashLooping", "prj-01-prod")},
    ),
    "no pod of the other environment is seen": (
        [("AppTargetMissing", "critical", "prj-01-staging"), ("AppSlowRequests", "warning", "prj-01-prod")],
        set(),
    ),
    "many requests fail, slowly": (
        [("AppHighErrorRate", "critical", "prj-01-prod"), ("AppSlowRequests", "warning", "prj-01-prod")],
        {("AppSlowRequests", "prj-01-prod")},
    ),
    "a connection is down and requests fail": (
        [("AppConnectionDown", "critical", "prj-01-prod"), ("AppHighErrorRate", "critical", "prj-01-prod")],
        set(),
    ),
}
"""What fires at once, by name, severity and Namespace, and which of it is held back."""


@pytest.mark.parametrize("case", CASES)
def test_what_another_alert_explains_is_held_back(case: str, alertmanager: Alertmanager) -> None:
    """A real Alertmanager inhibits these alerts and no others, and sends the rest to the chat of their environment."""
    firing, inhibited = CASES[case]
    alertmanager.fire(case, firing)
    assert alertmanager.inhibited(case) == inhibited
    expected = {
        ("/url" if namespace == "prj-01-prod" else "/staging-url", f"FIRING · {namespace} · {name}")
        for name, _, namespace in firing
        if (name, namespace) not in inhibited
    }
    assert alertmanager.messages(case, len(expected)) == expected


def test_a_message_says_what_is_wrong_and_where_the_runbook_is(alertmanager: Alertmanager) -> None:
    """The text of the chat's message carries the summary and the link."""
    alertmanager.fire("text", [("AppOrderQueueGrowing", "warning", "prj-01-prod")])
    alertmanager.messages("text", 1)
    (text,) = alertmanager.chat.texts("text")
    assert text == "summary of AppOrderQueueGrowing text\nhttps://example.com/AppOrderQueueGrowing\n"


class Chat(ThreadingHTTPServer):
    """A stand-in for the chat app: takes what is posted and answers ok. It shows no message to anybody."""

    def __init__(self) -> None:
        self.posts: list[tuple[str, dict[str, Any]]] = []
        super().__init__(("127.0.0.1", 0), Post)

    def of(self, case: str) -> list[tuple[str, dict[str, Any]]]:
        """The path and the attachment of each message about the alerts of one case."""
        found = [(path, attachment) for path, body in self.posts for attachment in body["attachments"]]
        return [(path, each) for path, each in found if f" {case}\n" in each["text"]]

    def texts(self, case: str) -> list[str]:
        """The texts of these messages."""
        return [str(each["text"]) for _, each in self.of(case)]


class Post(BaseHTTPRequestHandler):
    """One message of Alertmanager's."""

    server: Chat

    def do_POST(self) -> None:
        """Keep it and say ok."""
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.posts.append((self.path, body))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, format: str, *args: object) -> None:
        """Nothing is written."""


class Alertmanager:
    """A running Alertmanager with the values' configuration, its chat a stand-in and its waits short."""

    def __init__(self, port: int, chat: Chat) -> None:
        self.address = f"http://127.0.0.1:{port}"
        self.chat = chat

    def fire(self, case: str, firing: list[tuple[str, str, str]]) -> None:
        """Post alerts, told from those of other cases by a label of their own."""
        body = [
            {
                "labels": {"alertname": name, "severity": severity, "namespace": namespace, "case": case},
                "annotations": {"summary": f"summary of {name} {case}", "runbook_url": f"https://example.com/{name}"},
            }
            for name, severity, namespace in firing
        ]
        self._ask("/api/v2/alerts", body)

    def inhibited(self, case: str) -> set[tuple[str, str]]:
        """Name and Namespace of the alerts that are held back."""
        found = self._ask("/api/v2/alerts?filter=" + quote(f'case="{case}"'))
        return {
            (each["labels"]["alertname"], each["labels"]["namespace"])
            for each in found
            if each["status"]["inhibitedBy"]
        }

    def messages(self, case: str, count: int) -> set[tuple[str, str]]:
        """The webhook and title of each message, once so many have come and a moment has passed without another."""
        deadline = time.monotonic() + SECONDS
        while len(self.chat.of(case)) < count and time.monotonic() < deadline:
            time.sleep(0.05)
        time.sleep(0.5)
        return {(path, str(each["title"])) for path, each in self.chat.of(case)}

    def _ask(self, path: str, body: object = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.address + path, data, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=SECONDS) as answer:
            text = answer.read()
        return json.loads(text) if text else None


@pytest.fixture(scope="module")
def alertmanager(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Alertmanager]:
    """One for the module: each case's alerts carry its name."""
    work = tmp_path_factory.mktemp("alertmanager")
    chat = Chat()
    threading.Thread(target=chat.serve_forever, daemon=True).start()
    told = config()
    told["route"] |= {"group_by": [*told["route"]["group_by"], "case"], "group_wait": "200ms"}
    for rule in told["inhibit_rules"]:
        rule["equal"] = [*rule["equal"], "case"]
    for receiver in told["receivers"]:
        for slack in receiver.get("slack_configs", []):
            file = work / Path(slack["api_url_file"]).name
            file.write_text(f"http://127.0.0.1:{chat.server_port}/{file.name}")
            slack["api_url_file"] = str(file)
    (work / "alertmanager.yaml").write_text(yaml.safe_dump(told))
    port = free_port()
    command = [
        require_tool("prometheus-alertmanager"),
        f"--config.file={work / 'alertmanager.yaml'}",
        f"--storage.path={work / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--cluster.listen-address=",
        "--log.level=error",
    ]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            until_ready(f"http://127.0.0.1:{port}/-/ready")
            yield Alertmanager(port, chat)
        finally:
            process.terminate()
            chat.shutdown()
            chat.server_close()
