"""A Jenkinsfile read as text: the shell lines that it runs, and the images that it pushes by Jenkins' own steps."""

from __future__ import annotations

import re
from collections.abc import Iterator

_COMMENT = re.compile(
    r"""(?P<text>'''.*?'''|\"\"\".*?\"\"\"|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')"""
    r"""|(?P<comment>(?<!:)//[^\n]*|/\*.*?\*/)""",
    re.DOTALL,
)
_STEP = re.compile(
    r"""\b(?:sh|bat|powershell|pwsh)\s*+\(?+\s*+(?:(?:script|label|returnStdout|returnStatus)\s*+:\s*+(?:'[^'\n]*'\s*+,\s*+|true\s*+,\s*+)?){0,4}"""
    r"""(?:'''(?P<a>.*?)'''|\"\"\"(?P<b>.*?)\"\"\"|"(?P<c>(?:\\.|[^"\\\n])*)"|'(?P<d>(?:\\.|[^'\\\n])*)')""",
    re.DOTALL,
)
_IMAGE = re.compile(r"""\bdocker[.](?:build|image)\s*\(\s*["'](?P<name>[^"'\n]+)["']""")
_REGISTRY = re.compile(r"""\bdocker[.]withRegistry\s*\(\s*["'](?:https?://)?(?P<registry>[^"'\n/]*)""")
_PUSHED = re.compile(r"[.]push\s*\(")
_ASSIGNED = re.compile(
    r"""\b(?P<name>[A-Za-z_]\w*)\s*=\s*(?:"(?P<double>[^"\n]*)"|'(?P<single>[^'\n]*)'"""
    r"""|sh\s*\(?\s*(?:script\s*:\s*)?["'](?P<told>[^"'\n]*)["']"""
    r"""|(?:env[.])?GIT_COMMIT(?P<cut>[.](?:take|substring)\s*\(|\[\s*0\s*[.][.]))"""
)


def without_comments(text: str) -> str:
    """The text with its comments blanked, of the same length."""
    return _COMMENT.sub(lambda match: re.sub(r"[^\n]", " ", match[0]) if match["comment"] else match[0], text)


def shell_lines(text: str) -> Iterator[tuple[int, str]]:
    """What the steps `sh`, `bat` and `powershell` run, each with where it begins in the text."""
    for match in _STEP.finditer(without_comments(text)):
        found = next(each for each in "abcd" if match[each] is not None)
        yield match.start(found), match[found]


def pushed_images(text: str) -> Iterator[tuple[int, int, str]]:
    """The images that `docker.build(...)` names where something is pushed, with the registry that they go to."""
    code = without_comments(text)
    if not _PUSHED.search(code):
        return
    registry = _REGISTRY.search(code)
    for match in _IMAGE.finditer(code):
        named = match["name"]
        goes_to = registry["registry"] if registry else ""
        yield match.start("name"), match.end("name"), f"{goes_to}/{named}" if goes_to else named


def assigned(text: str) -> dict[str, str]:
    """The variables that it sets to a text of its own, or to what a command tells, which stands as `$(...)`."""
    found: dict[str, str] = {}
    for match in _ASSIGNED.finditer(without_comments(text)):
        plain = match["double"] if match["double"] is not None else match["single"]
        told = "$(git rev-parse --short HEAD)" if match["cut"] else f"$({match['told']})"
        found[match["name"]] = told if plain is None else plain
    return found
