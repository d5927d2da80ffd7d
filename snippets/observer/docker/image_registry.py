"""As much of the OCI distribution protocol as giving an image a second tag takes."""

from __future__ import annotations

import base64
import hashlib
import http.client
import json
import re
import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message

MEDIA_TYPES = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)
TIMEOUT_SECONDS = 30


class RegistryError(Exception):
    """The registry did not answer as the protocol says: nothing can be concluded, so nothing is written."""


@dataclass(frozen=True)
class Manifest:
    """The exact bytes that a tag names, and how the registry calls their type."""

    media_type: str
    body: bytes

    @property
    def digest(self) -> str:
        """The content address, computed here and not believed."""
        return f"sha256:{hashlib.sha256(self.body).hexdigest()}"


class Registry:
    """One repository of a registry, for example org/app on ghcr.io."""

    def __init__(self, host: str, repository: str, user: str = "", secret: str = "") -> None:
        self.host = host
        self.repository = repository.lower()
        self._plain = re.fullmatch(r"(localhost|127\.0\.0\.1)(:\d+)?", host) is not None
        self._basic = "Basic " + base64.b64encode(f"{user}:{secret}".encode()).decode() if secret else ""
        self._authorization = ""

    # --8<-- [start:fail-closed]
    def read(self, tag: str) -> Manifest | None:
        """What a tag names, or None where the registry says 404; RegistryError for every other answer."""
        status, headers, body = self._ask("GET", tag, {"Accept": ", ".join(MEDIA_TYPES)})
        if status == 404:
            return None
        if status != 200:
            raise RegistryError(f"{self.host} answered {status} for {tag}: only 200 and 404 are answers")
        manifest = Manifest(headers.get("Content-Type", ""), body)
        if headers.get("Docker-Content-Digest", manifest.digest) != manifest.digest:
            raise RegistryError(f"{self.host} sent {tag} with another digest than it declared")
        return manifest

    # --8<-- [end:fail-closed]

    def write(self, tag: str, manifest: Manifest) -> None:
        """Let a tag name a manifest that the repository already holds; RegistryError unless it then does."""
        status, _, _ = self._ask("PUT", tag, {"Content-Type": manifest.media_type}, manifest.body)
        if status != 201:
            raise RegistryError(f"{self.host} answered {status} to writing {tag}")
        if self.read(tag) != manifest:
            raise RegistryError(f"{tag} does not name the digest that was written")

    def _ask(
        self, method: str, tag: str, headers: Mapping[str, str], body: bytes | None = None
    ) -> tuple[int, Message, bytes]:
        path = f"/v2/{self.repository}/manifests/{tag}"
        answer = self._send(method, path, {**headers, "Authorization": self._authorization}, body)
        if answer[0] == 401 and self._basic:
            self._authorization = self._authorize(answer[1].get("WWW-Authenticate", ""))
            answer = self._send(method, path, {**headers, "Authorization": self._authorization}, body)
        return answer

    def _authorize(self, challenge: str) -> str:
        """Exchange the credentials for a token, at the registry itself and nowhere else."""
        if challenge.startswith("Basic"):
            return self._basic
        asked = dict(re.findall(r'(\w+)="([^"]*)"', challenge))
        realm = urllib.parse.urlsplit(asked.get("realm", ""))
        if realm.netloc != self.host:
            raise RegistryError(f"{self.host} asks for credentials to be sent to {realm.netloc!r}")
        # The scope is not the one in the challenge: a repository that has no image yet is known only to a writer.
        scope = f"repository:{self.repository}:pull,push"
        query = urllib.parse.urlencode({"service": asked.get("service", ""), "scope": scope})
        status, _, body = self._send("GET", f"{realm.path}?{query}", {"Authorization": self._basic})
        if status != 200:
            raise RegistryError(f"{self.host} answered {status} to the request for a token")
        return f"Bearer {json.loads(body)['token']}"

    def _send(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes | None = None
    ) -> tuple[int, Message, bytes]:
        """One request; http.client follows no redirect, so the credentials stay with this host."""
        kind = http.client.HTTPConnection if self._plain else http.client.HTTPSConnection
        connection = kind(self.host, timeout=TIMEOUT_SECONDS)
        try:
            connection.request(method, path, body, {name: value for name, value in headers.items() if value})
            response = connection.getresponse()
            return response.status, response.headers, response.read()
        except (OSError, http.client.HTTPException) as error:
            raise RegistryError(f"{self.host} could not be asked: {error!r}") from error
        finally:
            connection.close()
