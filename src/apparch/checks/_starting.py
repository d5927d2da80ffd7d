"""The judges of what goes wrong while an image starts: OWN021, MIG002 and RES005."""

from __future__ import annotations

import re
from collections.abc import Iterator

from apparch.app.repo import AppRepo
from apparch.app.stages import final, lineage, released
from apparch.checks._migrating import migrates
from apparch.checks._shared import finding
from apparch.checks._started import Started, started
from apparch.finding import Answer
from apparch.repository import Problem
from apparch.repository.places import spot
from apparch.repository.programs import program
from apparch.repository.shell import Command, parse_commands

_HEAP = re.compile(r"-Xmx\d+[kKmMgG]?\b|--max[-_]old[-_]space[-_]size[= ]\d+")
_LIMITS = {"GOMEMLIMIT": re.compile(r"\d+([KMGT]i?B)?"), "DOTNET_GCHeapHardLimit": re.compile(r"(0x)?[0-9A-Fa-f]+")}
_OPTIONS = frozenset(
    {"JAVA_OPTS", "JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "JAVA_ARGS", "CATALINA_OPTS", "NODE_OPTIONS"}
)
_LOOPBACK = re.compile(r"://(localhost|127\.|\[::1\]|0\.0\.0\.0)")


def own021(app: AppRepo) -> Iterator[Answer]:
    """Nothing that the image needs is fetched when it starts."""
    for each in started(app):
        if (source := _fetched(each)) and not _LOOPBACK.search(source):
            yield finding(
                "OWN021",
                each.place,
                f"시작하면서 이미지에 없는 파일을 받아 온다: {each.run.name}",
                f"it fetches a file that the image lacks, by {each.run.name}, when it starts",
            )


def _fetched(each: Started) -> str:
    """Where a command takes a file from that it keeps; empty for one that keeps none."""
    run = each.run
    words = " ".join(run.arguments)
    if run.name == "curl":
        kept = [value for value in run.option("-o", "--output") if value not in ("/dev/null", "-")]
        return words if kept or re.search(r"(^|\s)-[a-zA-Z]*O(\s|$)|--remote-name", words) else ""
    if run.name == "wget":
        quiet = re.search(r"--spider|-[a-zA-Z]*O\s*(-|/dev/null)(\s|$)|--output-document=(-|/dev/null)", words)
        return "" if quiet or "://" not in words else words
    if run.does("aws", "s3", "cp") or run.does("aws", "s3", "sync"):
        places = [word for word in run.words[2:] if not word.startswith("-")]
        return words if len(places) > 1 and places[0].startswith("s3://") and "://" not in places[1] else ""
    if run.does("gsutil", "cp") or run.does("gcloud", "storage", "cp"):
        places = [word for word in run.words if "/" in word or word == "."]
        return words if len(places) > 1 and places[0].startswith("gs://") and "://" not in places[1] else ""
    return ""


def mig002(app: AppRepo) -> Iterator[Answer]:
    """What migrates ends with the code that its command ended with."""
    told: set[tuple[str, int, int]] = set()
    for each in started(app):
        if migrates(each.run) and each.command is not None and each.command.after == "||" and _is_inline(app, each):
            told.add((each.place.path, each.place.line, each.place.column))
            yield finding("MIG002", each.place, *_SWALLOWED)
    for path in app.product:
        if not path.endswith((".sh", ".bash")):
            continue
        text = app.root.text(path)
        for command in () if isinstance(text, Problem) else parse_commands(text):
            place = spot(path, text if isinstance(text, str) else "", command.begin, command.end)
            fresh = (place.path, place.line, place.column) not in told
            if fresh and migrates(program(command.words)) and _goes_on(str(text), command):
                yield finding("MIG002", place, *_SWALLOWED)


_SWALLOWED = (
    "마이그레이션이 실패해도 성공으로 끝난다",
    "a migration that fails ends as a success all the same",
)


def _is_inline(app: AppRepo, each: Started) -> bool:
    """Whether a Dockerfile says it itself, and what follows a failure is nothing, or a word."""
    text = app.glance(each.place.path)
    said = "\n".join(text.splitlines()[each.place.line - 1 : max(each.place.end_line, each.place.line)])
    return each.place.path in app.dockerfiles and bool(re.search(r"\|\|\s*(true|:|echo|printf)\b", said))


def _goes_on(text: str, command: Command) -> bool:
    """Whether what follows a failure is nothing, or a word, and the line does not end the script."""
    rest = text[command.end :].lstrip().partition("\n")[0]
    return bool(re.match(r"\|\|\s*(true|:|echo|printf)(\s|$)", rest)) and not re.search(r"\b(exit|return)\b", rest)


def res005(app: AppRepo) -> Iterator[Answer]:
    """No number in the image says how much memory there is."""
    for _, stages in released(app):
        for stage in lineage(stages, final(stages)):
            for instruction in stage.all("ENV"):
                for key, value in instruction.assignments:
                    plain = (value or "").strip("\"'")
                    heap = _HEAP.search(plain) if key in _OPTIONS else None
                    exact = _LIMITS[key].fullmatch(plain) if key in _LIMITS else None
                    if heap or exact:
                        said = heap[0] if heap else f"{key}={plain}"
                        yield finding("RES005", instruction.place, *_numbered(said))
    for each in started(app):
        heap = _HEAP.search(" ".join(each.words))
        if heap:
            yield finding("RES005", each.place, *_numbered(heap[0]))


def _numbered(said: str) -> tuple[str, str]:
    return (
        f"메모리 한도를 cgroup이 아니라 적힌 수에서 얻는다: {said}",
        f"the bound on memory is a number, not the cgroup's limit: {said}",
    )
