"""Addresses that stand in texts: which server a text names, if it names one that could be another elsewhere."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

_NUMBERS = r"[0-9]{1,3}(?:[.][0-9]{1,3}){3}"
_BARE = re.compile(rf"(?:[\w.-]+@)?(?P<host>{_NUMBERS})(?::[0-9]{{1,5}})?(?:/(?![0-9]{{1,2}}$)\S*)?")
_NO_SERVER = r"(?:php|data|file|glob|phar|zip|zlib|compress[.][a-z0-9]+|classpath|asset|memory|about|blob)"
"""Schemes of streams and files, after which no host is named."""
_URL = re.compile(rf"(?!{_NO_SERVER}://)(?:jdbc:)?(?P<scheme>[a-z][a-z0-9+.-]*)://\S+", re.IGNORECASE)
_HOST = re.compile(r"(?P<host>[a-z0-9](?:[a-z0-9-]*[.])+[a-z][a-z0-9-]*)[.]?(?::[0-9]{1,5})?", re.IGNORECASE)
_INTERNAL = re.compile(
    r".*[.](internal|local|lan|corp|intranet|localdomain|home[.]arpa|svc[.]cluster[.]local)|[^.]+[.][^.]+[.]svc",
    re.IGNORECASE,
)
_METADATA = frozenset(
    {
        "metadata.google.internal",
        "kubernetes.default.svc",
        "host.docker.internal",
        "gateway.docker.internal",
        "host.containers.internal",
        "host.rancher-desktop.internal",
        "host.lima.internal",
        "host.minikube.internal",
        "cluster.local",
        "svc.cluster.local",
    }
)
_IDENTIFIER = re.compile(r"(?:1[.][23]|2[.]5)[.].*")
"""How object identifiers of certificates and directories begin, which look like addresses."""
_RESOLVERS = frozenset(
    {"100.100.100.200", "1.2.3.4", "4.3.2.1", "5.6.7.8", "8.8.8.8", "8.8.4.4", "1.1.1.1", "1.0.0.1", "9.9.9.9"}
)
_DOCUMENTED = tuple(
    ipaddress.ip_network(each)
    for each in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "198.18.0.0/15", "2001:db8::/32", "0.0.0.0/8")
)
_VIRTUAL = tuple(
    ipaddress.ip_network(each)
    for each in str.split(
        "10.0.2.0/24 10.43.0.0/28 10.96.0.0/28 172.17.0.0/24 192.168.49.0/24 192.168.56.0/24 192.168.64.0/24"
        " 192.168.65.0/24 192.168.99.0/24 192.168.122.0/24"
    )
)
"""Networks that virtual machines, container engines and clusters make on each machine by themselves."""
_EXAMPLE = re.compile(
    r"(?:.*[.])?(?:example|test|invalid|localhost)(?:[.](?:com|org|net))?|(?:.*[-.])?example[-.].*|(?:.*[-.])?[\w]*-example[.].*|(?:.*[.])?example[.][a-z]{2,3}|your[-.].*|my[-.].*"
    r"|(?:localhost|invalid|example|test|dummy|fake)[.-].*|(?:foo|bar|host|hostname|server|domain)(?:[.](?:com|org|net))?|testserver|0[.]0[.]0[.]0"
)
_IDENTIFIERS = re.compile(
    r"(?:.*[.])?(?:w3[.]org|json-schema[.]org|xmlsoap[.]org|openxmlformats[.]org|schema[.]org|purl[.]org|adobe[.]com"
    r"|opensource[.]org|apache[.]org|gnu[.]org|creativecommons[.]org|spdx[.]org|swagger[.]io|openapis[.]org"
    r"|schemastore[.]org|rfc-editor[.]org|ietf[.]org|python[.]org|readthedocs[.]io|mozilla[.]org|wikipedia[.]org)"
)
"""Hosts in what are names or pages to read, not services that are called."""
_HOMES = re.compile(r"(?:/home|/Users)/(?P<user>[\w.-]+)/.*|[A-Za-z]:[\\/]+Users[\\/].*|/var/www/.*")
_USERS_OF_IMAGES = frozenset(
    {
        "app",
        "appuser",
        "node",
        "nonroot",
        "user",
        "nobody",
        "vscode",
        "runner",
        "jovyan",
        "airflow",
        "circleci",
        "www-data",
    }
)
OWN_ADDRESS: tuple[bytes | re.Pattern[bytes], ...] = (
    *(b"/home/", b"/users/", b"/var/www/", re.compile(rb":[\\/]+users[\\/]")),
    *(re.compile(rb"[.][0-9]{1,3}[.][0-9]{1,3}[.][0-9]{1,3}"), b"//[", b"@["),
    *(b".internal", b".local", b".lan", b".corp", b".intranet", b".svc", b".home.arpa"),
)
"""What one of stands in every text, in lower case, that names a path or a server other than a public one."""
_PLACEHOLDER = re.compile(r"[<{}$%*]")


@dataclass(frozen=True)
class Address:
    """What a text names."""

    kind: Literal["ip", "private", "internal", "public", "path"]
    shown: str
    """The host or path, without credentials."""


def address_of(text: str) -> Address | None:
    """The server that a text as a whole names; None for loopback, examples, networks, versions and other texts."""
    stripped = text.strip()
    if len(stripped) > 500 or not stripped:
        return None
    if _HOMES.fullmatch(stripped):
        user = _HOMES.fullmatch(stripped)
        known = user is not None and user["user"] in _USERS_OF_IMAGES
        return None if known or _PLACEHOLDER.search(stripped) else Address("path", stripped)
    host = url_host(stripped)
    if host is not None:
        return _host(host, in_url=True)
    if match := _BARE.fullmatch(stripped):
        return _host(match["host"], in_url=False)
    match = _HOST.fullmatch(stripped)
    return _host(match["host"], in_url=False) if match and _INTERNAL.fullmatch(match["host"]) else None


def url_host(text: str) -> str | None:
    """The host of a URL; None where the text is none, or has a placeholder for it."""
    if not _URL.fullmatch(text):
        return None
    try:
        host = urlsplit(text.removeprefix("jdbc:")).hostname or ""
    except ValueError:
        return None
    return None if _PLACEHOLDER.search(host) else host.rstrip(".")


def _host(host: str, *, in_url: bool) -> Address | None:
    try:
        number = ipaddress.ip_address(host)
    except ValueError:
        return _named(host, in_url=in_url)
    network = not in_url and (host.endswith(".0") or _IDENTIFIER.fullmatch(host) is not None)
    if host in _RESOLVERS or network or number.is_loopback or number.is_unspecified or number.is_link_local:
        return None
    if number.is_multicast or number.is_reserved or any(number in each for each in (*_DOCUMENTED, *_VIRTUAL)):
        return None
    return Address("private" if number.is_private else "ip", host)


def _named(host: str, *, in_url: bool) -> Address | None:
    lowered = host.lower()
    if (
        lowered in _METADATA
        or _EXAMPLE.fullmatch(lowered)
        or _IDENTIFIERS.fullmatch(lowered)
        or lowered.startswith("_")
    ):
        return None
    if _INTERNAL.fullmatch(lowered):
        return Address("internal", host)
    return Address("public", host) if in_url and lowered else None
