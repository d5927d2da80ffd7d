"""The judges of the family DIR: where things stand in an App repo."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from itertools import chain
from pathlib import PurePosixPath

from apparch.app.dockerfiles import DOCKERFILE
from apparch.app.languages import LANGUAGES, Language
from apparch.app.repo import AppRepo
from apparch.app.variables import EXAMPLE, EXAMPLE_NAMES, SCHEMA, examples_of
from apparch.checks._dir_source import dir009, dir010, dir015, dir016, dir019
from apparch.checks._listening import dir004
from apparch.checks._own_deployed import own008, own009, own010, own011, own012, own017
from apparch.checks._shared import finding, inner, name
from apparch.checks._tests_alone import dir011
from apparch.finding import Answer, Edit
from apparch.repository import Place, Problem
from apparch.repository.roles import role

_MIGRATION = re.compile(
    r"(?P<folder>(?:.*/)?(?:[Mm]igrations?|migrate|versions|changelog|drizzle)(?:/[^/]+)*)/"
    r"(?:V[0-9][0-9._]*__\w+[.]sql|[0-9]{3,}\w*[-_][^/]*[.](?:sql|py|rb|js|ts|php|cs|exs|kt|java)|[0-9]{8,}[^/]*/migration[.]sql"
    r"|(?<=versions/)[0-9a-f]{12}_\w+[.]py|db[.]changelog[\w.-]*[.](?:ya?ml|xml|sql|json))"
)
_ALWAYS = (
    "README*",
    "AGENTS.md",
    "LICEN[CS]E*",
    "COPYING*",
    "COPYRIGHT",
    "COPYRIGHTS",
    "UNLICENSE*",
    "NOTICE*",
    "readme*",
    "Readme*",
    "ReadMe*",
    "license*",
    "License*",
    ".[!.]*",
)
_OF_A_PROJECT = ("Program.*", "Startup.*", "appsettings*.json", "*.cs", "*.fs")
_ENVIRONMENT = r"(?:pre-?)?prod(?:uction)?|stag(?:e|ing)|dev(?:elop(?:ment)?)?|live|uat|qa|local"
_SETTINGS = r"application|appsettings|bootstrap|config(?:uration)?|settings|conf|parameters|environment|app"
_DATA = r"[.](?:ya?ml|json5?|toml|ini|cfg|conf|properties|py|rb|js|ts|exs|xml|php)"
_WHOLE = re.compile(r"^[ \t]*(?:COPY|ADD)\b[^\n]*\s(?:[.]/)?docker/?\s", re.MULTILINE)
_COPIES = re.compile(r"^[ \t]*(?:COPY|ADD)\s+([^\n]+)", re.MULTILINE)
_BUILDS = re.compile(
    r"\b(docker|podman|nerdctl|buildah)\s+(\w+\s+)?(build|buildx|bake|bud)\b|^[ \t]*target\s+\"", re.MULTILINE
)
"""What a script or a plan says that builds images."""
_PER_ENVIRONMENT = re.compile(
    rf"(?:.*/)?(?:configs?|conf|settings|environments?|envs|resources)/(?:(?:{_SETTINGS})[-._])?(?:{_ENVIRONMENT}){_DATA}"
    rf"|(?:.*/)?(?:{_SETTINGS})[-._](?:{_ENVIRONMENT}){_DATA}",
    re.IGNORECASE,
)


def dir001(app: AppRepo) -> Iterator[Answer]:
    """The directories of the standard layout are there; that of the workflows is what WFL013 is about."""
    tops = {inner(app, path).partition("/")[0] for path in app.files if "/" in inner(app, path)}
    known = [each for each in LANGUAGES if each.name in app.languages]
    missing = ["docs"] if "docs" not in tops else []
    if known and not any(tops.intersection(each.sources) for each in known):
        missing.append(" or ".join(dict.fromkeys(source for each in known for source in each.sources)))
    has_tests = any(role(inner(app, path)) == "test" for path in app.files)
    if known and has_tests and not any(each.tests_beside for each in known) and not tops & {"tests", "spec"}:
        missing.append("tests")
    if missing:
        told = ", ".join(f"{each}/" for each in sorted(missing))
        first = min(missing).partition(" or ")[0]
        yield finding(
            "DIR001", app.absent(first), f"표준 디렉터리가 없다: {told}", f"standard directories are missing: {told}"
        )


def dir002(app: AppRepo) -> Iterator[Answer]:
    """The Dockerfile is docker/Dockerfile."""
    main = _main_dockerfile(app)
    if main and inner(app, main) != "docker/Dockerfile":
        yield finding("DIR002", Place(main), f"Dockerfile이 {main}에 있다", f"the Dockerfile is {main}")


def dir003(app: AppRepo) -> Iterator[Answer]:
    """docker/ holds nothing that the build has no use for."""
    told = {each.place.path for judge in (own008, own011, own012, own017) for each in judge(app)}
    files = [path for path in app.files if inner(app, path).startswith("docker/")]
    builders = (path for path in app.files if DOCKERFILE.fullmatch(name(path)))
    own = (path for path in files if path not in told)  # what a Compose file mounts is no part of the build
    naming = tuple(dict.fromkeys((*app.dockerfiles, *builders, *app.workflows, *own)))
    patterns = _copied_patterns(app) if files else ()
    for path in files:
        if path in told or name(path).startswith((".", "README")):
            continue
        is_builders = DOCKERFILE.fullmatch(name(path).removesuffix(".dockerignore")) or _is_for_builds(app, path)
        taken = any(fnmatchcase(inner(app, path), pattern) for pattern in patterns)
        if not is_builders and not taken and not _is_named(app, path, naming):
            yield finding("DIR003", Place(path), f"{path}를 빌드가 쓰지 않는다", f"the build does not use {path}")


def dir005(app: AppRepo) -> Iterator[Answer]:
    """The migrations are in migrations/."""
    seen: set[str] = set()
    for path in app.product:
        match = _MIGRATION.fullmatch(inner(app, path))
        if match and not match["folder"].startswith("migrations") and match["folder"] not in seen:
            seen.add(match["folder"])
            told = match["folder"]
            yield finding("DIR005", Place(path), f"마이그레이션이 {told}/에 있다", f"migrations are in {told}/")


def dir006(app: AppRepo) -> Iterator[Answer]:
    """The list of variables and its schema are in config/."""
    others = {
        EXAMPLE: examples_of(app),
        SCHEMA: [path for path in app.product if name(path) == "settings.schema.json"],
    }
    for wanted, found in others.items():
        if app.has(wanted):
            continue
        if found:
            yield finding(
                "DIR006", Place(found[0]), f"{wanted}가 아니라 {found[0]}에 있다", f"it is {found[0]}, not {wanted}"
            )
        else:
            yield finding("DIR006", app.absent(wanted), f"{wanted}가 없다", f"there is no {wanted}")


def dir012(app: AppRepo) -> Iterator[Answer]:
    """.dockerignore is where the builder reads it."""
    if app.has(".dockerignore") or app.root.has(".dockerignore") or not app.dockerfiles:
        return
    for path in app.files:
        if name(path) == ".dockerignore":
            moved = f"{app.repository.prefix}.dockerignore"
            yield finding(
                "DIR012", Place(path), f"{path}는 읽히지 않는다", f"{path} is not read", Edit(path, moves_to=moved)
            )
            return
    named = [f"{each}.dockerignore" for each in app.dockerfiles if app.root.has(f"{each}.dockerignore")]
    place = Place(named[0]) if named else app.absent(".dockerignore")
    yield finding("DIR012", place, "루트에 .dockerignore가 없다", "there is no .dockerignore in the root")


def dir013(app: AppRepo) -> Iterator[Answer]:
    """scripts/ holds dev/ alone."""
    for path in app.files:
        own = inner(app, path)
        if own.startswith("scripts/") and not own.startswith("scripts/dev/"):
            yield finding("DIR013", Place(path), f"{path}는 scripts/dev/에 없다", f"{path} is not in scripts/dev/")


def dir014(app: AppRepo) -> Iterator[Answer]:
    """There is one Dockerfile."""
    main = _main_dockerfile(app)
    for path in app.dockerfiles:
        if path != main:
            yield finding("DIR014", Place(path), f"{main} 말고 {path}도 있다", f"there is {path} beside {main}")


def dir017(app: AppRepo) -> Iterator[Answer]:
    """The root holds only what belongs there."""
    judged = (own008, own009, own010, own011, own012, own017, dir002, dir014, dir018)
    told = {each.place.path for each in chain.from_iterable(judge(app) for judge in judged)}
    known = [each for each in LANGUAGES if each.name in app.languages or _declares_parts(app, each)]
    of_known = (pattern for each in known for pattern in (*each.manifests, *each.locks, *each.root))
    allowed = (*_ALWAYS, *(_OF_A_PROJECT if _is_project_folder(app) else ()), *of_known)
    for path in app.files:
        own = inner(app, path)
        is_told = path in told or EXAMPLE_NAMES.fullmatch(own) or own == "settings.schema.json"
        if "/" not in own and not is_told and not any(fnmatchcase(own, pattern) for pattern in allowed):
            yield finding(
                "DIR017", Place(path), f"{own}은(는) 루트의 것이 아니다", f"{own} does not belong in the root"
            )


def _declares_parts(app: AppRepo, language: Language) -> bool:
    """Whether a language is declared for parts that lie deeper, or where no source tells another."""
    if language.name != "javascript" or not app.has("package.json"):
        return False
    return not app.languages or re.search(r"\"workspaces\"\s*:", app.glance(app.place("package.json").path)) is not None


def _is_project_folder(app: AppRepo) -> bool:
    """Whether the app's folder is that of one project of .NET, whose source begins beside its declaration."""
    return bool(app.directory) and any(each.endswith((".csproj", ".fsproj")) for each in app.repository.matching("/*"))


def dir018(app: AppRepo) -> Iterator[Answer]:
    """No configuration file is about one environment."""
    for path in app.product:
        of_a_tool = any(each.startswith(".") for each in path.split("/")[:-1])
        if _PER_ENVIRONMENT.fullmatch(inner(app, path)) and not of_a_tool and not _is_of_conda(app, path):
            yield finding(
                "DIR018", Place(path), f"{path}는 한 환경의 설정이다", f"{path} is the configuration of one environment"
            )


def _is_of_conda(app: AppRepo, path: str) -> bool:
    """Whether a file lists packages: conda calls what it installs an environment."""
    if not name(path).startswith("environment") or not path.endswith((".yaml", ".yml")):
        return False
    text = app.root.text(path)
    return isinstance(text, str) and re.search(r"^dependencies:", text, re.MULTILINE) is not None


def _is_for_builds(app: AppRepo, path: str) -> bool:
    """Whether a file is by its name and content there to build images."""
    return bool(re.search(r"build|bake|publish|[.]hcl$", name(path)) and _BUILDS.search(app.glance(path)))


def _copied_patterns(app: AppRepo) -> tuple[str, ...]:
    """What Dockerfiles take in by a pattern or by a name that a variable makes up."""
    texts = (app.glance(path) for path in app.files if DOCKERFILE.fullmatch(name(path)))
    words = (word for text in texts for line in _COPIES.findall(text) for word in line.split()[:-1])
    return tuple(re.sub(r"\$\{?\w+\}?", "*", word.removeprefix("./")) for word in words if re.search(r"[*?$\[]", word))


def _main_dockerfile(app: AppRepo) -> str:
    """The Dockerfile that the others stand beside: the standard one, else the plainest name in the topmost folder."""
    order = sorted(
        app.dockerfiles, key=lambda path: (path.count("/"), name(path) not in ("Dockerfile", "Containerfile"))
    )
    return next((path for path in order if inner(app, path) == "docker/Dockerfile"), order[0] if order else "")


def _is_named(app: AppRepo, path: str, naming: tuple[str, ...]) -> bool:
    """Whether a Dockerfile, a workflow or another file of docker/ names a file of docker/, its folder or its module."""
    stem = name(path).rpartition(".")[0]
    words = [(name(path), re.escape(name(path)))]
    parents = {each.as_posix() for each in PurePosixPath(inner(app, path)).parents} - {".", "docker"}
    words += [(each, rf"{re.escape(each)}(?![\w-])") for each in parents]
    words += [(stem, rf"\b{re.escape(stem)}\b")] if path.endswith((".py", ".js", ".mjs", ".rb")) else []
    for each in naming:
        text = app.root.text(each) if each != path else ""
        if isinstance(text, Problem):
            continue
        if each in app.dockerfiles and _WHOLE.search(text):
            return True
        if any(word in text and re.search(pattern, text) for word, pattern in words):
            return True
    return False


__all__ = ["dir004", "dir009", "dir010", "dir011", "dir015", "dir016", "dir019"]
