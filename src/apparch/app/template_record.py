"""Which template a repository was made from, as its `.copier-answers.yml` records it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from apparch.repository import Place, Problem, Repository
from apparch.repository.nodes import Plain
from apparch.repository.yaml_file import parse_yaml

FILE = ".copier-answers.yml"
SOURCE = "https://apparch.example/template.git"
"""What repositories record as their template; the template that this package carries is taken in its place."""
_TAG = re.compile(r"v?(\d+\.\d+\.\d+)")


@dataclass(frozen=True)
class TemplateRecord:
    """What the file says."""

    source: str
    """The URL of the template's repository (`_src_path`)."""
    commit: str
    """The tag or commit that the repository was last brought to (`_commit`)."""
    answers: Mapping[str, Plain]
    """What was answered to the template's questions."""
    place: Place

    @property
    def version(self) -> str:
        """The tag without its `v`, like 3.1.0; empty where a commit is recorded that has no such tag."""
        tag = _TAG.fullmatch(self.commit)
        return tag[1] if tag else ""

    @property
    def kind(self) -> str:
        """What the template made: `app` or `deploy`; empty where it was never asked."""
        return str(self.answers.get("kind") or "")


def read_template_record(repository: Repository) -> TemplateRecord | Problem | None:
    """The record; None where there is none, and what is wrong with it where it cannot be taken."""
    if not repository.has(FILE):
        return None
    documents = repository.parsed(FILE, parse_yaml)
    if isinstance(documents, Problem):
        return documents
    place = Place(f"{repository.prefix}{FILE}")
    if len(documents) != 1 or not isinstance(documents[0].value, dict):
        return Problem(place, "must be one mapping of the template and the answers; let copier write it")
    top = documents[0]
    source, commit = top.at("_src_path"), top.at("_commit")
    for key, node in (("_src_path", source), ("_commit", commit)):
        if not (node.text or "").strip():
            return Problem(node.place, f"{key} is {'missing' if not node.present else 'no text'}")
    answers = {key: node.plain for key, node in top.items() if not key.startswith("_")}
    return TemplateRecord((source.text or "").strip(), (commit.text or "").strip(), answers, top.place)
