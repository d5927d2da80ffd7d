"""The list of repositories: read from a YAML inventory, or made of the paths of a command line."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import cast

from apparch.deploy.side import OVERLAYS
from apparch.fleet.model import Entry, FleetError
from apparch.kinds import Kind
from apparch.repository import Node, Problem
from apparch.repository.nearest import closest
from apparch.repository.yaml_file import parse_yaml

LIMIT = 5_000_000
"""How many bytes of an inventory are read."""
NAME = re.compile(r"(?!\.{1,2}$)[A-Za-z0-9._-]{1,100}")
"""What a repository may be called: a name becomes a folder's, and a word of a command line."""
URL = re.compile(r"https?://[^\s/@]+/\S+|ssh://\S+|git@[^\s:]+:\S+|file://\S+")
_KEYS = ("name", "path", "url", "kind", "partner", "app_dir", "overlays")
_ADDRESS_WITH_PASSWORD = re.compile(r"https?://[^\s/]*@")


def of_paths(paths: Sequence[Path]) -> tuple[Entry, ...]:
    """A repository for each folder. One whose name is another's with `-deploy` behind it is that one's partner."""
    unique = list(dict.fromkeys(path.resolve() for path in paths))
    bases = Counter(path.name for path in unique)
    names = {path: path.name if bases[path.name] == 1 else "/".join(path.parts[-2:]) for path in unique}
    known = set(names.values())
    return tuple(
        Entry(name, path, str(path), partner=f"{name}-deploy" if f"{name}-deploy" in known else "")
        for path, name in names.items()
    )


def read_inventory(file: Path, checkouts: Path | None = None) -> tuple[Entry, ...]:
    """The repositories that a file lists; what has a URL is looked for in `checkouts`, below its name.

    Raises:
        FleetError: the file cannot be taken.
    """
    try:
        with file.open("rb") as opened:
            text = opened.read(LIMIT).decode("utf-8-sig")
    except OSError as error:
        raise FleetError(f"{file} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise FleetError(f"{file} is not UTF-8 text") from error
    documents = parse_yaml(text, str(file))
    if isinstance(documents, Problem):
        raise FleetError(f"{documents.place}: {documents.message}")
    if len(documents) != 1 or not documents[0].at("repositories").elements():
        raise FleetError(f"{file}: needs the key repositories with a list, each with name and path or url")
    for key, _ in documents[0].items():
        if key != "repositories":
            raise FleetError(f"{documents[0].key(key)}: unknown key {key}; there is repositories")
    nodes = documents[0].at("repositories").elements()
    entries = [_entry(node, file.parent, checkouts) for node in nodes]
    _refuse(entries, nodes)
    return tuple(entries)


def chosen(entries: Iterable[Entry], names: Sequence[str]) -> tuple[Entry, ...]:
    """The repositories of these names.

    Raises:
        FleetError: the list has none of a name.
    """
    entries = tuple(entries)
    known = {each.name for each in entries}
    for name in names:
        if name not in known:
            near = closest(name, sorted(known), 0.5)
            raise FleetError(f"the list has no {name}{f'; did you mean {near}?' if near else ''}")
    return tuple(each for each in entries if each.name in names)


def pairs(entries: Iterable[Entry]) -> tuple[tuple[Entry, Entry], ...]:
    """Each two repositories that have a contract, once, whichever of the two names the other."""
    by_name = {each.name: each for each in entries}
    found = {
        tuple(sorted((each.name, each.partner))): (each, by_name[each.partner])
        for each in by_name.values()
        if each.partner in by_name
    }
    return tuple(found[key] for key in sorted(found))


def _entry(node: Node, home: Path, checkouts: Path | None) -> Entry:
    where = node.place
    if not isinstance(node.value, dict):
        raise FleetError(f"{where}: each repository needs a mapping with name and path or url")
    for key, value in node.items():
        if key not in _KEYS:
            near = closest(key, sorted(_KEYS), 0.5)
            told = f"; did you mean {near}?" if near else f"; there are {', '.join(_KEYS)}"
            raise FleetError(f"{node.key(key)}: unknown key {key}{told}")
        if not (value.text or "").strip():
            raise FleetError(f"{value.place}: {key} needs a text")
    texts = {key: value.text or "" for key, value in node.items()}
    if not NAME.fullmatch(texts.get("name", "")):
        raise FleetError(f"{where}: name must be of letters, digits, dots, dashes and underscores")
    if ("path" in texts) == ("url" in texts):
        raise FleetError(f"{where}: {texts['name']} needs either path or url")
    if texts.get("kind", "app") not in ("app", "deploy"):
        raise FleetError(f"{node.at('kind').place}: kind is app or deploy; leave it out where the files tell")
    entry = Entry(
        texts["name"],
        None,
        texts.get("path") or texts["url"],
        url=texts.get("url", ""),
        kind=cast("Kind | None", texts.get("kind")),
        partner=texts.get("partner", ""),
        app_dir=texts.get("app_dir", ""),
        overlays=texts.get("overlays", OVERLAYS),
    )
    if "path" in texts:
        return replace(entry, folder=home / texts["path"])
    if _ADDRESS_WITH_PASSWORD.match(texts["url"]):
        raise FleetError(f"{node.at('url').place}: the url holds credentials; whoever checks it out has them elsewhere")
    if not URL.fullmatch(texts["url"]):
        raise FleetError(f"{node.at('url').place}: url is no address of a Git repository, like https://HOST/OWNER/NAME")
    return replace(entry, folder=checkouts / entry.name if checkouts else None)


def _refuse(entries: Sequence[Entry], nodes: Sequence[Node]) -> None:
    """What no single entry shows: a name that stands twice, a partner that is not listed."""
    seen: set[str] = set()
    names = sorted({each.name for each in entries})
    for entry, node in zip(entries, nodes, strict=True):
        if entry.name.casefold() in seen:
            raise FleetError(f"{node.place}: the name {entry.name} stands twice, in letters of any size")
        seen.add(entry.name.casefold())
        if entry.partner and entry.partner not in names:
            near = closest(entry.partner, names, 0.5)
            told = f"; did you mean {near}?" if near else ""
            raise FleetError(f"{node.at('partner').place}: no repository is named {entry.partner}{told}")
