"""`python -m apparch.template.digests`: writes down what the template owns of an App repo, so that a judge can look."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from apparch.app.template_files import ALWAYS, DATA, digest
from apparch.app.template_record import FILE
from apparch.template import SOURCE, TemplateError, home
from apparch.template.new import Answer, copied
from apparch.template.ownership import read_ownership
from apparch.template.repository import built
from apparch.template.versions import read_versions

DECIDE = ("database", "cache")
"""The answers on which a file that the template owns may depend; on one of them at most."""
Digests = dict[str, dict[str, str]]


def combinations() -> Iterator[dict[str, Answer]]:
    """Every combination of the answers that decide."""
    for number in range(2 ** len(DECIDE)):
        yield {name: bool(number >> place & 1) for place, name in enumerate(DECIDE)}


def made(folder: Path) -> dict[str, str]:
    """The digest of each file of a repository."""
    files = (each for each in folder.rglob("*") if each.is_file())
    return {each.relative_to(folder).as_posix(): digest(each.read_bytes()) for each in files}


def told(renders: Mapping[tuple[bool, ...], Mapping[str, str]]) -> Digests:
    """What each file is, and on which answer that depends, from a repository of each combination.

    Raises:
        TemplateError: a file depends on two answers, or on the name.
    """
    paths = sorted({path for files in renders.values() for path in files})
    return {path: _one({key: files.get(path, "") for key, files in renders.items()}, path) for path in paths}


def _one(values: Mapping[tuple[bool, ...], str], path: str) -> dict[str, str]:
    if len(set(values.values())) == 1:
        return {ALWAYS: next(iter(values.values()))}
    for place, name in enumerate(DECIDE):
        yes, no = ({value for key, value in values.items() if key[place] is sign} for sign in (True, False))
        if len(yes) == len(no) == 1:
            both = {name: yes.pop(), f"not {name}": no.pop()}
            return {answer: value for answer, value in both.items() if value}
    raise TemplateError(f"{path} depends on more than one answer, which its digests cannot tell")


def digests(bare: Path, tag: str, scratch: Path) -> Digests:
    """What the template owns in one version."""
    owned = read_ownership("app").template - {FILE}
    renders: dict[tuple[bool, ...], dict[str, str]] = {}
    for answers in combinations():
        folder = scratch / f"{tag}-{'-'.join(map(str, answers.values()))}"
        copied(folder, {"kind": "app", "name": "app", **answers}, bare, SOURCE, tag, defaults=True)
        renders[tuple(map(bool, answers.values()))] = {
            path: value for path, value in made(folder).items() if path in owned
        }
    return told(renders)


def main() -> None:
    """Write them anew."""
    with tempfile.TemporaryDirectory(prefix="apparch-digests-") as place:
        scratch = Path(place)
        bare = built(home(), scratch)
        found = {each.version: digests(bare, each.tag, scratch) for each in read_versions().all}
    DATA.write_text(json.dumps(found, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
