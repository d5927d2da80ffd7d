"""The registry client: whom it gives its credentials to, and what it takes for an answer."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from tests.release.loopback import READER, WRITER, Door

sys.path.insert(0, str(Path(__file__).parents[2] / "snippets/app/docker"))
from image_registry import Manifest, Registry, RegistryError

REPOSITORY = "org/client"


@pytest.fixture
def client(door: Door) -> Registry:
    """A client that may write, as the job with `packages: write` has."""
    return Registry(door.host, REPOSITORY, "someone", WRITER)


def test_it_gets_a_token_once_and_uses_it_again(door: Door, client: Registry) -> None:
    """One refused request, one for the token, and then only answers."""
    client.read("absent")
    client.read("absent")
    statuses = [status for _, path, status in door.requests if not path.startswith("/token")]
    assert statuses == [401, 404, 404]


@pytest.mark.rule("WFL007")
def test_a_token_that_may_only_read_cannot_write(door: Door) -> None:
    """The registry refuses, and the client says so."""
    digest = door.registry.push(REPOSITORY, "sha-x", "content")
    reader = Registry(door.host, REPOSITORY, "someone", READER)
    manifest = reader.read("sha-x")
    assert manifest is not None
    assert manifest.digest == digest
    with pytest.raises(RegistryError, match="answered 403"):
        reader.write("v0.0.1", manifest)


@pytest.mark.rule("WFL011")
@pytest.mark.parametrize("status", [201, 204, 301, 302, 307, 400, 401, 403, 429, 500, 502, 503, 504])
def test_only_200_and_404_are_answers(door: Door, client: Registry, status: int) -> None:
    """Any other status is an error, a redirect included; it never means that the tag is free."""
    door.fault = lambda method, path: status
    with pytest.raises(RegistryError, match=f"answered {status}"):
        client.read("v1.0.0")


@pytest.mark.rule("WFL011")
def test_a_registry_that_cannot_be_reached_is_an_error() -> None:
    """A refused connection says nothing about the tag."""
    with pytest.raises(RegistryError, match="could not be asked"):
        Registry("127.0.0.1:1", REPOSITORY).read("v1.0.0")


@pytest.mark.rule("IMG016")
def test_credentials_are_sent_to_the_registry_itself_and_to_nobody_else(
    client: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A challenge that names another host is refused before anything is sent there."""
    with pytest.raises(RegistryError, match="elsewhere"):
        client._authorize('Bearer realm="https://elsewhere.example/token",service="registry"')


def test_a_body_with_another_digest_than_declared_is_an_error(
    client: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cut or changed on the way, it is not the manifest that was asked for."""
    from email.message import Message

    headers = Message()
    headers["Docker-Content-Digest"] = "sha256:" + "0" * 64
    monkeypatch.setattr(client, "_send", lambda *_: (200, headers, b"{}"))
    with pytest.raises(RegistryError, match="another digest"):
        client.read("v1.0.0")


@pytest.mark.rule("IMG008")
def test_a_promoted_tag_has_the_very_bytes_of_its_source(door: Door, client: Registry) -> None:
    """The manifest is copied as bytes, so the digest, and every attestation that names it, stays."""
    door.registry.push(REPOSITORY, "sha-y", "more content")
    manifest = client.read("sha-y")
    assert manifest is not None
    client.write("v0.0.2", manifest)
    assert door.registry.manifest(REPOSITORY, "v0.0.2") == manifest.body == door.registry.manifest(REPOSITORY, "sha-y")


def test_a_digest_is_computed_from_the_bytes() -> None:
    """It is the SHA-256 of the body."""
    assert Manifest("x", b"").digest == "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
