"""The settings: what is read, what is refused, and that the published schema says the same."""

from __future__ import annotations

import ast
import json
import os
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import FrameType

import pytest
from pydantic import SecretStr

import app
from app.config import ConfigurationError, load_settings
from app.settings import Settings
from fixtures.environment import ENVIRONMENT, SECRETS, environ_of

ROOT = Path(__file__).parents[2]
SOURCES = Path(app.__file__).parent


class Recorded(Mapping[str, str]):
    """An environment that knows which keys were looked at."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self.values_, self.read = values, set[str]()

    def __getitem__(self, key: str) -> str:
        self.read.add(key)
        return self.values_[key]

    def __iter__(self) -> Iterator[str]:
        raise AssertionError("the environment is read key by key")

    def __len__(self) -> int:
        return len(self.values_)


def problems(**changes: str | None) -> dict[str, str]:
    """What is wrong with the complete environment after these changes."""
    with pytest.raises(ConfigurationError) as refused:
        load_settings(environ_of(**changes))
    return refused.value.problems


def schema() -> dict[str, dict[str, object]]:
    """The properties of the published schema."""
    properties: dict[str, dict[str, object]] = json.loads((ROOT / "config/settings.schema.json").read_text())[
        "properties"
    ]
    return properties


@pytest.mark.rule("NET001")
def test_a_complete_environment_is_read_with_its_types() -> None:
    """Text becomes numbers, and what is not given has its default."""
    settings = load_settings(environ_of(DB_PORT="6432", DRAIN_SECONDS="2.5"))
    assert (settings.db_port, settings.drain_seconds, settings.service_port, settings.log_level) == (
        6432,
        2.5,
        8080,
        "INFO",
    )


@pytest.mark.rule("ENV006")
def test_every_problem_is_in_one_message() -> None:
    """Missing, empty, malformed, out of range and over budget: one start reports them all."""
    found = problems(
        DB_HOST=None,
        DB_NAME="",
        DB_PORT="many",
        SERVICE_PORT="70000",
        LOG_LEVEL="LOUD",
        LOG_FORMAT="xml",
        REDIS_URL="memcached://cache",
        API_ENDPOINT="exchange",
        DRAIN_SECONDS="50",
        PROBE_TIMEOUT_SECONDS="nan",
    )
    assert sorted(found) == [
        "API_ENDPOINT", "DB_HOST", "DB_NAME", "DB_PORT", "GRACE_SECONDS", "LOG_FORMAT", "LOG_LEVEL",
        "PROBE_TIMEOUT_SECONDS", "REDIS_URL", "SERVICE_PORT",
    ]  # fmt: skip
    assert (found["DB_HOST"], found["DB_NAME"]) == ("is missing", "is empty")
    message = str(ConfigurationError(found))
    assert [key for key in found if f"{key}: " not in message] == []


@pytest.mark.rule("ENV006")
def test_the_message_counts_the_problems_and_names_them_in_order() -> None:
    """Whoever reads the log of a pod that does not start fixes them all at once."""
    with pytest.raises(ConfigurationError) as refused:
        load_settings(environ_of(DB_USER=None, API_ENDPOINT="exchange", DB_HOST=" "))
    assert str(refused.value) == (
        "3 configuration problem(s): API_ENDPOINT: must be an http or https URL; DB_HOST: is empty; DB_USER: is missing"
    )


@pytest.mark.rule("ENV006")
@pytest.mark.parametrize("key", [name for name, field in Settings.model_fields.items() if field.is_required()])
@pytest.mark.parametrize(("value", "problem"), [(None, "is missing"), ("", "is empty"), ("  ", "is empty")])
def test_a_required_value_must_be_given(key: str, value: str | None, problem: str) -> None:
    """Absent and blank are both refused."""
    assert problems(**{key.upper(): value}) == {key.upper(): problem}


@pytest.mark.rule("ENV006")
@pytest.mark.parametrize("url", ["", "//exchange", "ftp://exchange", "http://", "http://x:port", "http://[x"])
def test_an_exchange_address_must_be_an_http_url(url: str) -> None:
    """A typing error in the address is found at the start, not at the first order."""
    assert list(problems(API_ENDPOINT=url)) == ["API_ENDPOINT"]


@pytest.mark.parametrize(
    ("given", "used"),
    [("https://exchange/FX//", "https://exchange/FX"), ("http://127.0.0.1:8080", "http://127.0.0.1:8080")],
)
def test_an_exchange_address_is_used_without_its_last_slash(given: str, used: str) -> None:
    """Paths are appended to it, with a slash of their own."""
    assert load_settings(environ_of(API_ENDPOINT=given)).api_endpoint == used


@pytest.mark.parametrize("url", ["redis://cache:6379/0", "rediss://:password@cache:6380/0", "unix:///run/redis.sock"])
def test_redis_may_be_near_or_far(url: str) -> None:
    """Over the network, encrypted or not, and over a socket."""
    assert load_settings(environ_of(REDIS_URL=url)).redis_url.get_secret_value() == url


def test_a_refused_redis_address_says_what_it_must_be() -> None:
    """In words of the settings, none of the library's in front of them."""
    assert problems(REDIS_URL="cache:6379") == {"REDIS_URL": "must be a redis, rediss or unix URL"}


@pytest.mark.rule("ENV007")
@pytest.mark.parametrize(
    "url", ["pa55w0rd", "redis://:pa55w0rd@h:pa55w0rd", "redis://[pa55w0rd", "redis://pa55w0rd\u2100@h"]
)
def test_a_refused_secret_is_not_quoted(url: str) -> None:
    """The parser's own messages would repeat parts of a malformed URL."""
    with pytest.raises(ConfigurationError) as refused:
        load_settings(environ_of(REDIS_URL=url))
    assert list(refused.value.problems) == ["REDIS_URL"]
    assert "pa55w0rd" not in str(refused.value)
    assert refused.value.__cause__ is None


@pytest.mark.rule("ENV007")
def test_settings_do_not_show_their_secrets() -> None:
    """Neither as text nor in a dump."""
    settings = load_settings(ENVIRONMENT)
    shown = f"{settings} {settings!r} {settings.model_dump()} {settings.model_dump_json()}"
    assert [value for value in settings.secrets if value in shown] == []


@pytest.mark.rule("ENV007")
def test_the_password_inside_a_url_counts_as_a_secret() -> None:
    """Drivers print it alone, decoded or not."""
    settings = load_settings(environ_of(REDIS_URL="redis://:a%2Fb-password@cache:6379/0"))
    assert {"a%2Fb-password", "a/b-password"} <= set(settings.secrets)


def test_a_secret_that_only_looks_like_a_url_is_hidden_as_it_is() -> None:
    """Nothing inside it can be told apart."""
    assert load_settings(environ_of(API_KEY="http://[")).secrets.count("http://[") == 1


def test_a_url_without_a_password_adds_no_empty_secret() -> None:
    """An empty text stands in every line, and must not be hidden."""
    assert "" not in load_settings(environ_of(REDIS_URL="redis://cache:6379/0")).secrets


@pytest.mark.rule("LOG002")
def test_no_variable_says_where_the_log_is_to_be_written() -> None:
    """Its level and its format are all that can be chosen."""
    words = {str(field.alias): set(str(field.alias).split("_")) for field in Settings.model_fields.values()}
    of_log = {name for name, found in words.items() if found & {"LOG", "LOGS", "LOGGING", "LOGFILE", "LOGDIR"}}
    assert {"LOG_LEVEL", "LOG_FORMAT"} <= of_log
    places = {"PATH", "FILE", "FILENAME", "DIR", "DIRECTORY", "FOLDER", "TARGET", "LOGFILE", "LOGDIR", "OUTPUT"}
    assert {name for name in of_log if words[name] & places} == set()


@pytest.mark.rule("SHD012")
def test_the_drain_is_longer_by_default_than_the_removal_of_an_endpoint_takes() -> None:
    """Which was up to 2 s where it was tried."""
    assert load_settings(ENVIRONMENT).drain_seconds > 2


@pytest.mark.rule("SHD005")
@pytest.mark.parametrize(("grace", "fits"), [("30", True), ("29.9", False)])
def test_the_budget_is_preStop_drain_requests_cleanup_and_a_margin(grace: str, fits: bool) -> None:  # noqa: N802
    """5 + 5 + 10 + 5 seconds and a margin of 5 fit into 30 seconds exactly."""
    if fits:
        assert load_settings(environ_of(GRACE_SECONDS=grace)).grace_seconds == float(grace)
    else:
        assert "exceed" in problems(GRACE_SECONDS=grace)["GRACE_SECONDS"]


@pytest.mark.rule("SHD005")
@pytest.mark.parametrize("key", ["PRESTOP_SECONDS", "DRAIN_SECONDS", "REQUEST_SECONDS", "CLEANUP_SECONDS"])
def test_each_part_counts_in_the_budget(key: str) -> None:
    """One part an hour long is too much for a grace period that nobody has set, and a minute for one of a minute."""
    assert list(problems(**{key: "3600"})) == ["GRACE_SECONDS"]
    assert list(problems(**{key: "60"}, GRACE_SECONDS="60")) == ["GRACE_SECONDS"]


@pytest.mark.rule("SHD005")
def test_fractions_of_a_second_count_in_the_budget() -> None:
    """0.9 s too many in each of four parts are 3.6 s too many."""
    parts = {"PRESTOP_SECONDS": "5.9", "DRAIN_SECONDS": "5.9", "REQUEST_SECONDS": "10.9", "CLEANUP_SECONDS": "5.9"}
    assert list(problems(**parts, GRACE_SECONDS="33.5")) == ["GRACE_SECONDS"]
    assert load_settings(environ_of(**parts, GRACE_SECONDS="33.6")).grace_seconds == 33.6


@pytest.mark.rule("ENV001")
def test_settings_are_made_of_the_environment_alone() -> None:
    """Nothing of the machine is looked at meanwhile: no file is opened, none is asked for."""
    load_settings(ENVIRONMENT)  # what is imported late is imported now
    used: set[str] = set()

    def note(_: FrameType, event: str, function: object) -> None:
        if event == "c_call" and getattr(function, "__module__", None) in {os.stat.__module__, open.__module__}:
            used.add(str(getattr(function, "__name__", function)))

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        load_settings(environ_of(API_ENDPOINT="http://other"))
        with pytest.raises(ConfigurationError):
            load_settings(environ_of(API_KEY=None, DB_PASSWORD=None, REDIS_URL=None, DB_HOST=""))
    finally:
        sys.setprofile(before)
    assert used == set()


@pytest.mark.rule("ENV001")
def test_the_environment_is_read_in_one_place_only() -> None:
    """No module but the entry points touches `os.environ`, and none reads a file of settings."""
    readers = {
        str(path.relative_to(SOURCES))
        for path in SOURCES.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if (isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv", "environb"})
        or (
            isinstance(node, ast.ImportFrom)
            and node.module == "os"
            and {a.name for a in node.names} & {"environ", "getenv"}
        )
    }
    assert readers == {"__main__.py", "migrate.py"}


@pytest.mark.rule("ENV009")
def test_the_schema_lists_exactly_what_the_code_reads() -> None:
    """A key that only one of the two knows would never be supplied, or never be used."""
    environ = Recorded(ENVIRONMENT)
    load_settings(environ)
    assert sorted(schema()) == sorted(environ.read)


@pytest.mark.rule("ENV009")
def test_the_schema_is_that_of_the_settings() -> None:
    """Types, limits, defaults and descriptions too; `scripts/dev/schema.sh` writes it anew."""
    assert json.loads((ROOT / "config/settings.schema.json").read_text()) == Settings.model_json_schema()


@pytest.mark.rule("ENV009")
def test_the_schema_marks_the_secrets() -> None:
    """Whoever supplies the values sees which of them belong into a Secret."""
    marked = {key for key, value in schema().items() if value.get("writeOnly")}
    secret = {key.upper() for key, field in Settings.model_fields.items() if field.annotation is SecretStr}
    assert marked == secret == set(SECRETS)


@pytest.mark.rule("NET001")
def test_the_code_knows_no_host_and_no_port_but_the_default_of_its_own() -> None:
    """By which name and port the world reaches it is not the app's to know."""
    trees = [ast.parse(file.read_text()) for file in sorted(SOURCES.rglob("*.py"))]
    constants = [node.value for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Constant)]
    assert [each for each in constants if type(each) is int and each in {80, 443, 8080, 8443}] == [8080]
    assert [each for each in constants if isinstance(each, str) and re.search(r"://[\w.]", each)] == []
