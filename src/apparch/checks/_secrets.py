"""The judge of OWN016: no secret stands in the App repo."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from apparch.app.dockerfiles import DOCKERFILE
from apparch.app.repo import AppRepo
from apparch.app.secrets import CALLED, Secret, called_in, kept_in, likely_in, shaped_in
from apparch.app.source_text import is_code
from apparch.app.survey import File, answers, of_files
from apparch.app.variables import EXAMPLE_NAMES
from apparch.checks._own_deployed import is_environments
from apparch.checks._shared import finding, inner, name
from apparch.finding import Answer, Finding
from apparch.repository import Place
from apparch.repository.path_names import ending
from apparch.repository.roles import role

_LOCKS = re.compile(
    r".*(?:[.]lock|-lock[.](?:json|yaml)|go[.]sum|[.]min[.]js|[.]svg|[.]map|[.]ipynb|npm-shrinkwrap[.]json)"
)
_BINARY = re.compile(
    r".*[.](?:png|jpe?g|gif|ico|webp|woff2?|ttf|eot|otf|pdf|zip|gz|tgz|bz2|xz|jar|war|class|so|dll|exe|wasm|mp[34]|db|sqlite3?|parquet|pyc)",
    re.IGNORECASE,
)
_FOR_SHOW = re.compile(
    r".*(?:fixture|insecure|malevolent|test|example|swagger|openapi|sample|dummy|mock|snakeoil|fake|pkg-info|(?:^|/)defaults?[.]|[.-]defaults?[.]|(?:^|/)(?:locales?|translations?|i18n|l10n|lang)/).*",
    re.IGNORECASE,
)
_SHOWN = re.compile(
    r"^[^\w\n]*examples?\b|\bfor example\b|code-block|^[ \t]*>>> |\be[.]g[.]", re.MULTILINE | re.IGNORECASE
)
"""What stands before a value that only shows what one looks like."""
_PUBLIC = re.compile(
    r"\b(?:public(?:ly)?|well[- ]known|demo|sandbox|dummy|fake|no(?:t a)? secret|for test(?:s|ing)?)\b",
    re.IGNORECASE,
)
"""What a comment beside a value says of it that anybody may know."""
_OFF = re.compile(
    r"^[ \t]*[\"']?(?:enabled|active)[\"']?\s*[:=]\s*[\"']?(?:false|no|off)\b|://[\w.-]*\bexample[.](?:com|org|net)\b",
    re.MULTILINE | re.IGNORECASE,
)
"""What stands before a value in a section that is off, or is about a server of documents."""
_TRACKING = re.compile(r"UA-[0-9]+-[0-9]+|(?:G|GTM|AW)-[A-Z0-9]{6,}")
"""Numbers by which sites count their readers, which every reader is given."""
_FIREBASE = re.compile(r"firebase|messagingSenderId|mobilesdk|maps[.]googleapis", re.IGNORECASE)
"""What stands by a key of Google's that pages and apps show, and that is bound to their addresses."""
_DIGEST = re.compile(r"[#/].*\b(hash|md5|sha-?[0-9]+|digest|checksum)\b", re.IGNORECASE)
_KEY_FILE = re.compile(r".*[.](?:pem|key|creds|nk|p8|jwt|token)")
Held = tuple[str, bool, int, Finding]
"""A secret by its file, whether it is told by less than its own shape, where it begins, and what is said of it."""
_OWN = frozenset({"product", "ci", "development", "template"})
"""Roles of files in which every secret counts; in others only one whose shape is certain."""


def own016(app: AppRepo) -> Iterator[Answer]:
    """No file holds a secret."""
    found = (*answers(app, _shaped), *answers(app, _called), *answers(app, _kept))
    held = sorted(found, key=lambda each: each[:3])
    seen: set[Place] = set()
    for path, _, _, each in held:
        line = Place(path, each.place.line)
        if line not in seen:
            seen.add(line)
            if not _serves_tests(app, each):
                yield each


def _is_looked_at(app: AppRepo, path: str) -> bool:
    return not _LOCKS.fullmatch(path) and not _BINARY.fullmatch(path)


@of_files(among=_is_looked_at)
def _shaped(file: File) -> Iterator[Held]:
    shapes = likely_in(file.data)
    return _held(file, shaped_in(file.text, shapes)) if shapes else iter(())


@of_files(lowered=CALLED, among=_is_looked_at)
def _called(file: File) -> Iterator[Held]:
    return _held(file, called_in(file.text, ending(file.path)))


@of_files(lowered=CALLED, among=lambda app, path: is_environments(path))
def _kept(file: File) -> Iterator[Held]:
    return _held(file, kept_in(file.text))


def _held(file: File, secrets: Iterable[Secret]) -> Iterator[Held]:
    path, app = file.path, file.app
    told_elsewhere = DOCKERFILE.fullmatch(name(path)) or EXAMPLE_NAMES.fullmatch(name(path))
    is_own = role(inner(app, path)) in _OWN and not told_elsewhere and not _FOR_SHOW.fullmatch(inner(app, path))
    if role(inner(app, path)) == "vendored" or (path.endswith(".go") and _FOR_TESTS.search(file.text, 0, 3000)):
        return
    for each in secrets:
        if (
            ((not each.certain or each.what == "Google API key") and _is_shown(file, each))
            or _is_told_of(file, each)
            or not (is_own or _counts(each))
        ):
            continue
        if each.certain or is_own:
            ko, en = f"비밀이 있다: {each.what}", f"it holds a secret: {each.what}"
            place = file.spot(each.begin, each.end)
            yield path, not each.certain, each.begin, finding("OWN016", place, ko, en, secret=True)


def _counts(found: Secret) -> bool:
    """Whether it is a secret wherever it stands: pages carry keys of Google's, documents numbers of keys of AWS."""
    return found.what not in ("Google API key", "AWS access key")


def _is_shown(file: File, found: Secret) -> bool:
    """Whether a value that may be a secret is shown: in an example, a comment, a longer text, a digest's line."""
    text, begin = file.text, found.begin
    first = text.rfind("\n", 0, begin) + 1
    line = text[first : (text.find("\n", begin) + 1 or len(text))]
    if text.startswith("AIza", begin) and _FIREBASE.search(text, max(0, begin - 600), min(len(text), begin + 600)):
        return True
    if _TRACKING.fullmatch(text[begin : found.end]) or _COMMENTED.match(line):
        return True
    if _OFF.search(text, max(0, begin - 600), begin):
        return True
    near = text[max(0, text.rfind("\n", 0, max(0, first - 200))) : first].splitlines()
    if any(_PUBLIC.search(each) for each in near if each.lstrip().startswith(_COMMENTS)):
        return True
    quote = {".py": '"""', ".go": "`"}.get(ending(file.path))
    in_text = quote is not None and text.count(quote, 0, begin) % 2 == 1 and quote not in line
    return in_text or bool(_SHOWN.search(text, max(0, begin - 1200), begin)) or bool(_DIGEST.search(line))


_COMMENTED = re.compile(r"\s*(?:#|//|;|--\s|<!--)")
_FOR_TESTS = re.compile(r"^//go:build\s[^\n]*\b(?:e2e|integration|tests?)\b|^[ \t]+\"testing\"$", re.MULTILINE)
"""What Go source begins with that only tests are built with."""
_COMMENTS = ("#", "//", "*", "/*", "--", ";")


def _is_told_of(file: File, found: Secret) -> bool:
    """Whether a comment of source names a key by its number, which opens nothing without the key itself."""
    line = file.text[file.text.rfind("\n", 0, found.begin) + 1 : found.begin].lstrip()
    return found.what == "AWS access key" and line.startswith(("//", "#", "*", "--")) and is_code(file.path)


def _serves_tests(app: AppRepo, found: Finding) -> bool:
    """Whether a key stands in a file that tests name, and nothing else of the repository does."""
    path = found.place.path
    if not _KEY_FILE.fullmatch(path) or not found.message.en.endswith(("private key", "(JWT)")):
        return False
    tail = "/".join(path.split("/")[-2:])
    named = {role(inner(app, each)) for each in app.files if each != path and tail in app.glance(each)}
    return "test" in named and not named & {"product", "ci", "development"}
