"""The environment variables that an app's source reads, and the files in which it lists them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from apparch.app.python_source import Module
from apparch.app.repo import AppRepo
from apparch.app.survey import File, answers, of_code, of_python
from apparch.repository import Place
from apparch.repository.roles import role

EXAMPLE = "config/.env.example"
SCHEMA = "config/settings.schema.json"
EXAMPLE_NAMES = re.compile(r"[.]env[.-](example|sample|template|dist)|env[.-](example|sample|template)|example[.]env")
"""What a list of an app's variables is called."""
_OF_THE_SYSTEM = re.compile(
    r"PATH|HOME|USER|USERNAME|LOGNAME|SHELL|PWD|LANG|LANGUAGE|LC_\w+|TZ|TERM|COLUMNS|LINES|TMPDIR|TEMP|TMP|HOSTNAME"
    r"|CI|GITHUB_\w+|RUNNER_\w+|KUBERNETES_\w+|PYTHON\w*|VIRTUAL_ENV|NODE_ENV|NODE_\w+|npm_\w+|XDG_\w+|NO_COLOR"
    r"|FORCE_COLOR|DISPLAY|EDITOR|GOPATH|GOMAXPROCS|JAVA_\w+|VITEST|JEST_WORKER_ID|RUST_LOG|RUST_BACKTRACE|APPDATA"
    r"|LOCALAPPDATA|PROGRAMFILES|SYSTEMROOT|WINDIR|PYTEST_\w+|INVOCATION_ID|NOTIFY_SOCKET|LISTEN_\w+"
    r"|VERCEL\w*|NETLIFY\w*|RENDER\w*|DYNO|HEROKU_\w+|FLY_\w+|RAILWAY_\w+|AWS_LAMBDA_\w+|AWS_EXECUTION_ENV|K_SERVICE"
    r"|K_REVISION|NEXT_RUNTIME|NEXT_PHASE|DOTNET_\w+|ASPNETCORE_\w+|WEBSITE_\w+|CODESPACES?|GITPOD_\w+|PAGER|BROWSER|VISUAL|WATCHDOG_USEC|container|PUBLIC_URL|MESOS_\w+|VCAP_\w+|GOKRAZY_\w+"
    r"|ALLUSERSPROFILE|PROGRAMDATA|USERPROFILE|HOMEDRIVE|HOMEPATH|COMSPEC|OS|PROCESSOR_\w+|SOURCE_DATE_EPOCH|\w+_EMULATOR_HOST"
    r"|IS_DOCKER|DOCKER_\w+|SSH_\w+|WSL_\w+|SUDO_\w+|GODEBUG|__\w+|\w+_"
    r"|(?i:https?_proxy|no_proxy|all_proxy)|DJANGO_SETTINGS_MODULE"
    r"|SERVER_(NAME|ADDR|SOFTWARE|PROTOCOL)|REMOTE_(ADDR|HOST|USER|PORT)|REQUEST_(URI|METHOD|TIME\w*|SCHEME)|QUERY_STRING"
    r"|SCRIPT_(NAME|FILENAME)|DOCUMENT_ROOT|PATH_INFO|LOCAL_ADDR|PHP_\w+|GATEWAY_INTERFACE|CONTENT_(TYPE|LENGTH)"
    r"|HTTP_(HOST|USER_AGENT|REFERER|COOKIE|ACCEPT\w*|X_\w+)"
    r"|GO(PACKAGE|FILE|LINE|OS|ARCH|ROOT|CACHE|PROXY|FLAGS|BIN|MOD|ENV)|CARGO_\w+|RUSTC\w*|OUT_DIR|DOCS_RS"
    r"|READTHEDOCS\w*|TOX_\w+|COVERAGE_\w+|CONDA_\w+"
)
"""Variables that the system, a builder, a runtime or a platform sets."""
_BESIDE = re.compile(
    r"(scripts?|tools?|hack|bin|ci|build)/.*|(.*/)?build[.]rs|.*-[^/]*[.]py|(hatch_build|setup|noxfile|tasks|fabfile|conftest)[.]py"
)
"""Where stands what people, CI and other images run, whose variables are not the app's; no module has a dash."""
_READ = re.compile(
    r"""(?:(?:process|Bun)[.]env[.](?P<js>[A-Za-z_]\w*)"""
    r"""|(?:process[.]env\[|os[.](?:Getenv|LookupEnv)\(|System[.]getenv\(|System[.]getenv\(\)\[|\bENV(?:[.]fetch\(|\[)"""
    r"""|env::var(?:_os)?\(|\bgetenv\(|GetEnvironmentVariable\(|System[.](?:get_env|fetch_env!?)\(|\$_ENV\["""
    r"""|Deno[.]env[.]get\(|\bsys[.]env(?:[.]get)?\(|[Bb]indEnv\(\s*"[^"\n]*"\s*,)\s*["'](?P<name>[A-Za-z_]\w*)["']"""
    r"""|\b(?!(?:un)?set|put|is|has|del|with|Set|Unset|Put|Is|Has|Del|With)\w{0,30}(?:[eE]nv|ENV)(?:[A-Z]\w{0,30})?\("""
    r"""\s*["'](?P<own>[A-Z][A-Z0-9]*_[A-Z0-9_]+|PORT|HOST)["']\s*[,)]"""
    r"""|\benv(?:config)?:"(?P<tag>[A-Z][A-Z0-9_]+)[",])"""
)
"""How the languages and their commonest helpers, called like `getEnv("NAME", "default")`, read a variable."""
_TAKEN_APART = re.compile(r"[{](?P<names>[^{}]*)[}]\s*=\s*process[.]env\b(?![.\[])")
"""`const { PORT, DATABASE_URL: url } = process.env`."""
_TAKEN = re.compile(r"(?:^|,)\s*(?P<name>[A-Za-z_]\w*)\s*(?=[,:=]|$)")


@dataclass(frozen=True)
class Read:
    """One place at which the source reads a variable."""

    name: str
    place: Place


def examples_of(app: AppRepo) -> list[str]:
    """The files that list the variables, the standard one first; those of tests and examples are none."""
    cut = len(app.repository.prefix)
    named = [path for path in app.files if EXAMPLE_NAMES.fullmatch(path.rpartition("/")[2])]
    own = [path for path in named if role(path[cut:]) in ("product", "docs")]
    if not own and app.directory:  # a list at the root of the repository is that of the app in it
        top = (path for path in app.root.files if path.count("/") == path.startswith("config/"))
        return sorted((path for path in top if EXAMPLE_NAMES.fullmatch(path.rpartition("/")[2])), key=len)
    return sorted(own, key=lambda path: (path[cut:] != EXAMPLE, path.count("/"), path))


def reads(app: AppRepo) -> list[Read]:
    """The first read of each variable whose name the source tells, without those of the system."""
    found: dict[str, Read] = {}
    cut, others = len(app.repository.prefix), tuple(_of_other_images(app))
    for each in _all(app):
        path = each.place.path
        if (
            not _OF_THE_SYSTEM.fullmatch(each.name)
            and not _BESIDE.fullmatch(path[cut:])
            and not path.startswith(others)
        ):
            found.setdefault(each.name, each)
    return list(found.values())


def _of_other_images(app: AppRepo) -> Iterator[str]:
    """The folders that have a Dockerfile of their own below that of the app: what is in them runs elsewhere."""
    folders = sorted(
        {path.rpartition("/")[0] for path in app.dockerfiles}, key=lambda each: each.count("/") + bool(each)
    )
    top = folders[0].rpartition("/")[0] if folders and folders[0].endswith("docker") else "".join(folders[:1])
    for each in folders[1:]:
        if each.startswith(f"{top}/" if top else "") and not each.endswith("docker"):
            yield f"{each}/"


def _all(app: AppRepo) -> Iterator[Read]:
    yield from answers(app, _of_python)
    yield from answers(app, _of_others)


@of_code(
    *(b"process.env", b"etenv(", b"LookupEnv", b"ENV", b"env::var", b"GetEnvironmentVariable", b"get_env"),
    b"fetch_env",
    *(re.compile(rb"(?:Bun|Deno|sys)[.]env"), re.compile(rb"[eE]nv(?:[A-Z]\w*)?\("), re.compile(rb"env(?:config)?:\"")),
)
def _of_others(file: File) -> Iterator[Read]:
    for match in _READ.finditer(file.code):
        yield Read(match["js"] or match["name"] or match["own"] or match["tag"], file.spot(match.start(), match.end()))
    for match in _TAKEN_APART.finditer(file.code):
        for each in _TAKEN.finditer(match["names"]):
            begin = match.start("names") + each.start("name")
            yield Read(each["name"], file.spot(begin, begin + len(each["name"])))


@of_python(b"environ", b"getenv", b"decouple", b"BaseSettings")
def _of_python(module: Module) -> Iterator[Read]:
    found: tuple[ast.expr | ast.ClassDef, ...]
    found = (*module.of(ast.Subscript), *module.of(ast.Call), *module.of(ast.ClassDef))
    for node in sorted(found, key=lambda node: (node.lineno, node.col_offset)):
        key: ast.expr | None = None
        match node:
            case ast.Subscript(value=value, slice=key_, ctx=ast.Load()) if module.meant(value) == "os.environ":
                key = key_
            case ast.Call(func=function, args=[first, *_]) if module.meant(function) in (
                "os.getenv",
                "os.environ.get",
                "os.environ.pop",
                "decouple.config",
            ):
                key = first
            case ast.ClassDef() if _is_settings(module, node):
                yield from _fields(module, node)
        if key is not None and (text := module.text(key)):
            yield Read(text, module.place(node))


def _is_settings(module: Module, node: ast.ClassDef) -> bool:
    meant = (module.meant(base) for base in node.bases)
    return any(each in ("pydantic_settings.BaseSettings", "pydantic.BaseSettings") for each in meant)


def _fields(module: Module, node: ast.ClassDef) -> Iterator[Read]:
    prefix = _prefix(module, node)
    for statement in node.body:
        match statement:
            case ast.AnnAssign(target=ast.Name(id=field), value=value) if field != "model_config" and field[:1] != "_":
                alias = _alias(module, value)
                if alias != "?":
                    yield Read(alias or f"{prefix}{field}".upper(), module.place(statement.target))


def _prefix(module: Module, node: ast.ClassDef) -> str:
    for each in ast.walk(node):
        match each:
            case ast.keyword(arg="env_prefix", value=value):
                return module.text(value) or ""
            case ast.Assign(targets=[ast.Name(id="env_prefix")], value=value):
                return module.text(value) or ""
            case ast.Dict(keys=keys, values=values):
                for key, value in zip(keys, values, strict=True):
                    if key is not None and module.text(key) == "env_prefix":
                        return module.text(value) or ""
    return ""


def _alias(module: Module, value: ast.expr | None) -> str:
    """The name that a field is read by, where it has another; `?` where it is told otherwise than by a text."""
    if not isinstance(value, ast.Call):
        return ""
    for each in value.keywords:
        if each.arg in ("validation_alias", "alias", "env"):
            return module.text(each.value) or "?"
        if each.arg in ("exclude", "default_factory") and each.arg == "exclude":
            return "?"
    return ""
