"""Two repositories that agree, in memory, edited by a diff or by a list of changes: a case costs no file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from apparch.contract import Comparison, Judgement, compare
from apparch.repository import Repository

_FILE = re.compile(r"^--- (\S+)\n\+\+\+ (\S+)\n", re.MULTILINE)
_HUNK = re.compile(r"^@@ .*\n", re.MULTILINE)
Files = dict[str, str]
CASES = Path(__file__).parent / "cases"


@cache
def _reference() -> dict[str, Mapping[str, str]]:
    return yaml.load((CASES / "pair.yaml").read_text("utf-8"), yaml.CSafeLoader)  # type: ignore[no-any-return]


@dataclass(frozen=True)
class Pair:
    """An App and a Deploy repository in memory."""

    app: Files
    deploy: Files

    @staticmethod
    def reference() -> Pair:
        """The pair that agrees, free to be changed; it stays as it is when the reference repositories go on."""
        return Pair(dict(_reference()["app"]), dict(_reference()["deploy"]))

    def of(self, path: str) -> tuple[Files, str]:
        """The repository and the path in it that a path below snippets/, or below app/ and deploy/, means."""
        name, _, rest = path.removeprefix("snippets/").partition("/")
        return {"app": self.app, "deploy": self.deploy}[name], rest

    def change(self, edit: Mapping[str, Any]) -> None:
        """Replace `old` by `new` in the file `in`, write it new, or remove it with `gone`."""
        files, path = self.of(edit["in"])
        if edit.get("gone"):
            del files[path]
        elif "old" in edit:
            assert edit["old"] in files[path], f"{path} no longer has {edit['old']!r}: bring the case up to date"
            files[path] = files[path].replace(edit["old"], edit["new"])
        else:
            files[path] = edit["new"]

    def patch(self, diff: str) -> None:
        """Apply a unified diff; each hunk goes where its old lines stand, wherever that has moved to."""
        starts = list(_FILE.finditer(diff))
        for at, match in enumerate(starts):
            body = diff[match.end() : starts[at + 1].start() if at + 1 < len(starts) else len(diff)]
            source, target = (each.partition("/")[2] for each in match.groups())
            for hunk in _HUNK.split(body)[1:]:
                old, new = (_side(hunk, sign) for sign in "-+")
                if match[1] == "/dev/null":
                    self.change({"in": target, "new": new})
                elif match[2] == "/dev/null":
                    self.change({"in": source, "gone": True})
                else:
                    self.change({"in": target, "old": old, "new": new})

    @property
    def comparison(self) -> Comparison:
        """What the comparison says of them."""
        return compare(Repository.of(self.app), Repository.of(self.deploy))

    def shown(self, finding: Judgement) -> dict[str, Any]:
        """A finding as a case expects it: rule, subject, environments, and the line at each of its places."""
        places = []
        for side in finding.sides:
            files = self.app if side.repository == "app" else self.deploy
            line = files[side.place.path].split("\n")[side.place.line - 1].strip()
            places.append(f"{side.repository} {side.place.path} | {line}")
        where = {"in": ", ".join(finding.overlays)} if finding.overlays else {}
        return {"rule": finding.rule, "subject": finding.subject, **where, "at": list(dict.fromkeys(places))}


def _side(hunk: str, sign: str) -> str:
    lines = [line[1:] for line in hunk.splitlines() if line[:1] in (" ", sign)]
    return "".join(f"{line}\n" for line in lines)
