"""The HTTP routes that source in other languages than Python registers under a text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from apparch.app.survey import File, of_code
from apparch.repository import Place
from apparch.repository.path_names import ending

_VERB = r"(?:get|post|put|patch|delete)"
_TEXT = r"[\"'`](?P<path>/[^\"'`\s]*)[\"'`]"


@dataclass(frozen=True)
class Route:
    """One registered path."""

    path: str
    """With the prefix of its router where that stands in the same module."""
    place: Place
    whole: bool
    """Whether nothing can be seen that would stand before it."""


@dataclass(frozen=True)
class Form:
    """How the frameworks of a language register a path."""

    endings: frozenset[str]
    pattern: re.Pattern[str]
    whole: bool
    """Whether the path is that of the service where nothing in the file puts a prefix before it."""
    owner: re.Pattern[str] | None = None
    """What it is called on, in its last word; looked at behind the pattern, which finds a dot sooner than a word."""


_JS = frozenset({".js", ".mjs", ".cjs", ".ts", ".mts", ".cts"})
_GO = frozenset({".go"})
_JAVA = frozenset({".java", ".kt", ".scala", ".groovy"})
_FORMS = (
    Form(_JS, re.compile(rf"[.](?:{_VERB}|all)\(\s*{_TEXT}\s*,"), True, re.compile(r"app|server|fastify")),
    Form(_JS, re.compile(rf"[.](?:{_VERB}|all)\(\s*{_TEXT}\s*,"), False, re.compile(r"\w*[rR]outer")),
    Form(
        _JS,
        re.compile(r"\b(?:(?:req|request)[.]url|pathname)\s*===?\s*[\"'`](?P<path>/[^\"'`\s]*)[\"'`]"),
        whole=True,
    ),
    Form(
        _JS,
        re.compile(r"@(?:Get|Post|Put|Patch|Delete|Controller)\(\s*[\"'`](?P<path>[^\"'`\s]+)[\"'`]\s*\)"),
        whole=False,
    ),
    Form(
        _GO,
        re.compile(r"[.](?:HandleFunc|Handle)\(\s*\"(?:[A-Z]+ )?(?P<path>/[^\"\s]*)\"\s*,"),
        True,
        re.compile(r"http|\w*[mM]ux|r|rtr|e|app|engine|s|srv|server|\w*[rR]outer"),
    ),
    Form(
        _GO,
        re.compile(rf"[.](?:(?i:{_VERB})|Any)\(\s*\"(?P<path>/[^\"\s]*)\"\s*,"),
        True,
        re.compile(r"r|rtr|e|app|engine|g|group|api|v\d|\w*[rR]outer|\w*Group|\w*[mM]ux"),
    ),
    Form(_GO, re.compile(r"[.]URL[.]Path\s*==\s*\"(?P<path>/[^\"\s]*)\""), whole=True),
    Form(
        _JAVA,
        re.compile(
            r"@(?:Get|Post|Put|Patch|Delete|Request)Mapping\(\s*+(?:(?:value|path)\s*+=\s*+)?[{\[]?+\s*+\"(?P<path>[^\"\s]+)\""
            r"|^[ \t]*@(?:Path|Get|Post)\(\s*\"(?P<path2>[^\"\s]+)\"\s*\)"
            rf"|^[ \t]*(?:\w*[rR]outer[.]|app[.])?{_VERB}\(\s*\"(?P<path3>/[^\"\s]*)\"\s*(?:\)\s*\{{|,)",
            re.MULTILINE,
        ),
        whole=True,
    ),
    Form(
        frozenset({".rb"}),
        re.compile(
            rf"^[ \t]*{_VERB}[ \t]*+\(?[ \t]*[\"'](?P<path>/?[\w/:.-]+)[\"']\s*"
            r"(?:=>|,\s*to:|,\s*controller:|do\b|\)\s*do\b)",
            re.MULTILINE,
        ),
        whole=True,
    ),
    Form(
        frozenset({".rs"}),
        re.compile(
            rf"[.]route\(\s*\"(?P<path>/[^\"\s]*)\"|#\[{_VERB}\(\s*\"(?P<path2>/[^\"\s]*)\""
            r"|web::resource\(\s*\"(?P<path3>/[^\"\s]*)\""
        ),
        whole=True,
    ),
    Form(
        frozenset({".php"}),
        re.compile(
            rf"\bRoute::(?:{_VERB}|any|match)\(\s*[\"'](?P<path>/?[^\"'\s]+)[\"']"
            rf"|\$app->{_VERB}\(\s*[\"'](?P<path2>/[^\"'\s]*)[\"']"
            r"|#\[Route\(\s*(?:path:\s*)?[\"'](?P<path3>/[^\"'\s]*)[\"']"
        ),
        whole=True,
    ),
    Form(
        frozenset({".cs", ".fs"}),
        re.compile(
            r"[.]Map(?:Get|Post|Put|Patch|Delete|HealthChecks)\(\s*\"(?P<path>/?[^\"\s]+)\""
            r"|\[(?:HttpGet|HttpPost|HttpPut|HttpDelete|Route)\(\s*\"(?P<path2>[^\"\s]+)\""
        ),
        whole=True,
    ),
    Form(frozenset({".ex"}), re.compile(rf"^[ \t]*{_VERB}[ \t]+\"(?P<path>/[^\"\s]*)\"\s*,", re.MULTILINE), whole=True),
)
_PREFIXED = re.compile(
    r"[.](?:Group|Route|PathPrefix|StripPrefix|Mount|MapGroup|nest|scope|group|prefix|register|use)\(|@RequestMapping|@Path\("
    r"|\[Route\(|web::scope|^[ \t]*(?:scope|namespace)\b|#\[Route\([^\n]{0,200}\)\]\s*(?:final\s+)?class"
    r"|app[.]use\(\s*[\"'`]/\w",
    re.MULTILINE,
)
"""What puts something before the paths of a file, or may."""
_LONGEST = 1000
"""Where on a line a path stands in source that a person wrote."""
_WORD, _WORDS = re.compile(r"\w+\Z"), 60
"""The word before a dot, and how long one may be."""
_SERVED = re.compile(rb"/(?:live|ready|startup)\b")


@of_code(
    re.compile(rb"[.](?:get|post|put|patch|delete|all|route|Map\w+|GET|POST|Get|Post)\(|Handle(?:Func)?\(|Mapping\("),
    re.compile(
        rb"@(?:Get|Post|Put|Path|Controller)\(|Route|#\[|(?:[.]url|pathname|URL[.]Path)\s*==|web::|Http|\$app->"
    ),
    re.compile(rb"^[ \t]*(?:get|post|put|patch|delete)\b", re.MULTILINE),
)
def registered(file: File) -> Iterator[Route]:
    """The paths that a file registers."""
    known = (form for form in _FORMS if ending(file.path) in form.endings)
    found = [(form, match) for form in known for match in _matches(form, file.code)]
    prefixed = bool(found) and _PREFIXED.search(file.code) is not None
    for form, match in found:
        group = next(key for key, value in match.groupdict().items() if value is not None)
        path = match[group] if match[group].startswith("/") else f"/{match[group]}"
        yield Route(path, file.spot(match.start(group), match.end(group)), form.whole and not prefixed)


def _matches(form: Form, code: str) -> Iterator[re.Match[str]]:
    for match in form.pattern.finditer(code):
        begin = match.start()
        owner = _WORD.search(code, max(0, begin - _WORDS), begin)
        named = form.owner is None or (owner is not None and form.owner.fullmatch(owner[0]) is not None)
        if named and begin - code.rfind("\n", 0, begin) <= _LONGEST:
            yield match


@of_code(_SERVED)
def written(file: File) -> Iterator[str]:
    """The paths of probes that a file names: `/health/live`, or `/live` behind a prefix."""
    for match in re.finditer(r"(?:/health)?/(?:live|ready|startup)(?![\w-])", file.code):
        yield match[0]
