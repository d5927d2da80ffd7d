"""config/.env.example: what it says about each key is what the code does, whoever reads the file."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from dotenv import dotenv_values
from pydantic import SecretStr

from app.config import load_settings
from app.settings import Settings
from fixtures.environment import environ_of

FILE = Path(__file__).parents[2] / "config/.env.example"
ENTRY = re.compile(
    r"^# (?P<about>.+)\n# (?P<type>\w+), (?P<need>required|optional), (?P<kind>plain|secret), from a (?P<source>\w+)\n"
    r"(?P<key>[A-Z_]+)=(?P<value>.*)$",
    re.MULTILINE,
)
ENTRIES = {entry["key"]: entry.groupdict() for entry in ENTRY.finditer(FILE.read_text())}


def docker_env_file(text: str) -> dict[str, str]:
    """The rules of `docker --env-file`: a line is a comment as a whole or not at all, and nothing is unquoted."""
    lines = (line.lstrip() for line in text.splitlines())
    pairs = [line.partition("=") for line in lines if line and not line.startswith("#")]
    return {key: value for key, _, value in pairs}


def in_bash(path: Path) -> dict[str, str]:
    """What `source` leaves in the environment of a shell that had none."""
    script = 'set -a; source "$1"; env -0'
    run = subprocess.run(["bash", "-c", script, "bash", path], env={}, capture_output=True, check=True)
    pairs = dict(line.split("=", 1) for line in run.stdout.decode().split("\0") if line)
    return {key: value for key, value in pairs.items() if key not in {"PWD", "SHLVL", "_", "OLDPWD"}}


@pytest.mark.rule("ENV009", "ENV002")
def test_it_lists_exactly_the_keys_that_the_code_knows() -> None:
    """Each with its comment: a key without one is not found here."""
    assert sorted(ENTRIES) == sorted(str(field.alias) for field in Settings.model_fields.values())
    assert len(ENTRIES) == len(docker_env_file(FILE.read_text()))


@pytest.mark.rule("ENV009", "ENV002")
@pytest.mark.parametrize("name", Settings.model_fields)
def test_what_it_says_about_a_key_is_what_the_code_does(name: str) -> None:
    """Description, type, need, secrecy, supplier and default."""
    field = Settings.model_fields[name]
    schema: dict[str, Any] = Settings.model_json_schema()["properties"][name.upper()]
    secret = field.annotation is SecretStr
    assert ENTRIES[name.upper()] == {
        "key": name.upper(),
        "about": field.description,
        "type": schema["type"],
        "need": "required" if field.is_required() else "optional",
        "kind": "secret" if secret else "plain",
        "source": "Secret" if secret else "ConfigMap",
        "value": "" if field.is_required() else str(field.default),
    }


@pytest.mark.rule("ENV003")
def test_every_reader_reads_the_same_values() -> None:
    """python-dotenv, Docker and a shell agree, as no comment stands behind a value."""
    docker = docker_env_file(FILE.read_text())
    assert dict(dotenv_values(FILE, interpolate=False)) == docker == in_bash(FILE)


@pytest.mark.rule("ENV003")
def test_a_comment_behind_a_value_would_be_told_apart(tmp_path: Path) -> None:
    """The readers do disagree about such a line, so that their agreement means something."""
    broken = tmp_path / "env"
    broken.write_text("DB_PORT=5432   # optional\n")
    assert docker_env_file(broken.read_text()) == {"DB_PORT": "5432   # optional"}
    assert dict(dotenv_values(broken)) == in_bash(broken) == {"DB_PORT": "5432"}


@pytest.mark.rule("ENV009")
def test_it_starts_the_service_once_the_required_values_are_filled_in() -> None:
    """The defaults in the file pass the code's own checks and are its own defaults."""
    example = {key: value for key, value in docker_env_file(FILE.read_text()).items() if value}
    required = environ_of(DB_PORT=None)
    assert vars(load_settings(required | example)) == vars(load_settings(required))
