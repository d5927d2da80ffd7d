"""The servers that an app's own settings name: databases and brokers in files of Spring, .NET, Rails and others."""

from __future__ import annotations

import re
from collections.abc import Iterator

from apparch.app.addresses import address_of
from apparch.app.repo import AppRepo
from apparch.app.survey import File, of_files
from apparch.checks._shared import finding, inner
from apparch.finding import Answer
from apparch.repository.roles import is_product

_SETTINGS = re.compile(
    r"(?:.*/)?(?:application|bootstrap|appsettings|settings|config|database|persistence|hibernate[.]cfg)"
    r"(?:[-.](?:prod|production|staging|docker|k8s|kubernetes))?[.](?:properties|ya?ml|json|toml|ini|cfg|conf|xml)"
    r"|(?:.*/)?(?:configs?|conf|settings)/[\w-]+[.](?:properties|ya?ml|json|toml|ini|cfg|conf)",
    re.IGNORECASE,
)
_FOR_TRIAL = re.compile(
    r"(?:^|[-_./])(?:dev|devel|development|local|tests?|testing|examples?|samples?|demo|template)(?:[-_./]|$)"
)
_BACKING = re.compile(
    r"(?P<url>(?:jdbc:)?(?:postgres(?:ql)?|mysql|mariadb|sqlserver|mongodb(?:[+]srv)?|rediss?|amqps?|nats|mqtts?|ldaps?)"
    r"://[^\s\"'<>;]+)"
    r"|(?:(?i:\bserver|data source)\s*=\s*(?:tcp:)?(?P<server>[\w-]+(?:[.][\w-]+)+)(?:[,:][0-9]+)?;)"
)
"""A URL of what keeps data or hands on messages, and the server of a connection string of .NET."""
_COMMENT = re.compile(r"^[ \t]*(?:#|//|;|!|<!--)")


def _is_settings(app: AppRepo, path: str) -> bool:
    own = inner(app, path)
    return bool(_SETTINGS.fullmatch(own)) and is_product(own) and not _FOR_TRIAL.search(own)


@of_files(b"://", lowered=(b"server", b"source"), among=_is_settings)
def kept_in_settings(file: File) -> Iterator[Answer]:
    """What is told of the addresses of backing services that have a domain or a number of their own."""
    for match in _BACKING.finditer(file.text):
        first = file.text.rfind("\n", 0, match.start()) + 1
        address = address_of(match["url"] or f"tcp://{match['server']}")
        told_as_a_value = file.path.endswith((".yaml", ".yml", ".json")) and address and address.kind != "public"
        if address is None or "." not in address.shown or told_as_a_value or _COMMENT.match(file.text, first):
            continue
        group = "url" if match["url"] else "server"
        ko, en = f"서버 {address.shown}이(가) 적혀 있다", f"the server {address.shown} is hard-coded"
        yield finding("OWN015", file.spot(match.start(group), match.end(group)), ko, en)
