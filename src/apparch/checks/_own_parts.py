"""The judges of OWN about what an App repo has to have: dependencies, tests, documents."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from fnmatch import fnmatchcase

from apparch.app.dependencies import declared, normalised, of_requirements
from apparch.app.identity import own_names
from apparch.app.languages import LANGUAGES
from apparch.app.repo import AppRepo
from apparch.app.routes import routes
from apparch.app.stages import released, shipped
from apparch.checks._shared import finding, inner, name
from apparch.finding import Answer
from apparch.repository import Place
from apparch.repository.roles import role
from apparch.repository.shell import Command, parse_commands

_INSTALLERS = frozenset(
    {
        "pip",
        "setuptools",
        "wheel",
        "uv",
        "poetry",
        "poetry-core",
        "pipenv",
        "pdm",
        "hatch",
        "hatchling",
        "build",
        "flit",
    }
    | {"virtualenv", "pip-tools", "setuptools-scm", "pipx", "poetry-plugin-export", "npm", "yarn", "pnpm", "corepack"}
    | {"node-gyp", "bun", "bundler", "rake", "conda", "maturin", "cython"}
)
_VALUED = frozenset(
    {
        "-tags",
        "-ldflags",
        "-r",
        "--requirement",
        "-c",
        "--constraint",
        "-e",
        "--editable",
        "-i",
        "--index-url",
        "--extra-index-url",
        "-f",
    }
    | {"--find-links", "-t", "--target", "--prefix", "--root", "--platform", "--python", "--no-binary", "--only-binary"}
    | {
        "--trusted-host",
        "--root-user-action",
        "--progress-bar",
        "--timeout",
        "--retries",
        "--registry",
        "--cache",
        "-v",
        "--version",
        "--src",
    }
    | {"--cache-dir", "--python-version", "--abi", "--implementation", "--upgrade-strategy", "-p", "--log", "--cert"}
)
_ADDERS: tuple[tuple[tuple[str, ...], frozenset[str]], ...] = (
    (("pip", "install"), frozenset()),
    (("uv", "add"), frozenset()),
    (("npm",), frozenset({"install", "i", "add"})),
    (("pnpm",), frozenset({"add", "install", "i"})),
    (("yarn",), frozenset({"add"})),
    (("gem",), frozenset({"install"})),
    (("go",), frozenset({"get", "install"})),
    (("composer",), frozenset({"require"})),
)
_TO_TRY = re.compile(r"(^|[-_.])(debug|dev|devel|development|tests?|testing|lint|ci|e2e|bench|coverage)([-_.]|$)", re.I)
"""A stage that is called so ends in no image that is released."""
_TEST_FILE = re.compile(
    r".*[.](py|go|js|jsx|mjs|cjs|ts|tsx|java|kt|scala|groovy|rb|rs|php|exs?|cs|fs|vb|erl|bats|robot|feature|sh|hurl|http|t|pl|lua)"
    r"|.*[.](c|cc|cpp|cxx|hpp|m|mm|swift|dart|hs|ml|clj|zig|nim|jl|ps1|jmx)"
)
_CASE = re.compile(r"^[ \t]*(?:def test|class \w+\(.*TestCase\))", re.MULTILINE)
"""How a test begins in Python."""
_DATA = frozenset({"testdata", "fixtures", "test-data", "test_data", "mocks", "__mocks__", "benchmarks", "benchmark"})
_IMPORT = re.compile(
    r"(?:\brequire\(\s*|\bfrom\s+|^[ \t]*import\s+)[\"'](?!node:)([@a-zA-Z][\w@/.-]*)[\"']", re.MULTILINE
)
_PYTHON_IMPORT = re.compile(r"^[ \t]*(?:import|from)[ \t]+([A-Za-z_]\w*)", re.MULTILINE)
_TAKEN_IN = {
    "ruby": re.compile(r"\brequire\b"),
    "php": re.compile(r"vendor/autoload|^use\s+[A-Z]\w*\\\w", re.MULTILINE),
    "go": re.compile(r"\"[\w-]+[.][\w.-]+/|^import \"C\"", re.MULTILINE),
    "java": re.compile(r"^import\s+(?:static\s+)?(?!java[x.]?|jdk|sun|scala|kotlin|groovy)\w", re.MULTILINE),
    "rust": re.compile(r"\bextern crate\b|^[ \t]*(?:pub )?use (?!std|core|alloc|crate|self|super)\w+::", re.MULTILINE),
    "elixir": re.compile(r"\b(?:use|import|alias) [A-Z]"),
    "dotnet": re.compile(r"^[ \t]*(?:using|open|Imports) (?!System\b)[A-Z]", re.MULTILINE),
}
"""What source says that takes something in of others, by language."""
_NODE = frozenset(
    str.split(
        "assert buffer child_process cluster console crypto dgram dns events fs http http2 https module net os path"
        " perf_hooks process punycode querystring readline stream string_decoder timers tls tty url util v8 vm"
        " worker_threads zlib k6"
    )
)
"""What Node brings along."""
_ARCHITECTURE = re.compile(r".*(architect|design|arc42|arch(?=[^a-z]|$)|aufbau|아키텍처|설계).*", re.IGNORECASE)
_API = re.compile(r".*(?:\bapi\b|api[-_.]|[-_.]api|openapi|swagger|endpoints?|interface).*", re.IGNORECASE)
_DOCUMENT = re.compile(r".*[.](md|mdx|rst|adoc|txt|html|ya?ml|json|puml|drawio|pdf|svg)", re.IGNORECASE)
_HEADING = re.compile(r"^#{1,3}\s.*\b(API|Endpoints?|Routes|REST)\b", re.MULTILINE | re.IGNORECASE)


def own004(app: AppRepo) -> Iterator[Answer]:
    """Every package is declared in the file of the language's own tool."""
    known = [each for each in LANGUAGES if each.name in app.languages]
    names = {name(path) for path in (*app.files, *app.root.files)}
    for language in known:
        if not any(fnmatchcase(each, pattern) for each in names for pattern in language.manifests):
            sources = [path for path in app.product if path.endswith(tuple(language.endings))]
            own = {part.partition(".")[0] for path in app.root.files for part in path.split("/")}
            if not any(_takes_packages(app, language.name, path, own) for path in sources):
                continue  # scripts of a page or of the project, which have nothing to declare
            first = sources[0]
            told = ", ".join(language.manifests[:2])
            yield finding("OWN004", Place(first), f"{told} 같은 선언이 없다", f"there is no declaration like {told}")
    listed = {normalised(each.name) for each in declared(app)} | set(_requirements(app))
    for _, stages in released(app):
        for each in (run for stage in shipped(stages) if not _TO_TRY.search(stage.name) for run in stage.all("RUN")):
            commands = parse_commands(each.argument)
            added = [
                word
                for command in commands
                for word in _added(command)
                if not _is_folder(app, word)
                and not ({_package(word), *_package(word).split("/")[1:]} & own_names(app) or _package(word) in listed)
            ]
            if added:
                told = ", ".join(added)
                yield finding(
                    "OWN004", each.place, f"선언 없이 설치한다: {told}", f"it installs what is not declared: {told}"
                )


def own005(app: AppRepo) -> Iterator[Answer]:
    """There are tests."""
    paths = (*app.root.files, *(inner(app, each) for each in app.files))
    if not app.languages or any(_is_test(path) for path in paths):
        return
    packages = (path for path in app.root.files if path.endswith("/__init__.py") and role(path) == "test")
    if any(_CASE.search(app.glance(path)) for path in packages):
        return
    if "rust" in app.languages and any(
        "#[cfg(test)]" in str(app.root.text(path)) for path in app.product if path.endswith(".rs")
    ):
        return
    yield finding("OWN005", app.absent("tests"), "테스트가 하나도 없다", "there is not one test")


def own007(app: AppRepo) -> Iterator[Answer]:
    """There is a README, an architecture document, and one about the API where there is one."""
    documents = [path for path in {*app.files, *app.root.files} if _DOCUMENT.fullmatch(path) and _is_document(path)]
    missing: list[str] = []
    readmes = [path for path in (*app.root.files, *app.files) if re.fullmatch(r"(?i)readme([.]\w+)*", name(path))]
    if not any(path.count("/") <= app.repository.prefix.count("/") for path in readmes):
        missing.append("README.md")
    if not any(_ARCHITECTURE.fullmatch(path) for path in documents):
        missing.append("docs/ARCHITECTURE.md")
    served = [
        each for each in routes(app) if not re.search(r"health|metrics|ready|live|ping|favicon|static", each.path)
    ]
    if (
        served
        and not any(_API.fullmatch(path) for path in documents)
        and not any(_HEADING.search(str(app.root.text(path))) for path in readmes)
    ):
        missing.append("docs/API.md")
    if missing:
        told = ", ".join(missing)
        yield finding("OWN007", app.absent(missing[0]), f"문서가 없다: {told}", f"documents are missing: {told}")


def _added(command: Command) -> Iterator[str]:
    """The packages that a command installs by name."""
    words = list(command.words)
    while words and (words[0] in ("python", "python3", "-m", "uv") or words[0].endswith(("/python", "/python3"))):
        words = words[1:] if words[:2] != ["uv", "add"] else [".uv", *words[1:]]
        if words and words[0] == ".uv":
            break
    if not words:
        return
    words[0] = re.sub(r"^(?:.*/)?(pip|npm|pnpm|yarn|gem|go|composer|uv)[0-9.]*$", r"\1", words[0]).replace(".uv", "uv")
    verbs = next(({*begin[1:], *more} for begin, more in _ADDERS if begin[0] == words[0]), set())
    at = next((at for at, word in enumerate(words) if word in verbs), 0)
    if not at or any(
        not word.startswith("-") for word in words[1:at] if word != "--python" and not word.startswith("/")
    ):
        return
    skipped = False
    if "--no-index" in words:
        return  # what is there already, where the requirements put it
    for word in words[at + 1 :]:
        if skipped or word.startswith(("-", ".", "/", "$", "git+", "http:", "https:", "file:")):
            skipped = not skipped and word in _VALUED
            continue
        is_file = word.endswith((".whl", ".tar.gz", ".txt", ".gem", ".tgz", "...")) or "$" in word or "*" in word
        if words[:2] == ["go", "install"] and not word.endswith("@latest"):
            continue  # a command of the app's own module, or a tool at a version that is written down
        if not is_file and _package(word) not in _INSTALLERS:
            yield word


def _is_folder(app: AppRepo, word: str) -> bool:
    """Whether what is installed lies in the repository."""
    return "/" in word and any(path.startswith(f"{word.strip('/')}/") for path in app.root.files)


def _requirements(app: AppRepo) -> Iterator[str]:
    """The names in the requirements files and in the setup script, which a dynamic project table takes them from."""
    for path in app.repository.files:
        if re.fullmatch(r"[\w.-]*requirements[\w.-]*[.](txt|in)", path):
            yield from (normalised(each.name) for each in of_requirements(app, path))
    for path in ("setup.py", "setup.cfg"):
        text = app.repository.text(path) if app.has(path) else ""
        yield from (normalised(each) for each in re.findall(r"[A-Za-z][\w.-]+", str(text)))


def _takes_packages(app: AppRepo, language: str, path: str, own: set[str]) -> bool:
    """Whether source takes something in from a package, not from the project or what the language brings along."""
    if language == "javascript":
        return any(match[1].partition("/")[0] not in _NODE for match in _IMPORT.finditer(app.glance(path)))
    if language == "python":
        taken = {match[1] for match in _PYTHON_IMPORT.finditer(app.glance(path))}
        return bool(taken - sys.stdlib_module_names - own) or name(path) == "__init__.py"
    if path.rpartition("/")[2].startswith("."):
        return False  # the settings of a tool
    return _TAKEN_IN[language].search(app.glance(path)) is not None


def _package(word: str) -> str:
    bare = re.split(r"[\[<>=~!;]", word)[0]
    return normalised(bare if bare.startswith("@") else bare.partition("@")[0])


def _is_test(path: str) -> bool:
    is_data = _DATA.intersection(path.split("/"))
    return (
        role(path) == "test" and not is_data and bool(_TEST_FILE.fullmatch(path)) and not path.endswith("__init__.py")
    )


def _is_document(path: str) -> bool:
    return role(path) == "docs" or "/" not in path or bool(re.search(r"(openapi|swagger)[^/]*$", path, re.IGNORECASE))
